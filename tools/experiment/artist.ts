import type { CommandContext } from '../../src-main/engine/commands/context.ts';
import {
  latentSizeOf,
  pictureSizeOf,
  type Size,
} from '../../src-main/engine/commands/latentSize.ts';
import { withModel } from '../../src-main/engine/commands/openModel.ts';
import { applyConcepts, type PersonalModel } from '../../src-main/engine/concepts/applyConcepts.ts';
import { readConcept } from '../../src-main/engine/concepts/conceptFile.ts';
import { createSampler } from '../../src-main/engine/diffusion/createSampler.ts';
import { guideBatch } from '../../src-main/engine/diffusion/guidance.ts';
import {
  createImageDecoder,
  createNoisePredictor,
  createTextEncoder,
  type ImageDecoder,
  type NoisePredictor,
  type TextEncoder,
} from '../../src-main/engine/diffusion/networks.ts';
import { RandomStream } from '../../src-main/engine/diffusion/random.ts';
import { initialLatent, sampleLatent } from '../../src-main/engine/diffusion/sampleLatent.ts';
import type { Sampler } from '../../src-main/engine/diffusion/samplers/sampler.ts';
import { createNoiseSchedule } from '../../src-main/engine/diffusion/schedule.ts';
import { type Raster, toRasters } from '../../src-main/engine/images/raster.ts';
import { loadModel } from '../../src-main/engine/loadModel.ts';
import {
  createLayoutGradient,
  type LayoutGradient,
} from '../../src-main/engine/spatial/layoutGradient.ts';
import { placeObjects } from '../../src-main/engine/spatial/placedObjects.ts';
import { createSpatialGuidance } from '../../src-main/engine/spatial/spatialGuidance.ts';
import { demo } from '../../src-shared/demo.ts';
import { guidedStepsOf } from '../../src-shared/guidedSteps.ts';
import type { Layout } from '../../src-shared/layout.ts';

/** One picture to be made. */
export interface PictureRequest {
  readonly prompt: string;
  readonly seed: number;
  /** Guides the picture where given. */
  readonly layout?: Layout;
}

/** Makes pictures with one set of concepts; everything is compiled once. */
export interface Artist {
  /** Pictures of one batch, which is faster than one by one and draws the same. */
  paint(requests: readonly PictureRequest[]): Promise<Raster[]>;
}

/** How all pictures are sampled. */
export const sampling = {
  ...demo.sampling,
  guidedSteps: guidedStepsOf({ ...demo.sampling, official: false }),
} as const;

const silent: CommandContext = { signal: new AbortController().signal, report: () => {} };

/** The model of an experiment, and how it is run. */
export interface Studio {
  readonly model: string;
  /** 0: as many as the machine has. */
  readonly threads: number;
}

/** Opens a model with concepts for the time of `use`. @param conceptFiles none for the model's own words */
export async function withArtist<T>(
  { model, threads }: Studio,
  conceptFiles: readonly string[],
  use: (artist: Artist) => Promise<T>,
): Promise<T> {
  return withModel(
    { model, device: 'cpu', precision: 'float32', threads },
    silent,
    async (open) => {
      const concepts = conceptFiles.map(readConcept);
      const loaded = loadModel(open.checkpoint, open.model.compile);
      const own = applyConcepts(loaded, open.checkpoint, concepts);
      const tools = createTools(own);
      return use({ paint: (requests) => paint(own, tools, requests) });
    },
  );
}

/** What an artist works with, each compiled when it is first needed. */
interface Tools {
  readonly size: Size;
  readonly textEncoder: (prompts: number) => Promise<TextEncoder>;
  /** For pictures with and without their prompt. */
  readonly predictor: (pictures: number) => Promise<NoisePredictor>;
  readonly decoder: (pictures: number) => Promise<ImageDecoder>;
  readonly layoutGradient: (objects: number) => Promise<LayoutGradient>;
}

function createTools(model: PersonalModel): Tools {
  const size = latentSizeOf(model, undefined);
  const { placeholders } = model;
  return {
    size,
    textEncoder: once((batch) => createTextEncoder(model, { batch, placeholders })),
    predictor: once((batch) => createNoisePredictor(model, { batch, prompts: 2, ...size })),
    decoder: once((batch) => createImageDecoder(model, { batch, ...size })),
    layoutGradient: once((objects) => createLayoutGradient(model, { ...size, objects })),
  };
}

function once<T>(create: (key: number) => Promise<T>): (key: number) => Promise<T> {
  const created = new Map<number, Promise<T>>();
  return (key) => {
    const known = created.get(key) ?? create(key);
    created.set(key, known);
    return known;
  };
}

async function paint(
  model: PersonalModel,
  tools: Tools,
  requests: readonly PictureRequest[],
): Promise<Raster[]> {
  const count = requests.length;
  const hiddenStates = await encodePrompts(model, tools, requests);
  const schedule = createNoiseSchedule(model.configs.scheduler);
  const sampler = createSampler(sampling.sampler, schedule, sampling.steps);
  const { predict } = await tools.predictor(count);
  const latent = await sampleLatent({
    sampler,
    initialLatent: initialLatent(sampler, drawNoise(model, tools, requests)),
    predict: async (latents, timestep) => {
      const timesteps = Array.from({ length: count }, () => timestep);
      const prediction = await predict(latents, timesteps, hiddenStates);
      return guideBatch(prediction, sampling.guidance);
    },
    beforeStep: await guideEach(model, tools, sampler, requests, hiddenStates),
  });
  const decoder = await tools.decoder(count);
  return toRasters(await decoder.decode(latent), pictureSizeOf(model, tools.size));
}

/** What the UNet takes of the empty prompt once per picture, then of each prompt: [2 * pictures, tokens, channels]. */
async function encodePrompts(
  model: PersonalModel,
  tools: Tools,
  requests: readonly PictureRequest[],
): Promise<Float32Array> {
  const prompts = [...requests.map(() => ''), ...requests.map(({ prompt }) => prompt)];
  const encoder = await tools.textEncoder(prompts.length);
  const ids = prompts.map((prompt) => model.encodePadded(prompt).ids);
  const rows = model.placeholders > 0 ? model.placeholderRows : undefined;
  return model.conditionOn(await encoder.encode(ids, rows), ids);
}

/** The noise that the program draws for each seed: [pictures, channels, height, width]. */
function drawNoise(
  { configs }: PersonalModel,
  { size }: Tools,
  requests: readonly PictureRequest[],
): Float32Array {
  const length = configs.unet.inChannels * size.height * size.width;
  const noise = new Float32Array(requests.length * length);
  for (const [index, { seed }] of requests.entries()) {
    noise.set(RandomStream.create(seed, 'noise').normal(length), index * length);
  }
  return noise;
}

/** Moves the latent of each picture that has a layout, by itself. */
async function guideEach(
  model: PersonalModel,
  tools: Tools,
  sampler: Sampler,
  requests: readonly PictureRequest[],
  hiddenStates: Float32Array,
) {
  const stateLength = hiddenStates.length / (2 * requests.length);
  const guidances = await Promise.all(
    requests.map(async ({ prompt, layout }, index) => {
      if (!layout) return undefined;
      const start = (requests.length + index) * stateLength;
      return createSpatialGuidance({
        gradient: await tools.layoutGradient(layout.objects.length),
        sampler,
        maxGuidedSteps: sampling.guidedSteps,
        hiddenStates: hiddenStates.slice(start, start + stateLength),
        objects: placeObjects(model.tokenizer, model.expand(prompt), layout, model.expand),
      });
    }),
  );
  return async (latents: Float32Array, step: number) => {
    const moved = latents.slice();
    const length = latents.length / requests.length;
    for (const [index, guidance] of guidances.entries()) {
      const own = latents.slice(index * length, (index + 1) * length);
      if (guidance) moved.set(await guidance.beforeStep(own, step), index * length);
    }
    return moved;
  };
}
