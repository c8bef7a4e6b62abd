import sharp, { type OverlayOptions } from 'sharp';
import type { Box, HeatMap } from '../../src-shared/layout.ts';

/** A place of attention, as it is drawn. */
export interface AttentionPicture {
  readonly heatMap: HeatMap;
  /** Where its object belongs. */
  readonly boxes: readonly Box[];
}

/** From little to much: none, violet, orange, yellow. */
const stops = [
  [60, 20, 110],
  [190, 50, 110],
  [250, 140, 40],
  [255, 240, 150],
] as const;

/**
 * The picture in gray with an object's attention glowing over it and its boxes as frames, as PNG.
 *
 * @param side of the drawn picture in pixels
 */
export async function drawAttention(
  picture: Uint8Array,
  { heatMap, boxes }: AttentionPicture,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Buffer> {
  const ground = await sharp(picture)
    .resize(width, height, { kernel: 'nearest' })
    .grayscale()
    .toColourspace('srgb')
    .linear(0.75, 20)
    .png()
    .toBuffer();
  const glow: OverlayOptions = { input: await drawGlow(heatMap, width, height) };
  const frames: OverlayOptions = { input: Buffer.from(drawFrames(boxes, width, height)) };
  return sharp(ground).composite([glow, frames]).png().toBuffer();
}

/** Cells flow into each other; the brightest has the most attention of this map. */
async function drawGlow({ height, width, values }: HeatMap, toWidth: number, toHeight: number) {
  const most = Math.max(...values);
  const pixels = Buffer.from(
    values.flatMap((value) => {
      const heat = most > 0 ? value / most : 0;
      return [...colourOf(heat), Math.round(235 * Math.sqrt(heat))];
    }),
  );
  const cells = { width, height, channels: 4 as const };
  return sharp(pixels, { raw: cells })
    .resize(toWidth, toHeight, { kernel: 'cubic' })
    .png()
    .toBuffer();
}

/** @param heat 0 to 1 */
function colourOf(heat: number): number[] {
  const place = heat * (stops.length - 1);
  const index = Math.min(Math.floor(place), stops.length - 2);
  const share = place - index;
  return stops[index].map((from, channel) =>
    Math.round(from + (stops[index + 1][channel] - from) * share),
  );
}

function drawFrames(boxes: readonly Box[], width: number, height: number): string {
  const frames = boxes.map(([x0, y0, x1, y1]) => {
    const place = `x="${x0 * width + 1}" y="${y0 * height + 1}" width="${(x1 - x0) * width - 2}" height="${(y1 - y0) * height - 2}"`;
    return `<rect ${place} fill="none" stroke="#ffffff" stroke-width="2" stroke-dasharray="6 4"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${frames.join('')}</svg>`;
}
