import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import type { JSHandle, Page } from 'playwright-core';
import sharp from 'sharp';

const samples = resolve(import.meta.dirname, '../../assets/samples/pip');

/** A file as a file dialog, the clipboard or a drag brings it. */
export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export const file = (name: string, buffer: Buffer, mimeType = 'image/png'): GivenFile => ({
  ...{ name, buffer, mimeType },
});

/** Photos of the sample, under other names. */
export async function goodPhotos(...numbers: readonly number[]): Promise<GivenFile[]> {
  return Promise.all(
    numbers.map(async (number) =>
      file(`mine-${number}.png`, await readFile(join(samples, `pip-${number}.png`))),
    ),
  );
}

/** Photos that are unlike most, and are photos all the same: of several frames, for printing, under a wrong name. */
export async function oddPhotos(): Promise<GivenFile[]> {
  const [first, second] = ['#a50', '#05a'].map((background) =>
    sharp({ create: { width: 96, height: 80, channels: 3, background } }).png(),
  );
  const frames = await Promise.all([first.toBuffer(), second.toBuffer()]);
  const moving = sharp(frames, { join: { animated: true } }).gif({ delay: [100, 100] });
  const print = first.clone().toColourspace('cmyk').jpeg();
  return [
    file('dance.gif', await moving.toBuffer(), 'image/gif'),
    file('print.jpg', await print.toBuffer(), 'image/jpeg'),
    file('renamed.png', await second.clone().blur(2).webp().toBuffer()),
  ];
}

/** What people have on their disks. Every name must come back with a reason. */
export async function badFiles(): Promise<GivenFile[]> {
  const photo = await sharp({
    create: { width: 640, height: 480, channels: 3, background: '#a50' },
  })
    .jpeg()
    .toBuffer();
  return [
    file('nothing.jpg', Buffer.alloc(0), 'image/jpeg'),
    file('broken.jpg', photo.subarray(0, 700), 'image/jpeg'),
    file('letter.png', Buffer.from('Dear Sir or Madam')),
    file('page.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
    file('poster.png', claimSize(await sharp(photo).png().toBuffer(), 30_000)),
  ];
}

/** A PNG whose header promises a square of that many pixels: refused by what it says, before it is decoded. */
function claimSize(png: Buffer, side: number): Buffer {
  const claimed = Buffer.from(png);
  claimed.writeUInt32BE(side, 16);
  claimed.writeUInt32BE(side, 20);
  claimed.writeUInt32BE(crc32(claimed.subarray(12, 29)), 29);
  return claimed;
}

/** Drags files over the window and lets them go. */
export async function dropFiles(page: Page, files: readonly GivenFile[]): Promise<void> {
  const screen = page.locator('#screen');
  const dataTransfer = await transferOf(page, files);
  await screen.dispatchEvent('dragover', { dataTransfer });
  await page.getByText('Drop photos to begin a concept').waitFor();
  await screen.dispatchEvent('drop', { dataTransfer });
}

/** Lets files go over the concepts of the library. */
export async function dropOnLibrary(page: Page, files: readonly GivenFile[]): Promise<void> {
  const dataTransfer = await transferOf(page, files);
  const grid = page.getByRole('grid', { name: 'Concepts' });
  for (const type of ['dragover', 'drop']) await grid.dispatchEvent(type, { dataTransfer });
}

export async function pasteFiles(page: Page, files: readonly GivenFile[]): Promise<void> {
  const transfer = await transferOf(page, files);
  await transfer.evaluate((clipboardData) =>
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true })),
  );
}

function transferOf(page: Page, files: readonly GivenFile[]): Promise<JSHandle<DataTransfer>> {
  const given = files.map(({ name, mimeType, buffer }) => ({
    ...{ name, mimeType, text: buffer.toString('base64') },
  }));
  return page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const { name, mimeType, text } of given) {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type: mimeType }));
    }
    return transfer;
  }, given);
}
