import sharp from 'sharp';
import type { SquareCrop } from '../../src-shared/photo.ts';

/** Pixels of the shorter side on which the picture is looked at. */
const lookSide = 160;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The largest square of a picture around what draws the eye in it: skin, saturated colour and fine structure, as libvips
 * weighs them.
 *
 * @param picture upright
 * @param size of it, in pixels
 */
export async function suggestCrop(picture: Uint8Array, size: Size): Promise<SquareCrop> {
  const side = Math.min(size.width, size.height);
  if (size.width === size.height) return { left: 0, top: 0, side };
  const { info } = await sharp(picture)
    .resize(lookSide, lookSide, { fit: 'cover', position: sharp.strategy.attention })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const scale = side / lookSide;
  const place = (offset: number | undefined, room: number) =>
    Math.min(Math.round(Math.abs(offset ?? room / 2 / scale) * scale), room);
  return {
    left: place(info.cropOffsetLeft, size.width - side),
    top: place(info.cropOffsetTop, size.height - side),
    side,
  };
}
