import type { ConceptDescription } from '../../../src-shared/concept.ts';
import type { Layout, LayoutPrior } from '../../../src-shared/layout.ts';
import { applyConcepts, type PersonalModel } from '../concepts/applyConcepts.ts';
import { type Concept, readConcept } from '../concepts/conceptFile.ts';
import { atStrength } from '../concepts/conceptStrength.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { RandomStream } from '../diffusion/random.ts';
import { encodePng } from '../images/png.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { officialLayoutLoss } from '../spatial/layoutGradient.ts';
import { pretrainedText } from '../spatial/layoutPrior.ts';
import { requireComposable } from './checkComposition.ts';
import { type CommandContext, warn } from './context.ts';
import { openPictureEvaluator, type PictureEvaluator } from './evaluatePictures.ts';
import { layoutOfPrior, samplePrior } from './harvest.ts';
import { latentSizeOf, pictureSizeOf, type Size } from './latentSize.ts';
import { type OpenModel, withModel } from './openModel.ts';
import { createPictureNetworks } from './pictureNetworks.ts';
import { guessObjects } from './promptObjects.ts';
import { recoveredLayout } from './recoverLocations.ts';
import { type RenderedPicture, renderPictures } from './renderPictures.ts';

type Params = EngineParams<'composePictures'>;

/** A picture to be made, with the model that knows its concepts. */
type Picture = Params['pictures'][number] & {
  readonly personal: PersonalModel;
  readonly known: readonly Concept[];
};

/** Pictures of one prompt from one seed, each with concepts and guidance of its own. */
export async function composePictures(
  params: Params,
  context: CommandContext,
): Promise<EngineAnswer<'composePictures'>> {
  const read = readConcepts(params);
  return withModel(params, context, (open) => composeWith(open, read, params, context), 'keep');
}

async function composeWith(
  open: OpenModel,
  read: ReadonlyMap<string, Concept>,
  params: Params,
  context: CommandContext,
): Promise<EngineAnswer<'composePictures'>> {
  const size = latentSizeOf(open.model, params.size);
  const concepts = await atStrengths(open.model, read, params);
  const pictures = params.pictures.map((picture) => {
    const known = picture.concepts.map((path) => concepts.get(path)!);
    return { ...picture, known, personal: personalModel(open, known) };
  });
  const [{ personal, known }] = pictures;
  requireComposable(personal, params, wordsOf(known));
  warnOfOverflow(personal, params, context);
  warnOfAbsence(known, params, context);
  const evaluator = await evaluatorFor(open, params);
  const layout = await layoutFor(open, size, params, [...concepts.values()], context);
  const networks = createPictureNetworks(size, layout?.objects.length ?? 0, lossOptions(params));
  const jobs = pictures.map((picture, index) => ({
    ...{ params, size, layout, model: picture.personal, spatial: picture.spatial },
    title: titleOf(picture, index, pictures.length),
  }));
  const rendered = await renderPictures(networks, jobs, 'decoding', context);
  const composed: EngineAnswer<'composePictures'>['pictures'] = [];
  for (const [index, picture] of pictures.entries()) {
    composed.push(await finish(picture, rendered[index], params.prompt, evaluator));
  }
  const prompt = personal.expand(params.prompt);
  return { pictures: composed, ...pictureSizeOf(open.model, size), layout, prompt };
}

function readConcepts({ pictures, uses }: Params): Map<string, Concept> {
  const paths = new Set(pictures.flatMap(({ concepts }) => concepts));
  return new Map(
    [...paths].map((path) => [path, renamed(readConcept(path), uses?.[path]?.token)] as const),
  );
}

/** The concept under another name in prompts. */
function renamed(concept: Concept, token = concept.description.token): Concept {
  return { ...concept, description: { ...concept.description, token } };
}

async function atStrengths(
  model: DiffusionModel,
  concepts: ReadonlyMap<string, Concept>,
  { uses }: Params,
): Promise<Map<string, Concept>> {
  const adjusted = new Map<string, Concept>();
  for (const [path, concept] of concepts) {
    adjusted.set(path, await atStrength(model, concept, uses?.[path]?.strength));
  }
  return adjusted;
}

/** Each has a tokenizer of its own: the plain and the semantic training of a concept share its token. */
function personalModel(
  { checkpoint, model }: OpenModel,
  concepts: readonly Concept[],
): PersonalModel {
  const own = { ...model, tokenizer: model.tokenizer.copy() };
  return applyConcepts(own, checkpoint, concepts);
}

async function evaluatorFor(
  { model }: OpenModel,
  { evaluators, photoFiles, photos }: Params,
): Promise<PictureEvaluator | undefined> {
  if (evaluators === undefined) return undefined;
  return openPictureEvaluator(evaluators, photoFiles ?? photos, model.compile);
}

function lossOptions({ official, layoutLoss }: Params) {
  return official ? officialLayoutLoss : { loss: layoutLoss };
}

function titleOf({ name }: Picture, index: number, count: number): string {
  return count === 1 ? 'composing' : `picture ${index + 1} of ${count}: ${name}`;
}

/** Names what the text encoder does not see of the prompts. */
function warnOfOverflow(personal: PersonalModel, params: Params, context: CommandContext): void {
  for (const [name, prompt] of [
    ['prompt', params.prompt],
    ['negative prompt', params.negative],
  ]) {
    const { overflow } = personal.encodePadded(prompt);
    if (overflow === '') continue;
    const limit = personal.tokenizer.maxLength;
    warn(
      context,
      `the ${name} is longer than ${limit} tokens, begin and end included; the model does not see "${overflow}"`,
    );
  }
}

function warnOfAbsence(concepts: readonly Concept[], { prompt }: Params, context: CommandContext) {
  for (const { description, path } of concepts) {
    const { token } = description;
    if (!prompt.includes(token)) warn(context, `the prompt does not name "${token}" of ${path}`);
  }
}

async function layoutFor(
  { model }: OpenModel,
  size: Size,
  params: Params,
  concepts: readonly Concept[],
  context: CommandContext,
): Promise<Layout | undefined> {
  const { layout } = params;
  if (!layout || layout.kind === 'given') return layout?.layout;
  if (layout.kind === 'recovery') return proposedLayout(model, layout.path, params, concepts);
  const prior =
    layout.kind === 'prior'
      ? layout.prior
      : await sampledPrior(model, size, params, { samples: layout.samples, concepts }, context);
  return layoutOfPrior(prior, params.shuffleLayout ? params.seed : undefined, context);
}

function proposedLayout(
  model: DiffusionModel,
  path: string,
  { prompt, objects, shuffleLayout, seed }: Params,
  concepts: readonly Concept[],
): Promise<Layout> {
  const words = wordsOf(concepts);
  return recoveredLayout(model, path, {
    prompt,
    objects: objects ?? guessObjects(prompt, words),
    concepts: words,
    random: shuffleLayout ? RandomStream.create(seed, 'layout') : undefined,
  });
}

/** The two trainings of a concept count once. */
function wordsOf(concepts: readonly Concept[]): ConceptDescription[] {
  return [...new Map(concepts.map(({ description }) => [description.token, description])).values()];
}

function sampledPrior(
  model: DiffusionModel,
  size: Size,
  { prompt, negative, objects, guidance, seed }: Params,
  { samples, concepts }: { readonly samples: number; readonly concepts: readonly Concept[] },
  context: CommandContext,
): Promise<LayoutPrior> {
  const request = { prompt, negative, objects, guidance, seed, samples, ...size };
  return samplePrior(model, { ...request, words: wordsOf(concepts) }, context);
}

async function finish(
  { name, known }: Picture,
  { raster, ...seen }: RenderedPicture,
  prompt: string,
  evaluator: PictureEvaluator | undefined,
): Promise<EngineAnswer<'composePictures'>['pictures'][number]> {
  const concepts = known.map(({ description: { token, drift } }) => ({ token, drift }));
  const evaluation = await evaluator?.evaluate(raster, pretrainedText(prompt, wordsOf(known)));
  return { name, concepts, png: await encodePng(raster), ...seen, evaluation };
}
