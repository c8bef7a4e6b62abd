import type { BlobHash } from '../../src-shared/ids.ts';
import { blobUrl, uploadBlob } from '../studioApi.ts';
import type { PhotoSize } from './cropGeometry.ts';

/** Masks between the library, where white on black counts, and the canvas, where what is painted counts. */

/** Longer side of the canvas that is painted on: fine enough for a brush, quick enough to be drawn anew. */
const longestSide = 1024;

/** Few photos have it, so that it stands out on most. */
export const maskColor = '#ff2d78';

export function canvasSize({ width, height }: PhotoSize): PhotoSize & { scale: number } {
  const scale = Math.min(longestSide, Math.max(width, height));
  const shrink = scale / Math.max(width, height);
  return {
    scale,
    width: Math.max(1, Math.round(width * shrink)),
    height: Math.max(1, Math.round(height * shrink)),
  };
}

/**
 * A mask of the library as a canvas on which white has become the colour and black nothing.
 *
 * @throws Error where its file cannot be read
 */
export async function readMask(
  mask: BlobHash,
  size: PhotoSize,
  color: string,
): Promise<OffscreenCanvas> {
  const image = new Image();
  image.src = blobUrl(mask);
  await image.decode().catch(() => {
    throw new Error('The mask that was painted before could not be read');
  });
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = context2d(canvas);
  context.drawImage(image, 0, 0, size.width, size.height);
  const pixels = context.getImageData(0, 0, size.width, size.height);
  for (let at = 0; at < pixels.data.length; at += 4) pixels.data[at + 3] = pixels.data[at] ?? 0;
  context.putImageData(pixels, 0, 0);
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = color;
  context.fillRect(0, 0, size.width, size.height);
  return canvas;
}

/** Gives what is painted to the library, in the photo's size; undefined where nothing is. */
export async function storeMask(
  painted: HTMLCanvasElement,
  size: PhotoSize,
): Promise<BlobHash | undefined> {
  if (isBlank(painted)) return undefined;
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = context2d(canvas);
  context.drawImage(painted, 0, 0, size.width, size.height);
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, size.width, size.height);
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#000000';
  context.fillRect(0, 0, size.width, size.height);
  return uploadBlob(await canvas.convertToBlob({ type: 'image/png' }));
}

function isBlank(canvas: HTMLCanvasElement): boolean {
  const context = canvas.getContext('2d');
  if (!context) return true;
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) return false;
  return true;
}

function context2d(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('internal: no canvas for masks');
  return context;
}
