import { join } from 'node:path';
import type { CommandContext } from '../../src-main/engine/commands/context.ts';
import {
  openAlignmentMeter,
  openObjectDetector,
} from '../../src-main/engine/commands/openEvaluators.ts';
import { withDevice } from '../../src-main/engine/commands/openModel.ts';
import { type AlignmentMeter, meanCosine } from '../../src-main/engine/evaluation/alignment.ts';
import type { ObjectDetector } from '../../src-main/engine/evaluation/inclusion.ts';
import { listPhotos, loadPhotos } from '../../src-main/engine/images/photos.ts';
import type { Raster } from '../../src-main/engine/images/raster.ts';

/** Evaluates pictures by the shipped evaluators. */
export interface Judge {
  /** Names of the classes that a picture shows. */
  classesIn(picture: Raster): Promise<readonly string[]>;
  textAlignment(picture: Raster, prompt: string): Promise<number>;
  /** Mean cosine to the photos of a folder. */
  imageAlignment(picture: Raster, photos: string): Promise<number>;
}

const silent: CommandContext = { signal: new AbortController().signal, report: () => {} };

/** Opens the evaluators for the time of `use`. */
export async function withJudge<T>(
  evaluators: string,
  threads: number,
  use: (judge: Judge) => Promise<T>,
): Promise<T> {
  return withDevice({ device: 'cpu', precision: 'float32', threads }, silent, async (compile) => {
    const meter = await openAlignmentMeter(join(evaluators, 'clip'), compile);
    const detector = await openObjectDetector(join(evaluators, 'detector'), compile);
    return use(createJudge(meter, detector));
  });
}

function createJudge(meter: AlignmentMeter, detector: ObjectDetector): Judge {
  const references = new Map<string, Promise<Float32Array[]>>();
  const embedPhotos = async (folder: string) => {
    const { photos } = await loadPhotos(await listPhotos(folder), (photo) => photo);
    return meter.embedPictures(photos.map(({ image }) => image));
  };
  return {
    classesIn: async (picture) => (await detector.find([picture]))[0].map((find) => find.className),
    textAlignment: (picture, prompt) => meter.textAlignment(picture, prompt),
    imageAlignment: async (picture, folder) => {
      const known = references.get(folder) ?? embedPhotos(folder);
      references.set(folder, known);
      const [seen] = await meter.embedPictures([picture]);
      return meanCosine(seen, await known);
    },
  };
}
