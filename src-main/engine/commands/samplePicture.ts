import type { PictureReport } from '../../../src-shared/api.ts';
import { guidedStepsOf } from '../../../src-shared/guidedSteps.ts';
import type { HeatMap, Layout } from '../../../src-shared/layout.ts';
import type { PersonalModel } from '../concepts/applyConcepts.ts';
import { createPipelineSampler } from '../diffusion/createSampler.ts';
import { guideBatch } from '../diffusion/guidance.ts';
import { RandomStream } from '../diffusion/random.ts';
import { initialLatent, sampleLatent } from '../diffusion/sampleLatent.ts';
import type { Sampler } from '../diffusion/samplers/sampler.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import {
  type AttentionLevel,
  collectObjectAttention,
  firstLateStep,
  heatMapSizeOf,
} from '../spatial/attentionMaps.ts';
import { massInside } from '../spatial/heatMap.ts';
import type { PlacedObject } from '../spatial/layoutMasks.ts';
import { placeObjects, placeObjectsOfficially } from '../spatial/placedObjects.ts';
import { createSpatialGuidance, type SpatialGuidance } from '../spatial/spatialGuidance.ts';
import { type CommandContext, createPhase } from './context.ts';
import type { Size } from './latentSize.ts';
import type { PictureNetworks } from './pictureNetworks.ts';

export interface PictureJob {
  readonly model: PersonalModel;
  readonly params: EngineParams<'composePictures'>;
  /** Of the latent. */
  readonly size: Size;
  readonly layout: Layout | undefined;
  /** Whether the layout guides the picture; otherwise it is only measured. */
  readonly spatial: boolean;
  /** As the user is told about it. */
  readonly title: string;
}

type ObjectReports = EngineAnswer<'composePictures'>['pictures'][number]['attention'];

export interface SampledPicture extends Pick<PictureReport, 'updates'> {
  readonly attention?: ObjectReports;
  /** [1, 4, height, width] */
  readonly latent: Float32Array;
}

/**
 * Samples one picture, guided by its layout where asked, and measures where its objects' attention lies.
 *
 * @param hiddenStates as {@link encodePrompts} gives them
 */
export async function samplePicture(
  networks: PictureNetworks,
  job: PictureJob,
  hiddenStates: Float32Array,
  context: CommandContext,
): Promise<SampledPicture> {
  const sampler = samplerOf(job);
  const objects = placedObjects(job);
  const guidance =
    job.spatial && job.layout
      ? await guide(job, { networks, sampler, objects, hiddenStates, context })
      : undefined;
  const attention = observeAttention(job, sampler.timesteps.length, objects);
  const random = RandomStream.create(job.params.seed, 'noise');
  const phase = createPhase(context, job.title, sampler.timesteps.length);
  const latent = await sampleLatent({
    sampler,
    initialLatent: initialLatent(sampler, random.normal(latentLength(job))),
    predict: await observedPrediction(networks, job, hiddenStates, attention),
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

/** Guided predictions; the attention is collected in passing. */
async function observedPrediction(
  networks: PictureNetworks,
  { model, params }: PictureJob,
  hiddenStates: Float32Array,
  attention: AttentionObserver,
) {
  const { predict } = await networks.predictor.of(model);
  return async (modelInput: Float32Array, timestep: number, step: number) => {
    const { prediction, levels } = await predict(modelInput, timestep, hiddenStates);
    attention.observe(levels, step);
    return guideBatch(prediction, params.guidance);
  };
}

function samplerOf({ model, params }: PictureJob): Sampler {
  const { sampler, steps, karras } = params;
  return createPipelineSampler(sampler, model.configs.scheduler, steps, { karras });
}

/** What the UNet takes of the negative prompt, then of the prompt: [2, tokens, channels]. */
export async function encodePrompts(
  { textEncoder }: PictureNetworks,
  { model, params }: PictureJob,
): Promise<Float32Array> {
  const encoder = await textEncoder.of(model);
  const ids = [params.negative, params.prompt].map((prompt) => model.encodePadded(prompt).ids);
  const rows = model.placeholders > 0 ? model.placeholderRows : undefined;
  return model.conditionOn(await encoder.encode(ids, rows), ids);
}

/** @throws InputError where the prompt lacks an object of the layout */
export function placedObjects({
  model,
  params,
  layout,
}: {
  readonly model: Pick<PersonalModel, 'tokenizer' | 'expand'>;
  readonly params: Pick<PictureJob['params'], 'prompt' | 'official'>;
  readonly layout: Layout | undefined;
}): PlacedObject[] {
  if (!layout) return [];
  const prompt = model.expand(params.prompt);
  return params.official
    ? placeObjectsOfficially(prompt, layout, model.expand)
    : placeObjects(model.tokenizer, prompt, layout, model.expand);
}

interface GuidanceParts {
  readonly networks: PictureNetworks;
  readonly sampler: Sampler;
  readonly objects: readonly PlacedObject[];
  readonly hiddenStates: Float32Array;
  readonly context: CommandContext;
}

async function guide(
  { model, params }: PictureJob,
  { networks, sampler, objects, hiddenStates, context }: GuidanceParts,
): Promise<SpatialGuidance> {
  return createSpatialGuidance({
    gradient: await networks.layoutGradient.of(model),
    sampler,
    hiddenStates: hiddenStates.slice(hiddenStates.length / 2),
    objects,
    official: params.official,
    threshold: params.layoutThreshold,
    maxIterations: params.layoutUpdates,
    maxGuidedSteps: guidedStepsOf(params),
    signal: context.signal,
  });
}

/** What the objects of a layout get of the attention while a picture is made. */
interface AttentionObserver {
  observe(levels: readonly AttentionLevel[], step: number): void;
  /** One map per object over the late steps. */
  heatMaps(): HeatMap[];
  /** Of the steps that are told alone, one map per object each. */
  readonly overTime: readonly { readonly step: number; readonly heatMaps: readonly HeatMap[] }[];
}

function observeAttention(
  { params, size }: PictureJob,
  steps: number,
  objects: readonly PlacedObject[],
): AttentionObserver {
  const collect = () =>
    collectObjectAttention(
      objects.map(({ positions }) => positions),
      heatMapSizeOf(size),
    );
  const late = collect();
  const firstLate = firstLateStep(steps);
  const told = new Set(evenSteps(steps, objects.length > 0 ? (params.attentionSteps ?? 0) : 0));
  const overTime: { step: number; heatMaps: HeatMap[] }[] = [];
  return {
    observe: (levels, step) => {
      if (step >= firstLate) late.add(levels);
      if (!told.has(step)) return;
      const single = collect();
      single.add(levels);
      overTime.push({ step, heatMaps: single.heatMaps() });
    },
    heatMaps: () => late.heatMaps(),
    overTime,
  };
}

/** At most `count` steps from the first to the last, evenly spaced. */
export function evenSteps(steps: number, count: number): number[] {
  if (count >= steps) return Array.from({ length: steps }, (_, step) => step);
  if (count < 2) return Array.from({ length: count }, () => steps - 1);
  return Array.from({ length: count }, (_, index) =>
    Math.round((index * (steps - 1)) / (count - 1)),
  );
}

function measure(
  layout: Layout | undefined,
  { heatMaps, overTime }: AttentionObserver,
): Pick<SampledPicture, 'attention'> {
  if (!layout) return {};
  const maps = heatMaps();
  return {
    attention: layout.objects.map(({ phrase, boxes }, index) => ({
      phrase,
      inside: Math.min(massInside(maps[index], boxes), 1),
      heatMap: maps[index],
      ...(overTime.length > 0 && {
        overTime: overTime.map((at) => ({ step: at.step, heatMap: at.heatMaps[index] })),
      }),
    })),
  };
}
