import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  listPhotos,
  loadMask,
  loadPhoto,
  loadPhotos,
} from '../../../src-main/engine/images/photos.ts';
import { encodePng } from '../../../src-main/engine/images/png.ts';
import type { Raster } from '../../../src-main/engine/images/raster.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photos-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Left half red, right half blue, 24 x 12. */
function redAndBlue() {
  const half = { width: 12, height: 12, channels: 3 as const };
  const blue = { create: { ...half, background: '#0000ff' } };
  return sharp({ create: { ...half, width: 24, background: '#ff0000' } }).composite([
    { input: blue, left: 12, top: 0 },
  ]);
}

function pixelAt({ data, width, channels }: Raster, x: number, y: number): number[] {
  const start = (y * width + x) * channels;
  return [...data.subarray(start, start + channels)];
}

function expectColour(actual: number[], expected: number[]): void {
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i] - value)).toBeLessThan(6);
}

describe('loadPhoto', () => {
  it.each(['png', 'jpeg', 'webp', 'avif', 'tiff'] as const)('reads %s', async (format) => {
    const file = join(folder, `photo.${format}`);
    await redAndBlue().toFormat(format, { quality: 95 }).toFile(file);
    const photo = await loadPhoto(file);
    expect(photo).toMatchObject({ width: 24, height: 12, channels: 3 });
    expectColour(pixelAt(photo, 3, 6), [255, 0, 0]);
    expectColour(pixelAt(photo, 20, 6), [0, 0, 255]);
  });

  it('turns a photo as its EXIF data say', async () => {
    const file = join(folder, 'turned.jpg');
    await redAndBlue().jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toFile(file);
    const photo = await loadPhoto(file);
    expect(photo).toMatchObject({ width: 12, height: 24 });
    // A quarter turn clockwise: what was left is on top.
    expectColour(pixelAt(photo, 6, 3), [255, 0, 0]);
    expectColour(pixelAt(photo, 6, 20), [0, 0, 255]);
  });

  it('puts transparent parts on white', async () => {
    const file = join(folder, 'alpha.png');
    const background = { r: 0, g: 0, b: 0, alpha: 0.5 };
    await sharp({ create: { width: 4, height: 4, channels: 4, background } })
      .png()
      .toFile(file);
    expectColour(pixelAt(await loadPhoto(file), 1, 1), [127, 127, 127]);
  });

  it('reads grey and 16-bit pictures as colours of 8 bits', async () => {
    const grey = join(folder, 'grey.png');
    const values = Uint16Array.from({ length: 16 }, () => 0x8080);
    const raw = { width: 4, height: 4, channels: 1 as const };
    await sharp(values, { raw }).toColourspace('grey16').png().toFile(grey);
    const photo = await loadPhoto(grey);
    expect(photo.channels).toBe(3);
    expectColour(pixelAt(photo, 2, 2), [128, 128, 128]);
  });

  it('names a file that is damaged, of another kind, or missing', async () => {
    const damaged = join(folder, 'damaged.jpg');
    const whole = await redAndBlue().resize(400, 400).jpeg().toBuffer();
    await writeFile(damaged, whole.subarray(0, whole.length / 2));
    await expect(loadPhoto(damaged)).rejects.toThrow(/damaged.jpg: not readable as a photo/);
    const text = join(folder, 'text.png');
    await writeFile(text, 'not a picture');
    await expect(loadPhoto(text)).rejects.toThrow(/text.png: .*expected JPEG, PNG, WebP/);
    const drawing = join(folder, 'drawing.png');
    await writeFile(drawing, '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await expect(loadPhoto(drawing)).rejects.toThrow(/drawing.png: .*it is a svg file/);
    await expect(loadPhoto(join(folder, 'none.jpg'))).rejects.toMatchObject({ name: 'InputError' });
  });

  it('advises what to do with the photos of a phone', async () => {
    const file = join(folder, 'phone.heic');
    await writeFile(file, Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
    await expect(loadPhoto(file)).rejects.toThrow(/phone.heic: .*export it as JPEG/);
  });

  it('refuses a picture of too many pixels before it decodes it', async () => {
    const file = join(folder, 'bomb.png');
    // The header of a PNG of 60,000 x 60,000 pixels.
    const small = await redAndBlue().png().toBuffer();
    small.writeUInt32BE(60_000, 16);
    small.writeUInt32BE(60_000, 20);
    small.writeUInt32BE(crc32(small.subarray(12, 29)), 29);
    await writeFile(file, small);
    await expect(loadPhoto(file)).rejects.toThrow(/bomb.png: .*at most 100 million pixels/);
  });
});

describe('loadMask', () => {
  it('reads brightness, transparent parts as black', async () => {
    const file = join(folder, 'mask.png');
    const background = { r: 255, g: 255, b: 255, alpha: 0 };
    const white = { create: { width: 4, height: 8, channels: 3 as const, background: '#ffffff' } };
    await sharp({ create: { width: 8, height: 8, channels: 4, background } })
      .composite([{ input: white, left: 0, top: 0 }])
      .png()
      .toFile(file);
    const mask = await loadMask(file);
    expect(mask).toMatchObject({ width: 8, height: 8, channels: 1 });
    expect([pixelAt(mask, 1, 1), pixelAt(mask, 6, 6)]).toEqual([[255], [0]]);
  });
});

describe('listPhotos and loadPhotos', () => {
  it('finds photos by name and leaves out the rest', async () => {
    const photos = join(folder, 'many');
    await mkdir(join(photos, 'inner.png'), { recursive: true });
    for (const name of ['b.PNG', 'a.png', 'c.jpg', '._c.jpg', 'notes.txt']) {
      await redAndBlue().png().toFile(join(photos, 'made.png'));
      await writeFile(join(photos, name), await readFile(join(photos, 'made.png')));
    }
    await rm(join(photos, 'made.png'));
    const files = await listPhotos(photos);
    expect(files.map((file) => basename(file))).toEqual(['a.png', 'b.PNG', 'c.jpg']);
    const loaded = await loadPhotos(files, ({ width }) => width);
    expect(loaded.photos.map(({ image }) => image)).toEqual([24, 24, 24]);
    expect(loaded.skipped).toEqual([]);
  });

  it('says when there is nothing to load', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await expect(listPhotos(empty)).rejects.toThrow(
      /empty: no photos in it; expected at least one/,
    );
    await expect(listPhotos(join(folder, 'absent'))).rejects.toThrow(/absent: not found/);
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(listPhotos(file)).rejects.toThrow(/file: not a folder/);
  });

  it('names every unreadable photo, and leaves them out only when told to', async () => {
    const good = join(folder, 'good.png');
    await redAndBlue().png().toFile(good);
    const bad = ['bad1.jpg', 'bad2.jpg'].map((name) => join(folder, name));
    for (const file of bad) await writeFile(file, 'bad');
    const files = [bad[0], good, bad[1]];
    const size = ({ width, height }: Raster) => [width, height];
    const loading = loadPhotos(files, size);
    await expect(loading).rejects.toThrow(/bad1.jpg.*\n.*bad2.jpg.*\n.*--skip-unreadable/);
    const loaded = await loadPhotos(files, size, { skipUnreadable: true });
    expect(loaded.photos).toEqual([{ file: good, image: [24, 12] }]);
    expect(loaded.skipped).toHaveLength(2);
    await expect(loadPhotos(bad, size, { skipUnreadable: true })).rejects.toThrow(
      /No photo is left/,
    );
  });
});

describe('encodePng', () => {
  it('keeps every pixel', async () => {
    const data = Uint8Array.from({ length: 3 * 5 * 4 }, (_, i) => (i * 37) % 256);
    const raster: Raster = { width: 5, height: 4, channels: 3, data };
    const file = join(folder, 'encoded.png');
    await writeFile(file, await encodePng(raster));
    const { data: decoded, ...rest } = await loadPhoto(file);
    expect({ ...rest, data: Uint8Array.from(decoded) }).toEqual(raster);
  });
});
