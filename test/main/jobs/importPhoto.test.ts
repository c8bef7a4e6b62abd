import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importPhoto, importPhotoFile } from '../../../src-main/jobs/importPhoto.ts';
import { type Library, openLibrary } from '../../../src-main/library/library.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { studioApi } from '../../../src-shared/studioApi.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const { path } = temporaryFolder();
let library: Library;

beforeAll(() => {
  library = openLibrary(path('library'));
});
afterAll(() => library.close());

/** A red disc to the right on a dull ground. */
function scene(width = 240, height = 120) {
  const disc = `<circle cx="${width - 50}" cy="${height / 2}" r="40" fill="#e01020"/>`;
  const ground = `<rect width="100%" height="100%" fill="#808884"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${ground}${disc}</svg>`;
  return sharp(Buffer.from(svg)).flatten();
}

async function upload(bytes: Uint8Array, name: string) {
  return importPhoto(library.blobs, await library.blobs.put(bytes), name);
}

describe('a photo becomes upright, in sRGB, with a thumbnail', () => {
  test.each([
    ['photo.jpg', () => scene().jpeg(), 'jpeg'],
    ['photo.png', () => scene().png(), 'png'],
    ['photo.webp', () => scene().webp(), 'jpeg'],
    ['photo.avif', () => scene().avif(), 'jpeg'],
    ['renamed.jpg', () => scene().png(), 'png'],
    ['deep.png', () => scene().toColourspace('rgb16').png(), 'png'],
    ['press.jpg', () => scene().toColourspace('cmyk').jpeg(), 'jpeg'],
    ['gray.jpg', () => scene().grayscale().jpeg(), 'jpeg'],
    ['see-through.png', () => scene().ensureAlpha(0.5).png(), 'png'],
  ])('%s', async (name, draw, format) => {
    const { photo, suggestedCrop } = await upload(await draw().toBuffer(), name);
    expect(photo).toMatchObject({ name, width: 240, height: 120 });
    const { output } = studioApi.importPhoto;
    expect(output.parse({ photo, suggestedCrop })).toEqual({ photo, suggestedCrop });
    const metadata = await sharp(library.blobs.path(photo.blob)).metadata();
    expect(metadata).toMatchObject({ format, width: 240, height: 120, depth: 'uchar' });
    expect(metadata.space).toMatch(/^(srgb|b-w)$/);
    expect(metadata.orientation).toBeUndefined();
    const thumbnail = await sharp(library.blobs.path(photo.thumbnail)).metadata();
    expect(thumbnail).toMatchObject({ format: 'webp', width: 240, height: 120 });
  });
});

test('a turned photo of a phone stands upright', async () => {
  const turned = await scene().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const { photo, suggestedCrop } = await upload(turned, 'phone.jpg');
  expect(photo).toMatchObject({ width: 120, height: 240 });
  // the disc was at the right and is now at the bottom
  expect(suggestedCrop).toMatchObject({ left: 0, side: 120 });
  expect(suggestedCrop.top).toBeGreaterThan(60);
});

test('colours of print stay what they are', async () => {
  const press = await scene().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  const { photo } = await upload(press, 'press.jpg');
  const { data, info } = await sharp(library.blobs.path(photo.blob))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [red, green, blue] = data.subarray((60 * info.width + 190) * 3);
  expect(red).toBeGreaterThan(180);
  expect(Math.max(green, blue)).toBeLessThan(80);
});

test('of a moving picture the first frame is taken', async () => {
  const frame = (fill: string) =>
    sharp({ create: { width: 64, height: 64, channels: 3, background: fill } })
      .png()
      .toBuffer();
  const frames = await Promise.all([frame('#ff0000'), frame('#0000ff')]);
  for (const format of ['gif', 'webp'] as const) {
    const moving = await sharp(frames, { join: { animated: true } })
      .toFormat(format, format === 'webp' ? { lossless: true } : {})
      .toBuffer();
    expect((await sharp(moving).metadata()).pages).toBe(2);
    const { photo } = await upload(moving, `moving.${format}`);
    expect(photo).toMatchObject({ width: 64, height: 64 });
    const { dominant } = await sharp(library.blobs.path(photo.blob)).stats();
    expect(dominant.r).toBeGreaterThan(200);
    expect(dominant.b).toBeLessThan(60);
  }
});

test('the suggested square lies where there is something to see', async () => {
  const right = await upload(await scene(400, 100).png().toBuffer(), 'right.png');
  expect(right.suggestedCrop.left).toBeGreaterThan(200);
  const left = await upload(await scene(400, 100).flop().png().toBuffer(), 'left.png');
  expect(left.suggestedCrop.left).toBeLessThan(100);
  const square = await upload(await scene(100, 100).png().toBuffer(), 'square.png');
  expect(square.suggestedCrop).toEqual({ left: 0, top: 0, side: 100 });
});

test('a photo that comes with the program is imported from its path, the same every time', async () => {
  const sample = 'assets/samples/minka/minka-1.png';
  const first = await importPhotoFile(library.blobs, sample);
  expect(await importPhotoFile(library.blobs, sample)).toEqual(first);
  expect(first.photo.name).toBe('minka-1.png');
  const bytes = readFileSync(library.blobs.path(first.photo.blob));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(first.photo.blob);
});

/** A PNG that claims a size, with hardly any content. */
function claimingPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const content = chunk('IDAT', deflateSync(Buffer.alloc(1000)));
  return Buffer.concat([signature, chunk('IHDR', header), content, chunk('IEND', Buffer.alloc(0))]);
}

async function truncated(format: 'jpeg' | 'png' | 'webp' | 'avif') {
  const file = path(`truncated.${format}`);
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const create = { width: 300, height: 300, channels: 3 as const, background: '#000', noise };
  await sharp({ create }).toFormat(format).toFile(file);
  truncateSync(file, Math.floor(readFileSync(file).length * 0.6));
  return readFileSync(file);
}

describe('refused with name and reason', () => {
  test.each<[string, () => Promise<Uint8Array> | Uint8Array, RegExp]>([
    ['empty.jpg', () => Buffer.alloc(0), /^empty\.jpg is empty \(0 bytes\)/],
    [
      'letter.jpg',
      () => Buffer.from('Dear reader, this is no picture.'),
      /^letter\.jpg is no photo/,
    ],
    ['archive.png', () => Buffer.from('PK\u0003\u0004 and so on'), /^archive\.png is no photo/],
    [
      'drawing.jpg',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>'),
      /^drawing\.jpg is no photo but svg/,
    ],
    [
      'wall.png',
      () => claimingPng(30_000, 30_000),
      /^wall\.png is too large \(30,000 x 30,000 pixels\): expected at most 100 million/,
    ],
    ['dot.png', () => scene(8, 8).png().toBuffer(), /^dot\.png is too small \(8 x 8 pixels\)/],
    ['cut.jpg', () => truncated('jpeg'), /^cut\.jpg is damaged or incomplete/],
    ['cut.png', () => truncated('png'), /^cut\.png is damaged or incomplete/],
    ['cut.webp', () => truncated('webp'), /^cut\.webp is damaged or incomplete/],
    ['cut.avif', () => truncated('avif'), /^cut\.avif is (damaged or incomplete|no photo)/],
    [
      'phone.heic',
      () => Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(400)]),
      /^phone\.heic is a HEIC photo .* export it as JPEG/,
    ],
  ])('%s', async (name, make, message) => {
    const bytes = await make();
    writeFileSync(path('upload'), bytes);
    const before = library.blobs.total();
    const { blobs } = library;
    const refused = importPhoto(
      { ...blobs, path: () => path('upload') },
      await hashOf(bytes),
      name,
    );
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(message);
    expect(library.blobs.total()).toEqual(before);
  });
});

/** Of a file that the library need not have. */
async function hashOf(bytes: Uint8Array) {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return studioApi.importPhoto.input.shape.blob.parse(hash);
}
