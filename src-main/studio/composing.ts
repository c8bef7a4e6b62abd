import type * as z from 'zod';
import type {
  ComposedPicture,
  CompositionSettings,
  phraseAttention,
} from '../../src-shared/composition.ts';
import type { EngineParams, EngineResult } from '../engine/protocol.ts';
import { renamed, withNames } from '../jobs/fileNames.ts';
import { pictureParameters } from '../jobs/pictureParameters.ts';
import type { StoredModel } from '../library/modelRepository.ts';
import { withGenerationInfo } from '../pictureFiles/pngInfo.ts';
import { type CallOptions, jobOptions } from './callOptions.ts';
import { engineUses, fileNamesOf, type UsedConcept } from './conceptUses.ts';
import { evaluatorsOf } from './modelFiles.ts';
import { machineOf } from './models.ts';
import type { StudioContext } from './studioContext.ts';

type Params = EngineParams<'composePictures'>;
/** What the engine made, and what it had to say about it. */
export type Composed = EngineResult<'composePictures'> & { readonly notes: readonly string[] };

/** Single steps whose attention is told. */
const attentionSteps = 8;
/** Pictures sampled for a layout that is to be proposed. */
export const layoutSamples = 4;

export interface Composition {
  readonly model: StoredModel;
  readonly settings: CompositionSettings;
  readonly layout: Params['layout'];
  /** All that any of its pictures has. */
  readonly concepts: readonly UsedConcept[];
  /** One entry per picture; concepts by the paths of their files. */
  readonly pictures: Params['pictures'];
}

/** Lets the engine compose; its messages name concepts as the user does. */
export async function composeWith(
  studio: StudioContext,
  composition: Composition,
  options: Pick<CallOptions, 'signal' | 'onProgress'>,
): Promise<Composed> {
  const names = fileNamesOf(composition.model, composition.concepts);
  const notes: string[] = [];
  const following = jobOptions(options, (message) => notes.push(renamed(message, names)));
  const composed = await withNames(names, () =>
    studio.composer.call('composePictures', paramsOf(studio, composition), following),
  );
  return { ...composed, notes };
}

function paramsOf(
  studio: StudioContext,
  { model, settings, layout, concepts, pictures }: Composition,
): Params {
  const { modelId: _, concepts: __, layout: ___, spatial: ____, ...sampling } = settings;
  return {
    ...sampling,
    ...machineOf(studio),
    model: model.path,
    shuffleLayout: false,
    ...{ pictures, layout, attentionSteps },
    uses: engineUses(concepts),
    ...(model.inspection.judged && {
      evaluators: evaluatorsOf(model),
      photoFiles: photosOf(studio, concepts),
    }),
  };
}

/** Of the concepts, to compare the pictures with; those that the library still has. */
function photosOf({ library }: StudioContext, concepts: readonly UsedConcept[]): string[] {
  const photos = concepts.flatMap(({ version }) => version.photos.map(({ blob }) => blob));
  return [...new Set(photos)]
    .filter((blob) => library.blobs.has(blob))
    .map((blob) => library.blobs.path(blob));
}

/** Keeps a picture as a file that nothing needs yet, with its parameters inside, and says how it was made. */
export async function keepPicture(
  { library }: StudioContext,
  { model, settings, concepts }: Pick<Composition, 'model' | 'settings' | 'concepts'>,
  composed: Composed,
  made: { readonly index: number; readonly seconds: number },
): Promise<ComposedPicture> {
  const { png, attention = [], concepts: drifts, evaluation } = composed.pictures[made.index];
  const { width, height, layout, notes } = composed;
  const used = settings.spatial ? layout : undefined;
  const parameters = pictureParameters({
    ...{ ...settings, width, height, layout: used },
    modelName: model.name,
    conceptNames: concepts.map(({ concept }) => concept.name),
  });
  const picture = await library.blobs.put(withGenerationInfo(png, parameters));
  return {
    ...{ picture, width, height, settings, drifts, seconds: made.seconds },
    attention: attention.map(withTimes),
    ...(layout && { layout }),
    ...(evaluation && { evaluation }),
    ...(notes.length > 0 && { notes: [...notes] }),
  };
}

type Attention = NonNullable<Composed['pictures'][number]['attention']>[number];

function withTimes({ overTime = [], ...rest }: Attention): z.output<typeof phraseAttention> {
  return { ...rest, overTime };
}
