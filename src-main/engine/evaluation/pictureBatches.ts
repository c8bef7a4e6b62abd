import { coverRaster } from '../images/prepareImage.ts';
import type { Raster } from '../images/raster.ts';
import type { ImagePreprocessing } from '../models/clipConfig.ts';

/**
 * Pictures of any size as a network takes them: the shorter side resized as Pillow does, the middle cut out,
 * (value - mean) / deviation.
 *
 * @returns [pictures, 3, imageSize, imageSize]
 */
export function toNetworkPixels(
  pictures: readonly Raster[],
  preprocessing: ImagePreprocessing,
): Float32Array {
  const { imageSize } = preprocessing;
  const length = 3 * imageSize ** 2;
  const pixels = new Float32Array(pictures.length * length);
  for (const [index, picture] of pictures.entries()) {
    if (picture.channels !== 3) {
      throw new Error(`evaluation: a picture of ${picture.channels} channels, expected 3`);
    }
    const resized = coverRaster(picture, imageSize, imageSize, 'bicubic');
    pixels.set(normalize(resized, preprocessing), index * length);
  }
  return pixels;
}

/** [height, width, 3] in 0 to 255 -> [3, height, width] */
function normalize({ data }: Raster, { mean, deviation }: ImagePreprocessing): Float32Array {
  const area = data.length / 3;
  return Float32Array.from({ length: data.length }, (_, i) => {
    const channel = Math.floor(i / area);
    return (data[(i % area) * 3 + channel] / 255 - mean[channel]) / deviation[channel];
  });
}

/**
 * Runs a network of a fixed batch over any number of entries. The last batch is filled up with its first entry.
 *
 * @param run gets exactly `size` entries and gives one result for each
 */
export async function inBatches<T, R>(
  entries: readonly T[],
  size: number,
  run: (batch: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < entries.length; start += size) {
    const given = entries.slice(start, start + size);
    const batch = Array.from({ length: size }, (_, i) => given[i] ?? given[0]);
    results.push(...(await run(batch)).slice(0, given.length));
  }
  return results;
}
