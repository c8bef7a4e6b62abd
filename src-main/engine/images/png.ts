import sharp from 'sharp';
import type { Raster } from './raster.ts';

/** The bytes of a PNG file, without loss. */
export async function encodePng({ width, height, channels, data }: Raster): Promise<Buffer> {
  if (channels !== 1 && channels !== 3) throw new Error(`internal: a PNG of ${channels} channels`);
  return sharp(data, { raw: { width, height, channels } }).png().toBuffer();
}
