import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import { withNames } from '../jobs/fileNames.ts';
import type { OwnedVersion } from '../library/conceptRepository.ts';
import { type CallOptions, jobOptions } from './callOptions.ts';
import { fileNamesOf, usedConcepts } from './conceptUses.ts';
import type { Handlers } from './handlers.ts';
import { processorOf, usableModel } from './models.ts';
import type { StudioContext } from './studioContext.ts';

/** Words that a window can draw and a reader can tell apart. */
const mostWords = 2000;

/** The vocabulary as a map. */
export const mapHandlers: Handlers<'embeddingMap'> = { embeddingMap };

async function embeddingMap(
  studio: StudioContext,
  { modelId, versionIds }: StudioRequest<'embeddingMap'>,
  options: CallOptions,
): Promise<StudioOutput<'embeddingMap'>> {
  const model = await usableModel(studio, modelId);
  // One by one: the two versions of a concept share its token here.
  const owned = versionIds.flatMap((versionId) =>
    usedConcepts(studio, model, [{ versionId, token: versionId, strength: 1 }]),
  );
  const map = await withNames(fileNamesOf(model, owned), () =>
    studio.reader.call(
      'mapVocabulary',
      {
        ...{ model: model.path, ...processorOf(studio) },
        ...{ paths: owned.map((one) => pathOf(studio, one)), limit: mostWords },
      },
      jobOptions(options),
    ),
  );
  return {
    ...map,
    paths: owned.map(({ version }, index) => ({
      versionId: version.id,
      variant: version.variant,
      ...map.paths[index],
    })),
  };
}

/** Where the concept stood while it was trained, and where its file has it in the end. */
function pathOf({ library }: StudioContext, { concept, version }: OwnedVersion) {
  const { steps = 0 } = version;
  const points = library.concepts.path(version.id).filter(({ step }) => step < steps);
  const end = { step: steps, file: library.blobs.path(version.file) };
  return { points, classWord: concept.classWord, end };
}
