import type { HeatMap } from '../../src-shared/layout.ts';

/** Heat maps as pixels, to be drawn small and enlarged smoothly. */

export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * RGBA, row by row: one colour, the more opaque the more attention lies there.
 *
 * @param most the value that is drawn fullest; the map's own where absent
 */
export function heatMapPixels(
  { values }: HeatMap,
  [red, green, blue]: Rgb,
  most = peakOf(values),
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (const [index, value] of values.entries()) {
    // Square root: small values are seen too.
    const heat = most > 0 ? Math.sqrt(Math.min(value / most, 1)) : 0;
    pixels.set([red, green, blue, Math.round(heat * 255)], index * 4);
  }
  return pixels;
}

/** The mean of maps of one size: what is usual over all samples. @throws where sizes differ or there are none */
export function meanHeatMap(maps: readonly HeatMap[]): HeatMap {
  const [{ height, width }] = maps;
  if (maps.some((map) => map.height !== height || map.width !== width)) {
    throw new Error('internal: heat maps of different sizes have no mean');
  }
  const values = Array.from({ length: height * width }, (_, index) => {
    return maps.reduce((sum, map) => sum + map.values[index], 0) / maps.length;
  });
  return { height, width, values };
}

function peakOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
