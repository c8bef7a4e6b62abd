import type { ComparisonWay } from '../../src-shared/composition.ts';
import type { ConceptVariant } from '../../src-shared/concept.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import { drawComparison } from '../jobs/comparisonSheet.ts';
import { captionOf, pictureParameters } from '../jobs/pictureParameters.ts';
import { withGenerationInfo } from '../pictureFiles/pngInfo.ts';
import type { CallOptions } from './callOptions.ts';
import { layoutOf } from './compose.ts';
import { composeWith, keepPicture } from './composing.ts';
import { type UsedConcept, usedConcepts } from './conceptUses.ts';
import type { Handlers } from './handlers.ts';
import { modelNameOf, usableModel } from './models.ts';
import type { StudioContext } from './studioContext.ts';

type Request = StudioRequest<'compare'>;

/** The same seed with and without anchors in training, with and without a layout in composing. */
export const compareHandlers: Handlers<'compare' | 'comparisonSheet'> = {
  compare: (studio, request, options) =>
    studio.newest.run(`comparison ${options.windowId}`, options.signal, (signal) =>
      compare(studio, request, { ...options, signal }),
    ),
  comparisonSheet: drawSheet,
};

const trainedAs: Readonly<Record<ComparisonWay, ConceptVariant>> = {
  plain: 'plain',
  semantic: 'semantic',
  spatial: 'plain',
  both: 'semantic',
};
const guided: ReadonlySet<ComparisonWay> = new Set(['spatial', 'both']);

async function compare(
  studio: StudioContext,
  { settings, ways }: Request,
  options: CallOptions,
): Promise<StudioOutput<'compare'>> {
  const start = performance.now();
  const model = await usableModel(studio, settings.modelId);
  const given = usedConcepts(studio, model, settings.concepts);
  if (given.length === 0) {
    throw new InputError('A comparison needs a concept: put one into the prompt');
  }
  const variants = [...new Set(ways.map((way) => trainedAs[way]))];
  const concepts = new Map(
    variants.map(
      (variant) => [variant, given.map((one) => trained(studio, one, variant))] as const,
    ),
  );
  const pictures = ways.map((way) => {
    const paths = (concepts.get(trainedAs[way]) ?? []).map(({ path }) => path);
    return { name: way, concepts: paths, spatial: guided.has(way) };
  });
  // All are measured by one layout, two of them follow it.
  const layout = layoutOf(settings, true);
  const composition = {
    model,
    settings,
    layout,
    concepts: [...concepts.values()].flat(),
    pictures,
  };
  const composed = await composeWith(studio, composition, options);
  const seconds = (performance.now() - start) / 1000 / ways.length;
  const kept = await Promise.all(
    ways.map(async (way, index) => {
      const own = concepts.get(trainedAs[way]) ?? [];
      const spatial = guided.has(way);
      const uses = own.map(({ version, token, strength }) => ({
        ...{ versionId: version.id, token, strength },
      }));
      const itsSettings = { ...settings, concepts: uses, layout: composed.layout, spatial };
      const picture = { model, settings: itsSettings, concepts: own };
      return { way, picture: await keepPicture(studio, picture, composed, { index, seconds }) };
    }),
  );
  return { ways: kept };
}

const trainingWords = { plain: 'without anchors', semantic: 'with anchors' } as const;

/**
 * The concept as it was trained that way: the version given, or the newest of the others on the same family of models.
 *
 * @throws InputError that names what to train
 */
function trained(
  { library }: StudioContext,
  given: UsedConcept,
  variant: ConceptVariant,
): UsedConcept {
  if (given.version.variant === variant) return given;
  const { versionList } = library.concepts.detail(given.concept.id);
  const { method, family } = given.version;
  const fitting = versionList.filter((one) => one.variant === variant && one.family === family);
  const version = fitting.find((one) => one.method === method) ?? fitting[0];
  if (version) return { ...given, version, path: library.blobs.path(version.file) };
  const { name } = given.concept;
  throw new InputError(
    `"${name}" has no version that was trained ${trainingWords[variant]}: train it again with "both ways", and the two can be compared`,
  );
}

async function drawSheet(
  studio: StudioContext,
  { ways }: StudioRequest<'comparisonSheet'>,
): Promise<StudioOutput<'comparisonSheet'>> {
  const { blobs } = studio.library;
  const first = ways[0]?.picture;
  if (!first) throw new InputError('There are no pictures to compare: compare first');
  const { settings, width, height, layout } = first;
  const parameters = pictureParameters({
    ...{ ...settings, width, height, layout },
    modelName: modelNameOf(studio, settings.modelId),
    conceptNames: settings.concepts.map(({ token }) => token),
  });
  const pictures = await Promise.all(
    ways.map(async ({ way, picture }) => ({
      name: way,
      png: await blobs.read(picture.picture),
      concepts: picture.drifts,
      attention: layout && picture.attention,
      evaluation: picture.evaluation,
    })),
  );
  const sheet = await drawComparison({
    ...{ pictures, width, height, layout, prompt: settings.prompt },
    caption: captionOf(parameters),
  });
  return { picture: await blobs.put(withGenerationInfo(sheet, parameters)) };
}
