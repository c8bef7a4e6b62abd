import { open } from 'node:fs/promises';

/** What holds for photos wherever they are taken in: from a folder by the engine, from a window by the library. */

/** Larger pictures are refused before they are decoded: 300 MB once decoded. */
export const maximumPixels = 100_000_000;

/** The brands of HEIF files whose pictures are coded as HEVC, which patents keep out of free libraries. */
const hevcBrands: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'mif1']);

/** Whether a file is a HEIC photo, as phones take them; false for one that cannot be opened. */
export async function isHevc(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0);
    const brand = buffer.toString('latin1', 8, 12);
    return buffer.toString('latin1', 4, 8) === 'ftyp' && hevcBrands.has(brand);
  } finally {
    await file.close();
  }
}
