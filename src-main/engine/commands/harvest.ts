import type { Layout, LayoutPrior } from '../../../src-shared/layout.ts';
import { readConcept } from '../concepts/conceptFile.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { RandomStream } from '../diffusion/random.ts';
import { requireSamplerKeys } from '../diffusion/samplerKeys.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { boxArea } from '../spatial/boxes.ts';
import {
  type ConceptWord,
  drawHarvestedLayout,
  harvestLayouts,
  suggestLayout,
} from '../spatial/layoutPrior.ts';
import { type CommandContext, createPhase, note, warn } from './context.ts';
import { latentSizeOf, type Size } from './latentSize.ts';
import { type OpenModel, withModel } from './openModel.ts';
import { guessObjects } from './promptObjects.ts';

/** Samples pictures of a prompt from the model's own words and notes where its objects stand. */
export async function harvest(
  params: EngineParams<'harvestLayouts'>,
  context: CommandContext,
): Promise<EngineAnswer<'harvestLayouts'>> {
  const words = params.named ?? params.concepts.map((path) => readConcept(path).description);
  const sample = ({ model }: OpenModel) => {
    requireSamplerKeys(params.sampler, model.configs.scheduler.sampling);
    const size = latentSizeOf(model, params.size);
    return samplePrior(model, { ...params, negative: '', words, ...size }, context);
  };
  return withModel(params, context, sample, 'keep');
}

/** Where the things of a prompt go, by where they stood in samples. */
export async function chooseLayout(
  { prior, shuffle, seed }: EngineParams<'chooseLayout'>,
  context: CommandContext,
): Promise<EngineAnswer<'chooseLayout'>> {
  return { layout: layoutOfPrior(prior, shuffle ? seed : undefined, context) };
}

/** @param shuffleSeed draws the layout of one sample; the one in the middle of all where absent */
export function layoutOfPrior(
  prior: LayoutPrior,
  shuffleSeed: number | undefined,
  context: CommandContext,
): Layout {
  const layout =
    shuffleSeed === undefined
      ? suggestLayout(prior)
      : drawHarvestedLayout(prior, RandomStream.create(shuffleSeed, 'layout'));
  warnOfVagueBoxes(layout, context);
  return layout;
}

/** Share of the picture from which on a box says nothing about a place. */
const vagueArea = 0.9;

function warnOfVagueBoxes({ objects }: Layout, context: CommandContext): void {
  const vague = objects.filter(({ boxes }) => boxes.every((box) => boxArea(box) > vagueArea));
  if (vague.length === 0) return;
  const names = vague.map(({ phrase }) => `"${phrase}"`).join(', ');
  warn(
    context,
    `the model has no place in mind for ${names}: it would take the whole picture; draw a box of your own`,
  );
}

interface PriorRequest extends Size {
  readonly prompt: string;
  readonly negative: string;
  readonly words: readonly ConceptWord[];
  readonly objects?: readonly string[];
  readonly samples: number;
  readonly sampler?: EngineParams<'harvestLayouts'>['sampler'];
  readonly steps?: number;
  readonly guidance: number;
  readonly seed: number;
}

/**
 * The places of a prompt's objects in sampled pictures.
 *
 * @param model without the concepts: their class words stand for them
 */
export async function samplePrior(
  model: DiffusionModel,
  { guidance, negative, objects, words, ...request }: PriorRequest,
  context: CommandContext,
): Promise<LayoutPrior> {
  const placed = objects ?? guessObjects(request.prompt, words);
  const names = placed.map((object) => `"${object}"`).join(', ');
  note(
    context,
    `asking the model where it would put ${names}${objects ? '' : ' (--objects names others)'}`,
  );
  const phase = createPhase(context, 'sampling layouts', request.samples);
  return harvestLayouts(model, {
    ...request,
    negativePrompt: negative,
    objects: placed,
    concepts: words,
    guidanceScale: guidance,
    onSample: (_, index) => phase.finish(index + 1),
    signal: context.signal,
  });
}
