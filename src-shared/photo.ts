import * as z from 'zod';
import { blobHash } from './ids.ts';

/** Photos of a concept: what is kept of them, and which part is trained on. */

/** A square of the upright photo, in its pixels. */
export const squareCrop = z.strictObject({
  left: z.int().nonnegative(),
  top: z.int().nonnegative(),
  side: z.int().positive(),
});

export type SquareCrop = z.infer<typeof squareCrop>;

/** A photo as it was imported: upright (EXIF rotation applied), in sRGB, its first frame where it moves. */
export const importedPhoto = z.strictObject({
  /** File name that the user knows it by. */
  name: z.string().min(1).max(255),
  /** A PNG or JPEG that every browser shows. */
  blob: blobHash,
  /** WebP, at most 512 pixels wide or high. */
  thumbnail: blobHash,
  width: z.int().positive(),
  height: z.int().positive(),
});

export type ImportedPhoto = z.infer<typeof importedPhoto>;

/** A photo in a training. */
export const trainingPhoto = importedPhoto.extend({
  crop: squareCrop,
  /** A PNG of the photo's size: white is what counts. */
  mask: blobHash.optional(),
  /** Follows the template in prompts of this photo: "on a red sofa" keeps the sofa out of the word. */
  captionSuffix: z.string().max(200).default(''),
});

export type TrainingPhoto = z.infer<typeof trainingPhoto>;
