import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import { createSampler } from '../diffusion/createSampler.ts';
import { createNoisePredictor, type NoisePredictor } from '../diffusion/networks.ts';
import { initialLatent, sampleLatent } from '../diffusion/sampleLatent.ts';
import { requireSamplerKeys } from '../diffusion/samplerKeys.ts';
import type { Sampler } from '../diffusion/samplers/sampler.ts';
import { createNoiseSchedule } from '../diffusion/schedule.ts';
import { toRasters } from '../images/raster.ts';
import { joinRows, relativeL2 } from '../numbers.ts';
import {
  createLayoutGradient,
  type LayoutGradient,
  officialLayoutLoss,
} from '../spatial/layoutGradient.ts';
import type { PlacedObject } from '../spatial/layoutMasks.ts';
import { createSpatialGuidance, updateLatent } from '../spatial/spatialGuidance.ts';
import { decode } from './autoencoderCases.ts';
import { type CaseReporter, defaultTolerance } from './caseReporter.ts';
import { exactly, largestDistance } from './caseResult.ts';
import { encodePrompts, NetworkPool, newTokenizer, type VerificationContext } from './context.ts';
import { GoldenError, type GoldenFile } from './goldenFile.ts';
import { parseGolden } from './goldenIndex.ts';
import { comparePrompt, placedObjects, placedPromptSchema } from './layoutLossCases.ts';
import { predictGuided } from './samplingCases.ts';

const caseSchema = placedPromptSchema.extend({
  num_steps: z.int().positive(),
  guidance: z.number(),
  loss_scale: z.number(),
  loss_threshold: z.number(),
  max_iter: z.int().nonnegative(),
  max_index_step: z.int().nonnegative(),
  updates_per_step: z.array(z.int().nonnegative()),
});

/** A stored run of the released `inference` and what it takes to repeat it. */
interface SpatialCase extends z.infer<typeof caseSchema> {
  readonly name: string;
  readonly file: GoldenFile;
  readonly objects: readonly PlacedObject[];
  readonly sampler: Sampler;
  readonly gradient: LayoutGradient;
  readonly predictor: NoisePredictor;
  /** Of the conditional prompt. */
  readonly hidden: Float32Array;
}

/** spatial: guidance by layout, update by update and as a whole. */
export async function verifySpatial(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const { sample } = context.indexes;
  const file = cases.open(sample, 'spatial.safetensors');
  if (!file || !sample) return;
  const pools = {
    gradients: new NetworkPool<LayoutGradient>(),
    predictors: new NetworkPool<NoisePredictor>(),
  };
  try {
    for (const [name, stored] of sample.cases('spatial')) {
      const keys = file.keys.filter((key) => key.startsWith(`${name}.`));
      await cases.attempt({ name: `${file.label}/${name}`, file, keys }, async () => {
        const described = parseGolden(caseSchema, stored, `${sample.path}: spatial.${name}`);
        comparePrompt(context, cases, `${file.label}/${name}`, described);
        const spatialCase = await prepare(context, file, pools, name, described);
        await verifyUpdates(context, spatialCase, cases);
        await verifyTrajectory(context, spatialCase, cases);
      });
    }
  } finally {
    await pools.gradients.release();
    await pools.predictors.release();
  }
}

/** Cases of one size share their networks. */
interface SpatialPools {
  readonly gradients: NetworkPool<LayoutGradient>;
  readonly predictors: NetworkPool<NoisePredictor>;
}

async function prepare(
  { model }: VerificationContext,
  file: GoldenFile,
  pools: SpatialPools,
  name: string,
  described: z.infer<typeof caseSchema>,
): Promise<SpatialCase> {
  const objects = placedObjects(described, file.path);
  const rowsKey = 'placeholder_embedding';
  const [, , height, width] = file.shape(`${name}.x0`);
  const schedule = createNoiseSchedule(model.configs.scheduler);
  requireSamplerKeys('lms', schedule.config.sampling);
  const layout = {
    ...officialLayoutLoss,
    lossScale: described.loss_scale,
    objects: objects.length,
    height,
    width,
  };
  const guided = { batch: 1, prompts: 2, height, width };
  return {
    ...described,
    name,
    file,
    objects,
    sampler: createSampler('lms', schedule, described.num_steps),
    hidden: await encodePrompts(
      model,
      [described.ids],
      file.has(rowsKey) ? file.floats(rowsKey) : undefined,
    ),
    gradient: await pools.gradients.get(JSON.stringify(layout), () =>
      createLayoutGradient(model, layout),
    ),
    predictor: await pools.predictors.get(JSON.stringify(guided), () =>
      createNoisePredictor(model, guided),
    ),
  };
}

/** Every update from the latent that the reference had, so that no rounding has grown. */
async function verifyUpdates(
  { indexes }: VerificationContext,
  spatialCase: SpatialCase,
  cases: CaseReporter,
): Promise<void> {
  const { name, file, sampler, gradient, hidden: hiddenStates, objects } = spatialCase;
  if (!file.has(`${name}.calls`)) return;
  const calls = file.rows(`${name}.calls`);
  requireCalls(spatialCase, calls.length);
  const losses: number[] = [];
  const gradients: Float32Array[] = [];
  let worst = 0;
  for (const { step, call } of conditionalCalls(spatialCase)) {
    const sample = sampler.scaleModelInput(calls[call], step);
    const timestep = sampler.timesteps[step];
    const found = await gradient.evaluate({ sample, timestep, hiddenStates, objects });
    losses.push(found.loss);
    // The scaling is linear: it takes the gradient from what the model sees to the latent as well.
    gradients.push(sampler.scaleModelInput(found.gradient, step));
    const moved = updateLatent(calls[call], found.gradient, sampler.mixtureAt(step));
    worst = Math.max(worst, relativeL2(moved, calls[call + 1]));
  }
  const label = `${file.label}/${name}`;
  const tight = tightTolerances(indexes.root?.file('ca.safetensors'));
  const measure = 'relative L2';
  cases.judge(`${label}.calls, each update by itself`, worst, {
    tolerance: tight.gradient,
    measure,
  });
  if (file.has(`${name}.losses`)) {
    const stored = file.numbers(`${name}.losses`);
    const options = { tolerance: tight.loss, measure } as const;
    cases.compareValues(`${label}.losses, each update by itself`, losses, stored, options);
  }
  if (file.has(`${name}.grads`)) {
    const worstGradient = worstOf(gradients, file.rows(`${name}.grads`));
    const options = { tolerance: tight.gradient, measure } as const;
    cases.judge(`${label}.grads, each update by itself`, worstGradient, options);
  }
}

/** Every update is a call, and every step one more. */
function requireCalls({ name, file, updates_per_step: updates }: SpatialCase, stored: number) {
  const expected = updates.reduce((sum, count) => sum + count, updates.length);
  if (stored === expected) return;
  throw new GoldenError(
    `${file.path}: '${name}.calls' holds ${stored} calls, its index counts ${expected}`,
  );
}

function worstOf(found: readonly Float32Array[], stored: readonly Float32Array[]): number {
  if (found.length !== stored.length) return Number.POSITIVE_INFINITY;
  return found.reduce((worst, values, i) => Math.max(worst, relativeL2(values, stored[i])), 0);
}

/**
 * Tolerances of a single loss and a single gradient: those that the index recommends for the same quantities in
 * ca.safetensors, the largest of their kind.
 */
function tightTolerances(file: GoldenFile | undefined) {
  const largest = (pattern: RegExp, least: number) =>
    (file?.keys ?? [])
      .filter((key) => pattern.test(key))
      .reduce((most, key) => Math.max(most, file?.entry(key).tolerance ?? 0), least);
  return {
    loss: largest(/\.loss\.official$/, defaultTolerance),
    gradient: largest(/\.grad\.official$/, 10 * defaultTolerance),
  };
}

/** Which of the stored calls are conditional ones, and before which step: the step's updates, then its guided call. */
function conditionalCalls({ updates_per_step }: SpatialCase): { step: number; call: number }[] {
  let next = 0;
  return updates_per_step.flatMap((updates, step) => {
    const own = Array.from({ length: updates }, () => ({ step, call: next++ }));
    next++;
    return own;
  });
}

async function verifyTrajectory(
  context: VerificationContext,
  spatialCase: SpatialCase,
  cases: CaseReporter,
): Promise<void> {
  const { name, file, updates_per_step } = spatialCase;
  const run = await runWhole(context, spatialCase);
  const label = `${file.label}/${name}`;
  const options = { ...exactly, detail: `${run.updates}` };
  cases.compareValues(`${label}, updates per step`, run.updates, updates_per_step, options);
  const found: Record<string, () => ArrayLike<number> | Promise<ArrayLike<number>>> = {
    calls: () => joinRows(run.calls),
    after_step: () => joinRows(run.afterStep),
    losses: () => run.losses,
    grads: () => joinRows(run.gradients),
  };
  for (const [what, values] of Object.entries(found)) {
    if (file.has(`${name}.${what}`)) cases.compare(file, `${name}.${what}`, await values());
  }
  if (file.has(`${name}.image`)) {
    // Of the stored latent where there is one: a run may amplify rounding until no level would be left to compare.
    const stored = file.has(`${name}.after_step`) ? file.rows(`${name}.after_step`) : run.afterStep;
    await comparePicture(context, spatialCase, stored[stored.length - 1], cases);
  }
}

/** The released `inference` divides the last latent by this, whatever the model's own factor is. */
const releasedScalingFactor = 0.18215;

/** Where the model has another factor, the picture may be that of either; the case says of which. */
async function comparePicture(
  context: VerificationContext,
  spatialCase: SpatialCase,
  latent: Float32Array,
  cases: CaseReporter,
): Promise<void> {
  const { name, file } = spatialCase;
  const key = `${name}.image`;
  const expected = file.numbers(key);
  const own = context.model.configs.autoencoder.scalingFactor;
  file.settle(key);
  for (const factor of new Set([releasedScalingFactor, own])) {
    const scaled = latent.map((value) => value * (own / factor));
    const found = await finalImage(context, spatialCase, scaled);
    const fits = found.length === expected.length && largestDistance(found, expected) <= 1;
    if (!fits && factor !== own) continue;
    const options = { tolerance: 1, measure: 'levels' } as const;
    const detail =
      own === releasedScalingFactor
        ? undefined
        : `decoded with the scaling factor ${factor}${factor === own ? ", the model's" : `, as the released code, not the model's ${own}`}`;
    return cases.compareValues(`${file.label}/${key}`, found, expected, { ...options, detail });
  }
}

interface WholeRun {
  /** Unscaled latents that entered the UNet, in order. */
  readonly calls: readonly Float32Array[];
  readonly afterStep: readonly Float32Array[];
  readonly losses: readonly number[];
  /** With respect to the unscaled latents. */
  readonly gradients: readonly Float32Array[];
  readonly updates: readonly number[];
}

async function runWhole(context: VerificationContext, spatialCase: SpatialCase): Promise<WholeRun> {
  const { name, file, predictor, guidance: scale } = spatialCase;
  const calls: Float32Array[] = [];
  const gradients: Float32Array[] = [];
  const afterStep: Float32Array[] = [];
  const sampler = recordingSampler(spatialCase.sampler, calls);
  const guidance = createSpatialGuidance({
    sampler,
    gradient: recordingGradient(spatialCase, gradients),
    hiddenStates: spatialCase.hidden,
    objects: spatialCase.objects,
    official: true,
    threshold: spatialCase.loss_threshold,
    maxIterations: spatialCase.max_iter,
    maxGuidedSteps: spatialCase.max_index_step,
    signal: context.signal,
  });
  const hidden = joinRows([await unconditionalHidden(context), spatialCase.hidden]);
  await sampleLatent({
    sampler,
    initialLatent: initialLatent(sampler, file.floats(`${name}.x0`)),
    predict: (modelInput, timestep) =>
      predictGuided(predictor, { modelInput, batch: 1, timestep, hidden, guidance: scale }),
    beforeStep: guidance.beforeStep,
    onStep: (latent) => afterStep.push(latent),
    signal: context.signal,
  });
  const losses = guidance.evaluations.map(({ loss }) => loss);
  return { calls, afterStep, losses, gradients, updates: guidance.updatesPerStep() };
}

/** Every call of the UNet scales its latent first. */
function recordingSampler(sampler: Sampler, calls: Float32Array[]): Sampler {
  return {
    ...sampler,
    scaleModelInput: (latent, step) => {
      calls.push(latent);
      return sampler.scaleModelInput(latent, step);
    },
  };
}

function recordingGradient(
  { gradient, sampler }: SpatialCase,
  gradients: Float32Array[],
): LayoutGradient {
  return {
    ...gradient,
    evaluate: async (request) => {
      const found = await gradient.evaluate(request);
      const step = sampler.timesteps.indexOf(request.timestep);
      gradients.push(sampler.scaleModelInput(found.gradient, step));
      return found;
    },
  };
}

/** The empty prompt; where the checkpoint brings no tokenizer, as it stands in sampling.safetensors. */
function unconditionalHidden(context: VerificationContext): Promise<Float32Array> {
  const tokenizer = newTokenizer(context);
  const stored = () => context.indexes.sample?.file('sampling.safetensors')?.idRows('ids')[0];
  const ids = typeof tokenizer === 'string' ? stored() : tokenizer.encodePadded('').ids;
  if (!ids) throw new InputError(`the ids of the empty prompt are not known: ${tokenizer}`);
  return encodePrompts(context.model, [ids]);
}

async function finalImage(
  { model }: VerificationContext,
  { name, file }: SpatialCase,
  latent: Float32Array,
): Promise<Uint8Array> {
  const [height, width] = file.shape(`${name}.image`);
  const pixels = await decode(model, file.shape(`${name}.x0`), latent);
  return toRasters(pixels, { height, width })[0].data;
}
