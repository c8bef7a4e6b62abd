import * as z from 'zod';

/** A length in a picture. */
const imagePx = z
  .int('expected a whole number of pixels')
  .min(8, 'expected at least 8 pixels')
  .max(4096, 'expected at most 4096 pixels')
  .brand<'ImagePx'>();

/** Width and height of a picture. Both must also be whole cells of the model's latent, 8 pixels for Stable Diffusion. */
export const imageSize = z.strictObject({ width: imagePx, height: imagePx }).readonly();

export type ImageSize = z.infer<typeof imageSize>;

/** The bytes of a PNG file. */
export const pngBytes = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array,
  'expected bytes',
);
