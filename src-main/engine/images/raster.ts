/** A picture in memory: rows from the top, channels of a pixel side by side, 0 to 255. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** 3 for red, green, blue; 1 for a mask. */
  readonly channels: number;
  /** [height, width, channels] */
  readonly data: Uint8Array;
}

/** The pixels from (left, top) on. */
export function cropRaster(
  raster: Raster,
  left: number,
  top: number,
  width: number,
  height: number,
): Raster {
  const { channels } = raster;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * raster.width + left) * channels;
    data.set(raster.data.subarray(start, start + width * channels), y * width * channels);
  }
  return { width, height, channels, data };
}

/** Left and right swapped. */
export function flipHorizontal(raster: Raster): Raster {
  const { width, height, channels } = raster;
  const data = new Uint8Array(raster.data.length);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const x = pixel % width;
    const source = (pixel - x + width - 1 - x) * channels;
    for (let c = 0; c < channels; c++) data[pixel * channels + c] = raster.data[source + c];
  }
  return { ...raster, data };
}

/** Picture -> what the autoencoder takes: [channels, height, width] in [-1, 1]. */
export function toPixels({ width, height, channels, data }: Raster): Float32Array {
  const area = width * height;
  const pixels = new Float32Array(channels * area); // [height, width, C] -> [C, height, width]
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < channels; c++) pixels[c * area + i] = data[i * channels + c] / 127.5 - 1;
  }
  return pixels;
}

/**
 * What the autoencoder gives -> pictures: clipped to [-1, 1] and rounded.
 *
 * @param pixels [batch, 3, height, width]
 */
export function toRasters(
  pixels: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
): Raster[] {
  const channels = 3;
  const area = width * height;
  return Array.from({ length: pixels.length / (channels * area) }, (_, entry) => {
    const data = new Uint8Array(channels * area); // [C, height, width] -> [height, width, C]
    for (let i = 0; i < data.length; i++) {
      const value = pixels[(entry * channels + (i % channels)) * area + Math.floor(i / channels)];
      data[i] = Math.round(Math.min(Math.max(value / 2 + 0.5, 0), 1) * 255);
    }
    return { width, height, channels, data };
  });
}
