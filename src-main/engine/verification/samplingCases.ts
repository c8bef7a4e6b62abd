import * as z from 'zod';
import { type SamplerName, samplerNames } from '../../../src-shared/api.ts';
import { createSampler } from '../diffusion/createSampler.ts';
import { guideBatch } from '../diffusion/guidance.ts';
import { createNoisePredictor, type NoisePredictor } from '../diffusion/networks.ts';
import { initialLatent, sampleLatent } from '../diffusion/sampleLatent.ts';
import { requireSamplerKeys } from '../diffusion/samplerKeys.ts';
import type { Sampler, SamplerOptions } from '../diffusion/samplers/sampler.ts';
import { createNoiseSchedule } from '../diffusion/schedule.ts';
import { joinRows, splitRows } from '../numbers.ts';
import { decode } from './autoencoderCases.ts';
import type { CaseReporter } from './caseReporter.ts';
import { comparePromptIds, encodePrompts, using, type VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';
import type { GoldenIndex } from './goldenIndex.ts';

/** One run: "<sampler><steps>.latents" and what belongs to it. */
interface SamplingRun {
  readonly samplerName: SamplerName;
  readonly steps: number;
  readonly guidance: number;
}

/** What all runs share. */
interface SamplingSetup {
  readonly file: GoldenFile;
  readonly predictor: NoisePredictor;
  /** [2 * batch, tokens, hiddenSize], unconditional first. */
  readonly hidden: Float32Array;
  readonly options: SamplerOptions;
}

interface RunValues {
  /** Before the first step and after every one. */
  readonly latents: readonly Float32Array[];
  /** The model's output after guidance, for every call. */
  readonly outputs: readonly Float32Array[];
}

/** sampling: whole trajectories of the samplers, from stored noise. */
export async function verifySampling(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const { sample } = context.indexes;
  const file = cases.open(sample, 'sampling.safetensors');
  if (!file || !sample) return;
  await comparePromptIds(context, cases, file, 'ids', () => {
    const prompt = sample.section('prompt', z.string());
    return prompt === undefined ? undefined : ['', prompt];
  });
  const names = file.keys.flatMap((key) => /^(.+)\.latents$/.exec(key)?.[1] ?? []);
  const keys = file.keys.filter((key) => names.some((name) => key.startsWith(`${name}.`)));
  await cases.attempt({ name: file.label, file, keys }, async () => {
    const [batch, , height, width] = file.shape('x0');
    const hidden = await guidanceHidden(context, file.idRows('ids'), batch);
    const size = { batch, prompts: 2, height, width };
    const predictor = await createNoisePredictor(context.model, size);
    await using(predictor, async () => {
      const setup = { file, predictor, hidden, options: samplerOptions(sample) };
      for (const name of names) await verifyRun(context, cases, setup, name);
    });
  });
}

/** Hidden states [2 * batch, ...]: the unconditional prompt for each picture, then the conditional one. */
async function guidanceHidden(
  { model }: VerificationContext,
  ids: readonly (readonly number[])[],
  batch: number,
): Promise<Float32Array> {
  const rows = splitRows(await encodePrompts(model, ids), ids.length);
  return joinRows(rows.flatMap((row) => new Array<Float32Array>(batch).fill(row)));
}

async function verifyRun(
  context: VerificationContext,
  cases: CaseReporter,
  setup: SamplingSetup,
  name: string,
): Promise<void> {
  const { file } = setup;
  const keys = file.keys.filter((key) => key.startsWith(`${name}.`));
  const scope = { name: `${file.label}/${name}`, file, keys };
  const run = describeRun(file, name);
  if (!run) return cases.refuse(scope, 'no such sampler, or its index names no steps and guidance');
  await cases.attempt(scope, async () => {
    const schedule = createNoiseSchedule(context.model.configs.scheduler);
    requireSamplerKeys(run.samplerName, schedule.config.sampling, setup.options);
    const sampler = createSampler(run.samplerName, schedule, run.steps, setup.options);
    const { latents, outputs } = await followRun(context, setup, sampler, run);
    const last = latents[latents.length - 1];
    const found: Record<string, () => ArrayLike<number> | Promise<ArrayLike<number>>> = {
      latents: () => joinRows(latents),
      eps: () => joinRows(outputs),
      timesteps: () => sampler.timesteps,
      image: () => decode(context.model, file.shape('x0'), last),
    };
    const { tolerance } = file.entry(`${name}.latents`);
    for (const key of keys) {
      const values = await found[key.slice(name.length + 1)]?.();
      // What the decoder makes of a latent is as far off as the latent.
      if (values) cases.compare(file, key, values, key.endsWith('.image') ? { tolerance } : {});
    }
  });
}

/** The sampler in the name, steps and guidance in the index's words: "10 steps, guidance 7.5". */
function describeRun(file: GoldenFile, name: string): SamplingRun | undefined {
  const samplerName =
    samplerNames.find((known) => known === name) ??
    samplerNames.find((known) => known === name.replace(/\d+$/, ''));
  const words = /(\d+) steps, guidance ([\d.]*\d)/.exec(file.meaning(`${name}.latents`));
  if (!samplerName || !words) return undefined;
  return { samplerName, steps: Number(words[1]), guidance: Number(words[2]) };
}

async function followRun(
  { signal }: VerificationContext,
  { file, predictor, hidden }: SamplingSetup,
  sampler: Sampler,
  { guidance }: SamplingRun,
): Promise<RunValues> {
  const [batch] = file.shape('x0');
  const start = initialLatent(sampler, file.floats('x0'));
  const latents = [start];
  const outputs: Float32Array[] = [];
  await sampleLatent({
    sampler,
    initialLatent: start,
    predict: async (modelInput, timestep) => {
      const call = { modelInput, batch, timestep, hidden, guidance };
      outputs.push(await predictGuided(predictor, call));
      return outputs[outputs.length - 1];
    },
    onStep: (latent) => latents.push(latent),
    signal,
  });
  return { latents, outputs };
}

/** One call of classifier-free guidance. */
export interface GuidedCall {
  /** Scaled latents [batch, channels, height, width]. */
  readonly modelInput: Float32Array;
  readonly batch: number;
  readonly timestep: number;
  /** [2 * batch, tokens, hiddenSize], unconditional first. */
  readonly hidden: Float32Array;
  readonly guidance: number;
}

export async function predictGuided(
  predictor: NoisePredictor,
  { modelInput, batch, timestep, hidden, guidance }: GuidedCall,
): Promise<Float32Array> {
  const timesteps = new Array<number>(batch).fill(timestep);
  const output = await predictor.predict(modelInput, timesteps, hidden);
  return guideBatch(output, guidance);
}

/** DPM-Solver++ ends at noise level 0 since diffusers 0.26; the index's title names the version. */
function samplerOptions(index: GoldenIndex): SamplerOptions {
  const title = index.section('title', z.string()) ?? '';
  const [, major = '0', minor = '17'] = /diffusers (\d+)\.(\d+)/.exec(title) ?? [];
  return { finalSigma: Number(major) > 0 || Number(minor) >= 26 ? 'zero' : 'sigma_min' };
}
