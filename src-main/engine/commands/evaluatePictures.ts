import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PictureEvaluation } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { parseBox } from '../../../src-shared/layout.ts';
import { meanCosine } from '../evaluation/alignment.ts';
import { listPhotos, loadPhotos } from '../images/photos.ts';
import type { Raster } from '../images/raster.ts';
import type { Compile } from '../tensor/executable.ts';
import { openAlignmentMeter, openObjectDetector } from './openEvaluators.ts';

/** Judges pictures by other networks than the one that made them. */
export interface PictureEvaluator {
  /** @param text what the picture should show, in the words of the evaluators */
  evaluate(picture: Raster, text: string): Promise<PictureEvaluation>;
}

/**
 * Opens what a folder of evaluators holds: a pair of CLIP encoders in clip/, an object detector in detector/, or both.
 *
 * @param photos folder with photos of the concept, or their files, for image alignment
 * @throws InputError where the folder holds neither, or something in it or the photos cannot be used
 */
export async function openPictureEvaluator(
  folder: string,
  photos: string | readonly string[] | undefined,
  compile: Compile,
): Promise<PictureEvaluator> {
  const [clip, objects] = ['clip', 'detector'].map((name) => join(folder, name));
  if (!existsSync(clip) && !existsSync(objects)) {
    throw new InputError(
      `${folder}: no evaluators in it; expected a folder clip, a folder detector, or both`,
    );
  }
  const meter = existsSync(clip) ? await openAlignmentMeter(clip, compile) : undefined;
  const detector = existsSync(objects) ? await openObjectDetector(objects, compile) : undefined;
  if (!meter && typeof photos === 'string') {
    throw new InputError(
      `${folder}: no folder clip in it, whose networks compare pictures with photos; leave --photos out`,
    );
  }
  const references = meter && photos ? await meter.embedPictures(await readPhotos(photos)) : [];
  return {
    evaluate: async (picture, text) => {
      const [seen] = meter ? await meter.embedPictures([picture]) : [];
      const finds = detector && (await detector.find([picture]))[0];
      return {
        ...(seen && meter && { textAlignment: meanCosine(seen, await meter.embedTexts([text])) }),
        ...(seen && references.length > 0 && { imageAlignment: meanCosine(seen, references) }),
        ...(finds && {
          finds: finds.map(({ className, score, box: { x0, y0, x1, y1 } }) => ({
            className,
            score,
            box: parseBox([x0, y0, x1, y1]),
          })),
        }),
      };
    },
  };
}

async function readPhotos(source: string | readonly string[]): Promise<Raster[]> {
  const files = typeof source === 'string' ? await listPhotos(source) : source;
  const { photos } = await loadPhotos(files, (photo) => photo);
  return photos.map(({ image }) => image);
}
