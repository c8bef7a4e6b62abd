import * as z from 'zod';
import { createAdamW } from '../inversion/adamW.ts';
import {
  type LearningRateOptions,
  learningRateFactor,
  parseLearningRateSchedule,
} from '../inversion/learningRate.ts';
import type { CaseReporter } from './caseReporter.ts';
import type { VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';
import { parseGolden } from './goldenIndex.ts';
import { openShared } from './sharedFiles.ts';

const caseSchema = z.object({
  lr: z.number(),
  weight_decay: z.number(),
  betas: z.tuple([z.number(), z.number()]),
  eps: z.number(),
  schedule: z.string(),
  warmup_steps: z.int().nonnegative(),
  training_steps: z.int().positive(),
  num_cycles: z.number().positive().optional(),
  power: z.number().positive().optional(),
});

type AdamWCase = z.infer<typeof caseSchema>;

/** Far below what a step changes, a few roundings of float32. */
const parameterTolerance = 1e-6;
/** Learning rates are stored in float64. */
const rateTolerance = 1e-9;

/** adamw: the optimiser and its learning rates on stored gradients. */
export async function verifyAdamW(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const schema = z.object({ cases: z.record(z.string(), z.unknown()) });
  const pair = openShared(context, cases, 'adamw', schema);
  if (!pair) return;
  const { index, file } = pair;
  for (const [key, described] of Object.entries(index.cases)) {
    const name = `adamw/${key}`;
    const keys = file.keys.filter((own) => own.startsWith(`${key}.`));
    await cases.attempt({ name, file, keys }, async () =>
      compareCase(parseGolden(caseSchema, described, name), key, file, cases),
    );
  }
}

function compareCase(
  { lr, weight_decay: weightDecay, betas, eps: epsilon, ...described }: AdamWCase,
  key: string,
  file: GoldenFile,
  cases: CaseReporter,
): void {
  const rows = file.floats(`${key}.init`).slice();
  const group = { parameters: { rows }, learningRate: lr, weightDecay };
  const optimizer = createAdamW([group], { betas, epsilon });
  const options = { ...learningRateOptions(described), base: lr };
  const after: number[] = [];
  const rates: number[] = [];
  for (const [step, gradient] of file.rows(`${key}.grads`).entries()) {
    const factor = learningRateFactor(options, step);
    optimizer.step({ rows: gradient }, factor);
    rates.push(lr * factor);
    after.push(...rows);
  }
  cases.compare(file, `${key}.params`, after, { tolerance: parameterTolerance });
  if (file.has(`${key}.lr`)) cases.compare(file, `${key}.lr`, rates, { tolerance: rateTolerance });
}

/** "warmup5" is the reference's own name for a constant rate after a warm-up. */
function learningRateOptions({
  schedule,
  warmup_steps: warmupSteps,
  training_steps: trainingSteps,
  num_cycles: cycles,
  power,
}: Omit<AdamWCase, 'lr' | 'weight_decay' | 'betas' | 'eps'>): Omit<LearningRateOptions, 'base'> {
  const name = /^warmup\d*$/.test(schedule) ? 'constant_with_warmup' : schedule;
  return { schedule: parseLearningRateSchedule(name), warmupSteps, trainingSteps, cycles, power };
}
