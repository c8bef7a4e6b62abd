import type { ComparisonWay, ComposedPicture } from '../../src-shared/composition.ts';
import { drawThumbnail } from '../jobs/thumbnail.ts';
import type { NewComposition } from '../library/compositionRepository.ts';
import type { Handlers } from './handlers.ts';
import { modelNameOf } from './models.ts';
import type { StudioContext } from './studioContext.ts';

/** Pictures that were kept. */
export const galleryHandlers: Handlers<
  | 'keepComposition'
  | 'keepComparison'
  | 'listCompositions'
  | 'getComposition'
  | 'rateComposition'
  | 'trashCompositions'
  | 'untrashCompositions'
  | 'deleteCompositions'
> = {
  keepComposition: async (studio, { picture, rating }) => {
    const composition = await newComposition(studio, picture);
    const kept = studio.library.compositions.keep({ ...composition, rating });
    studio.changed('compositions');
    return kept;
  },
  keepComparison: async (studio, { ways }) => {
    const compositions = await Promise.all(
      ways.map(async ({ way, picture }) => ({ ...(await newComposition(studio, picture)), way })),
    );
    const kept = studio.library.compositions.keepComparison(compositions);
    studio.changed('compositions', 'votes');
    return kept;
  },
  listCompositions: ({ library }, query) => library.compositions.list(query),
  getComposition: ({ library }, { id }) => library.compositions.get(id),
  rateComposition: ({ library, changed }, { id, rating }) => {
    const rated = library.compositions.rate(id, rating);
    changed('compositions');
    return rated;
  },
  trashCompositions: ({ library, changed }, { ids }) => {
    library.compositions.trash(ids);
    changed('compositions', 'votes');
    return {};
  },
  untrashCompositions: ({ library, changed }, { ids }) => {
    library.compositions.untrash(ids);
    changed('compositions', 'votes');
    return {};
  },
  deleteCompositions: ({ library, changed }, { ids }) => {
    library.compositions.remove(ids);
    changed('compositions', 'votes');
    return {};
  },
};

async function newComposition(
  studio: StudioContext,
  picture: ComposedPicture,
): Promise<NewComposition & { way?: ComparisonWay }> {
  const { blobs } = studio.library;
  const thumbnail = await blobs.put(await drawThumbnail(await blobs.read(picture.picture)));
  return { picture, thumbnail, modelName: modelNameOf(studio, picture.settings.modelId) };
}
