import sharp from 'sharp';
import type { Raster } from '../../src-main/engine/images/raster.ts';

const enlarge = 2;
const gap = 4;

/** Pictures of one size in rows, enlarged without smoothing, as PNG. Absent ones leave their place empty. */
export async function drawGrid(
  rows: readonly (readonly (Raster | undefined)[])[],
): Promise<Buffer> {
  const first = rows.flat().find((picture) => picture !== undefined);
  if (!first) throw new Error('experiment: a grid without pictures');
  const cell = { width: first.width * enlarge + gap, height: first.height * enlarge + gap };
  const layers = rows.flatMap((row, y) =>
    row.flatMap((picture, x) =>
      picture ? [{ picture, left: x * cell.width, top: y * cell.height }] : [],
    ),
  );
  const inputs = await Promise.all(
    layers.map(async ({ picture, left, top }) => ({ input: await enlarged(picture), left, top })),
  );
  const columns = Math.max(...rows.map((row) => row.length));
  const size = { width: columns * cell.width, height: rows.length * cell.height };
  const paper = { ...size, channels: 3 as const, background: '#ffffff' };
  return sharp({ create: paper }).composite(inputs).png().toBuffer();
}

function enlarged({ width, height, data }: Raster): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(width * enlarge, height * enlarge, { kernel: 'nearest' })
    .png()
    .toBuffer();
}
