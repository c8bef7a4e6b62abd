import type { SamplerName } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import {
  type Box,
  type HarvestedSample,
  type HeatMap,
  type Layout,
  type LayoutPrior,
  parseLayout,
} from '../../../src-shared/layout.ts';
import { createPipelineSampler } from '../diffusion/createSampler.ts';
import { guideBatch } from '../diffusion/guidance.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { encodePrompts } from '../diffusion/networks.ts';
import { RandomStream } from '../diffusion/random.ts';
import { initialLatent, sampleLatent } from '../diffusion/sampleLatent.ts';
import { median } from '../numbers.ts';
import {
  collectObjectAttention,
  createObservingPredictor,
  firstLateStep,
  heatMapSizeOf,
  type ObservingPredictor,
} from './attentionMaps.ts';
import { nearestBox } from './boxes.ts';
import { smallestBox } from './heatMap.ts';
import { phraseOccurrences } from './tokenPositions.ts';

/** A concept and the pretrained word that stands for it while layouts are harvested. */
export interface ConceptWord {
  /** As in the prompt, such as `<my-cat>`. */
  readonly token: string;
  /** Such as `cat`. */
  readonly classWord: string;
}

export interface HarvestRequest {
  readonly prompt: string;
  readonly negativePrompt: string;
  /** Phrases of the prompt to find in the pictures; equal ones stand for one occurrence each, in order. */
  readonly objects: readonly string[];
  /** Concepts of the prompt that the base model does not know. */
  readonly concepts: readonly ConceptWord[];
  /** How many pictures are sampled. */
  readonly samples: number;
  /** Size of the latent. */
  readonly height: number;
  readonly width: number;
  /** 'dpmpp2m' by default. */
  readonly sampler?: SamplerName;
  /** 20 by default. */
  readonly steps?: number;
  /** Scale of classifier-free guidance. */
  readonly guidanceScale: number;
  /** Seed of the first picture; the next ones follow. */
  readonly seed: number;
  readonly onSample?: (sample: HarvestedSample, index: number) => void;
  readonly signal?: AbortSignal;
}

/** Digits kept of a share of attention in a stored heat map. */
const heatMapDigits = 6;

/**
 * The prompt with pretrained words in the concepts' places. A concept followed by its class word just goes:
 * `<my-cat> cat` -> `cat`, while `<my-cat>` alone -> `cat`.
 */
export function pretrainedText(text: string, concepts: readonly ConceptWord[]): string {
  // Longest first: `<cat>` may be a part of `<cat>-2`.
  const sorted = concepts.toSorted((a, b) => b.token.length - a.token.length);
  return sorted.reduce((replaced, { token, classWord }) => {
    const word = RegExp.escape(classWord);
    const twice = new RegExp(`${RegExp.escape(token)}\\s+(?=${word}(?![\\p{L}\\p{N}]))`, 'giu');
    return replaced.replace(twice, '').replaceAll(token, () => classWord);
  }, text);
}

/**
 * Samples pictures of a prompt and notes where its objects stand: for each the smallest box holding 80 % of its
 * attention in the late steps, and the attention itself. Only the base model is needed.
 *
 * @throws InputError when an object is not in the prompt, or a number is out of range
 */
export async function harvestLayouts(
  model: DiffusionModel,
  request: HarvestRequest,
): Promise<LayoutPrior> {
  const { samples: count, seed, signal } = request;
  checkRequest(request);
  const prompt = pretrainedText(request.prompt, request.concepts);
  const positions = objectPositions(model, prompt, request);
  const hiddenStates = await encodePrompts(model, [request.negativePrompt, prompt]);
  const predictor = await createObservingPredictor(model, request);
  try {
    const samples: HarvestedSample[] = [];
    for (let index = 0; index < count; index++) {
      signal?.throwIfAborted();
      const run = { predictor, hiddenStates, positions, seed: seed + index };
      samples.push(await harvestSample(model, request, run));
      request.onSample?.(samples[index], index);
    }
    return { version: 1, prompt: request.prompt, objects: [...request.objects], samples };
  } finally {
    await predictor.release();
  }
}

function checkRequest({ samples, objects }: HarvestRequest): void {
  if (!Number.isInteger(samples) || samples < 1) {
    throw new InputError(`harvest: ${samples} samples; expected a whole number from 1`);
  }
  if (objects.length === 0) throw new InputError('harvest: no object; name a word of the prompt');
}

/** The k-th of equal phrases takes the k-th occurrence; a phrase that is asked for once, all of them. */
function objectPositions(
  { tokenizer }: DiffusionModel,
  prompt: string,
  { objects, concepts }: HarvestRequest,
): number[][] {
  const phrases = objects.map((phrase) => pretrainedText(phrase, concepts));
  return phrases.map((phrase, index) => {
    const found = phraseOccurrences(tokenizer, prompt, phrase);
    const occurrence = occurrenceOf(phrases, index);
    if (occurrence === undefined) return found.flat();
    if (found[occurrence - 1]) return found[occurrence - 1];
    throw new InputError(
      `harvest: "${objects[index]}" asks for occurrence ${occurrence} of "${phrase}"; "${prompt}" has ${found.length}`,
    );
  });
}

/** Which occurrence a phrase of several equal ones stands for, from 1; undefined where it has no equal. */
function occurrenceOf(phrases: readonly string[], index: number): number | undefined {
  const phrase = phrases[index];
  if (phrases.indexOf(phrase) === phrases.lastIndexOf(phrase)) return undefined;
  return phrases.slice(0, index + 1).filter((other) => other === phrase).length;
}

interface HarvestRun {
  readonly predictor: ObservingPredictor;
  /** [2, tokens, hiddenSize] */
  readonly hiddenStates: Float32Array;
  readonly positions: readonly (readonly number[])[];
  readonly seed: number;
}

async function harvestSample(
  model: DiffusionModel,
  request: HarvestRequest,
  { predictor, hiddenStates, positions, seed }: HarvestRun,
): Promise<HarvestedSample> {
  const { sampler: name = 'dpmpp2m', steps = 20, guidanceScale, signal } = request;
  const sampler = createPipelineSampler(name, model.configs.scheduler, steps);
  const random = RandomStream.create(seed, 'noise');
  const pixels = model.configs.unet.inChannels * request.height * request.width;
  const attention = collectObjectAttention(positions, heatMapSizeOf(request));
  const firstLate = firstLateStep(sampler.timesteps.length);
  await sampleLatent({
    sampler,
    initialLatent: initialLatent(sampler, random.normal(pixels)),
    predict: async (modelInput, timestep, step) => {
      const observed = await predictor.predict(modelInput, timestep, hiddenStates);
      if (step >= firstLate) attention.add(observed.levels);
      return guideBatch(observed.prediction, guidanceScale);
    },
    random,
    signal,
  });
  const objects = attention
    .heatMaps()
    .map((heatMap) => ({ box: smallestBox(heatMap), heatMap: rounded(heatMap) }));
  return { seed, objects };
}

function rounded(map: HeatMap): HeatMap {
  return { ...map, values: map.values.map((value) => Number(value.toFixed(heatMapDigits))) };
}

/** The layout in the middle of a prior: for every object and coordinate the median over its samples. */
export function suggestLayout(prior: LayoutPrior): Layout {
  return layoutOf(prior, (object) => {
    const boxes = prior.samples.map(({ objects }) => objects[object].box);
    return nearestBox([0, 1, 2, 3].map((side) => median(boxes.map((box) => box[side]))));
  });
}

/** The layout of one sample, drawn with equal chances: "shuffle". The objects keep their places to one another. */
export function drawHarvestedLayout(prior: LayoutPrior, random: RandomStream): Layout {
  const sample = prior.samples[random.integer(prior.samples.length)];
  return layoutOf(prior, (object) => sample.objects[object].box);
}

/** Equal phrases of a prior are occurrences of one phrase. */
function layoutOf({ objects }: LayoutPrior, boxOf: (object: number) => Box): Layout {
  return parseLayout({
    objects: objects.map((phrase, index) => {
      const boxes = [boxOf(index)];
      const occurrence = occurrenceOf(objects, index);
      return { phrase, boxes, ...(occurrence !== undefined && { occurrences: [occurrence] }) };
    }),
  });
}
