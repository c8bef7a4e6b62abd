import type { PictureReport } from '../../../src-shared/api.ts';
import type { Layout } from '../../../src-shared/layout.ts';
import { createSampler } from '../diffusion/createSampler.ts';
import { guideBatch, repeatForGuidance } from '../diffusion/guidance.ts';
import { RandomStream } from '../diffusion/random.ts';
import { initialLatent, sampleLatent } from '../diffusion/sampleLatent.ts';
import type { Sampler } from '../diffusion/samplers/sampler.ts';
import { createNoiseSchedule } from '../diffusion/schedule.ts';
import type { EngineParams } from '../protocol.ts';
import {
  collectObjectAttention,
  heatMapSizeOf,
  type ObjectAttention,
} from '../spatial/attentionMaps.ts';
import { massInside } from '../spatial/heatMap.ts';
import type { PlacedObject } from '../spatial/layoutMasks.ts';
import { placeObjects, placeObjectsOfficially } from '../spatial/placedObjects.ts';
import { createSpatialGuidance, type SpatialGuidance } from '../spatial/spatialGuidance.ts';
import type { PersonalModel } from './applyConcepts.ts';
import { type CommandContext, createPhase } from './context.ts';
import type { Size } from './latentSize.ts';
import type { PictureNetworks } from './pictureNetworks.ts';

export interface PictureJob {
  readonly model: PersonalModel;
  readonly networks: PictureNetworks;
  readonly params: EngineParams<'composePictures'>;
  /** Of the latent. */
  readonly size: Size;
  readonly layout: Layout | undefined;
  /** Whether the layout guides the picture; otherwise it is only measured. */
  readonly spatial: boolean;
  /** As the user is told about it. */
  readonly title: string;
}

export interface SampledPicture extends Pick<PictureReport, 'attention' | 'updates'> {
  /** [1, 4, height, width] */
  readonly latent: Float32Array;
}

/** Share of the steps, at the end, whose attention is measured: earlier it is still about the layout. */
const measuredShare = 0.5;

/** Samples one picture, guided by its layout where asked, and measures where its objects' attention lies. */
export async function samplePicture(
  job: PictureJob,
  context: CommandContext,
): Promise<SampledPicture> {
  const hiddenStates = await encodePrompts(job);
  const sampler = samplerOf(job);
  const objects = placedObjects(job);
  const guidance =
    job.spatial && job.layout
      ? await guide(job, sampler, objects, hiddenStates, context)
      : undefined;
  const attention = collectObjectAttention(
    objects.map(({ positions }) => positions),
    heatMapSizeOf(job.size),
  );
  const random = RandomStream.create(job.params.seed, 'noise');
  const phase = createPhase(context, job.title, sampler.timesteps.length);
  const latent = await sampleLatent({
    sampler,
    initialLatent: initialLatent(sampler, random.normal(latentLength(job))),
    predict: await observedPrediction(job, sampler, hiddenStates, attention),
    beforeStep: guidance?.beforeStep,
    onStep: (_, step) => phase.finish(step + 1),
    random,
    signal: context.signal,
  });
  return { latent, ...measure(job.layout, attention), updates: guidance?.updatesPerStep() };
}

function latentLength({ model, size }: PictureJob): number {
  return model.configs.unet.inChannels * size.height * size.width;
}

/** Guided predictions; of the last steps the attention is collected in passing. */
async function observedPrediction(
  { model, networks, params }: PictureJob,
  sampler: Sampler,
  hiddenStates: Float32Array,
  attention: ObjectAttention,
) {
  const predict = await networks.predictor(model);
  const firstMeasured = Math.floor(sampler.timesteps.length * (1 - measuredShare));
  return async (modelInput: Float32Array, timestep: number, step: number) => {
    const latents = repeatForGuidance(modelInput);
    const { prediction, levels } = await predict(latents, timestep, hiddenStates);
    if (step >= firstMeasured) attention.add(levels);
    return guideBatch(prediction, params.guidance);
  };
}

function samplerOf({ model, params }: PictureJob): Sampler {
  const schedule = createNoiseSchedule(model.configs.scheduler);
  return createSampler(params.sampler, schedule, params.steps, { karras: params.karras });
}

/** Hidden states of the negative prompt, then of the prompt, [2, tokens, hiddenSize]. */
async function encodePrompts({ model, networks, params }: PictureJob): Promise<Float32Array> {
  const encoder = await networks.textEncoder(model);
  const ids = [params.negative, params.prompt].map((prompt) => model.encodePadded(prompt).ids);
  return encoder.encode(ids, model.placeholders > 0 ? model.placeholderRows : undefined);
}

function placedObjects({ model, params, layout }: PictureJob): PlacedObject[] {
  if (!layout) return [];
  const prompt = model.expand(params.prompt);
  return params.official
    ? placeObjectsOfficially(prompt, layout, model.expand)
    : placeObjects(model.tokenizer, prompt, layout, model.expand);
}

async function guide(
  { model, networks, params }: PictureJob,
  sampler: Sampler,
  objects: readonly PlacedObject[],
  hiddenStates: Float32Array,
  context: CommandContext,
): Promise<SpatialGuidance> {
  return createSpatialGuidance({
    gradient: await networks.layoutGradient(model),
    sampler,
    hiddenStates: hiddenStates.slice(hiddenStates.length / 2),
    objects,
    official: params.official,
    threshold: params.layoutThreshold,
    maxIterations: params.layoutUpdates,
    maxGuidedSteps: params.guidedSteps,
    signal: context.signal,
  });
}

function measure(
  layout: Layout | undefined,
  attention: ObjectAttention,
): Pick<PictureReport, 'attention'> {
  if (!layout) return {};
  const maps = attention.heatMaps();
  return {
    attention: layout.objects.map(({ phrase, boxes }, index) => ({
      phrase,
      inside: Math.min(massInside(maps[index], boxes), 1),
      heatMap: maps[index],
    })),
  };
}
