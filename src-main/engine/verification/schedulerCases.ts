import * as z from 'zod';
import { type SamplerName, samplerNames } from '../../../src-shared/api.ts';
import { asInputError } from '../checkpoint/configFiles.ts';
import { createSampler } from '../diffusion/createSampler.ts';
import { initialLatent, sampleLatent } from '../diffusion/sampleLatent.ts';
import { requireSamplerKeys } from '../diffusion/samplerKeys.ts';
import { lmsCoefficients } from '../diffusion/samplers/lms.ts';
import type { Sampler } from '../diffusion/samplers/sampler.ts';
import {
  addNoise,
  createNoiseSchedule,
  type NoiseSchedule,
  velocity,
} from '../diffusion/schedule.ts';
import { type PredictionType, parseSchedulerConfig } from '../models/schedulerConfig.ts';
import { relativeL2 } from '../numbers.ts';
import { elementCount } from '../tensor/shape.ts';
import type { CaseReporter } from './caseReporter.ts';
import type { Numbers } from './caseResult.ts';
import type { VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';
import { openShared, sharedNames } from './sharedFiles.ts';

/** As the reference's README recommends for scheduler files. */
const tolerance = 1e-5;

const indexSchema = z.object({ config: z.looseObject({}) });

/** "<scheduler>.<prediction type>.<steps>[.karras]", taken apart. */
interface SchedulerCase {
  readonly key: string;
  readonly name: SamplerName;
  readonly predictionType: PredictionType;
  readonly steps: number;
  readonly karras: boolean;
}

/** schedulers: noise schedules, levels and runs on stored model outputs, for every version that is there. */
export async function verifySchedulers(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const names = sharedNames(context, 'schedulers-');
  if (names.length === 0) cases.unsupported('schedulers', 'no schedulers-*.json is there');
  for (const name of names) {
    const pair = openShared(context, cases, name, indexSchema);
    if (!pair) continue;
    const { file, index } = pair;
    const scheduleOf = (prediction_type: PredictionType) =>
      createNoiseSchedule(
        asInputError(() => parseSchedulerConfig({ ...index.config, prediction_type }, file.path)),
      );
    const keys = file.keys.filter((key) => /^(betas|alphas_cumprod|add_noise\..+)$/.test(key));
    await cases.attempt({ name: `${file.label}/forward process`, file, keys }, async () =>
      compareForwardProcess(scheduleOf('epsilon'), file, cases),
    );
    for (const schedulerCase of schedulerCases(file)) {
      const keys = keysOf(file, schedulerCase);
      const scope = { name: `${file.label}/${schedulerCase.key}`, file, keys };
      await cases.attempt(scope, () =>
        compareCase(scheduleOf(schedulerCase.predictionType), schedulerCase, file, cases),
      );
    }
  }
}

function compareForwardProcess(
  schedule: NoiseSchedule,
  file: GoldenFile,
  cases: CaseReporter,
): void {
  const { betas, alphasCumprod } = schedule;
  const mixed = (mix: typeof addNoise) => () =>
    mix(
      schedule,
      file.floats('add_noise.x'),
      file.floats('add_noise.noise'),
      file.integers('add_noise.t'),
    );
  const found: Record<string, () => Numbers> = {
    betas: () => betas,
    alphas_cumprod: () => alphasCumprod,
    'add_noise.out': mixed(addNoise),
    'add_noise.velocity': mixed(velocity),
  };
  for (const [key, values] of Object.entries(found)) {
    if (file.has(key)) cases.compare(file, key, values(), { tolerance });
  }
}

function schedulerCases(file: GoldenFile): SchedulerCase[] {
  return file.keys.flatMap((key) => {
    const match = /^(.+)\.(epsilon|v_prediction)\.(\d+)(\.karras)?\.timesteps$/.exec(key);
    if (!match) return [];
    const [, scheduler, prediction, steps, karras] = match;
    const name = samplerNames.find((known) => known === scheduler);
    if (!name) return [];
    const predictionType = prediction === 'epsilon' ? 'epsilon' : 'v_prediction';
    const ownKey = key.slice(0, -'.timesteps'.length);
    return [
      { key: ownKey, name, predictionType, steps: Number(steps), karras: karras !== undefined },
    ];
  });
}

/** The tensors of a case: those of "...20.karras" do not belong to "...20". */
function keysOf(file: GoldenFile, { key }: SchedulerCase): string[] {
  return file.keys.filter(
    (own) => own.startsWith(`${key}.`) && !own.slice(key.length + 1).includes('.'),
  );
}

async function compareCase(
  schedule: NoiseSchedule,
  schedulerCase: SchedulerCase,
  file: GoldenFile,
  cases: CaseReporter,
): Promise<void> {
  const { key, name, steps, karras } = schedulerCase;
  const finalSigma = endsAtZero(file, key) ? 'zero' : 'sigma_min';
  requireSamplerKeys(name, schedule.config.sampling, { finalSigma });
  const sampler = createSampler(name, schedule, steps, { karras, finalSigma });
  const levels = levelsOf(sampler);
  for (const own of keysOf(file, schedulerCase)) {
    const values = levels[own.slice(key.length + 1)];
    if (values) cases.compare(file, own, values, { tolerance });
  }
  await compareRun(sampler, schedulerCase, file, cases);
}

/** A run of another number of calls is another run, though nothing is wrong with the stored one. */
async function compareRun(
  sampler: Sampler,
  { key, steps }: SchedulerCase,
  file: GoldenFile,
  cases: CaseReporter,
): Promise<void> {
  const keys = ['latents', 'model_inputs'].map((what) => `${key}.${what}`);
  const [latents, modelInputs] = keys;
  if (!file.has(latents)) return;
  const [calls] = file.shape(`${key}.timesteps`);
  if (sampler.timesteps.length !== calls) {
    const detail = `${sampler.timesteps.length} calls of the model, expected ${calls}`;
    return cases.fail({ name: `${file.label}/${latents}`, file, keys }, detail);
  }
  const run = await runStored(sampler, steps, file);
  compareRows(cases, file, latents, run.latents);
  if (file.has(modelInputs)) compareRows(cases, file, modelInputs, run.modelInputs);
}

/** How DPM-Solver++ ends differs between versions of the reference; the stored noise levels tell. */
function endsAtZero(file: GoldenFile, key: string): boolean {
  return file.has(`${key}.sigmas`) && file.numbers(`${key}.sigmas`).at(-1) === 0;
}

function levelsOf(sampler: Sampler): Readonly<Record<string, Numbers>> {
  const mixtures = sampler.timesteps.map((_, step) => sampler.mixtureAt(step));
  return {
    timesteps: sampler.timesteps,
    sigmas: sampler.sigmas,
    init_noise_sigma: [sampler.initNoiseSigma],
    alpha_t: mixtures.map(({ signal }) => signal),
    sigma_t: mixtures.map(({ noise }) => noise),
    lambda_t: mixtures.map(({ signal, noise }) => Math.log(signal / noise)),
    final_alpha_cumprod: [sampler.mixtureAt(sampler.timesteps.length).signal ** 2],
    lms_coeffs: sampler.timesteps.flatMap((_, step) =>
      [...lmsCoefficients(sampler.sigmas, step), 0, 0, 0].slice(0, 4),
    ),
  };
}

async function runStored(sampler: Sampler, steps: number, file: GoldenFile) {
  const outputs = file.rows(`run.model_output.${sampler.timesteps.length}calls.${steps}`);
  const start = initialLatent(sampler, file.floats(`run.x0.${steps}`));
  const latents = [start];
  const modelInputs: Float32Array[] = [];
  await sampleLatent({
    sampler,
    initialLatent: start,
    predict: async (modelInput, _timestep, step) => {
      modelInputs.push(modelInput);
      return outputs[step];
    },
    onStep: (latent) => latents.push(latent),
  });
  return { latents, modelInputs };
}

/** The worst row: a fault late in the run must not hide behind large early latents. */
function compareRows(
  cases: CaseReporter,
  file: GoldenFile,
  key: string,
  rows: readonly Float32Array[],
): void {
  const stored = file.rows(key);
  file.settle(key);
  const name = `${file.label}/${key}`;
  const sameSize =
    rows.length === stored.length && rows[0].length === elementCount(file.shape(key).slice(1));
  const worst = sameSize
    ? rows.reduce((most, row, i) => Math.max(most, relativeL2(row, stored[i])), 0)
    : Number.POSITIVE_INFINITY;
  cases.judge(name, worst, { tolerance, measure: 'relative L2' });
}
