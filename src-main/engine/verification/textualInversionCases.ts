import * as z from 'zod';
import type { DiffusionModel } from '../diffusion/model.ts';
import { addNoise, createNoiseSchedule, velocity } from '../diffusion/schedule.ts';
import { type LossWeights, placeholderRowsName } from '../inversion/trainExpression.ts';
import { elementCount } from '../tensor/shape.ts';
import type { CaseReporter } from './caseReporter.ts';
import { comparePromptIds, NetworkPool, using, type VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';
import { joinedTable, referenceKey, stepOptionsOf, storedBatch } from './storedBatch.ts';
import {
  createTrainGraph,
  type TrainGraph,
  type TrainGraphResult,
  tableName,
} from './trainGraph.ts';

const promptPairSchema = z.object({
  prompts: z.array(z.string()),
  reference: z.array(z.string()).optional(),
});

/** grad_ti: losses and gradients of textual inversion, plain, with an anchor and by the anchor alone. */
export async function verifyTextualInversion(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const { root } = context.indexes;
  const file = cases.open(root, 'grad_ti.safetensors');
  if (!file) return;
  const mixed = ['noisy', 'velocity'].filter((key) => file.has(key));
  await cases.attempt({ name: 'grad_ti/noisy', file, keys: mixed }, async () =>
    compareForwardProcess(context.model, file, cases),
  );
  await using(new NetworkPool<TrainGraph>(), async (pool) => {
    for (const key of file.keys.filter((name) => name.endsWith('.ids'))) {
      const set = key.slice(0, -'.ids'.length);
      const described = () => root?.section(`ti_prompts.${set}`, promptPairSchema);
      await comparePromptIds(context, cases, file, key, () => described()?.prompts);
      const referenceIds = `${set}.ref_ids`;
      await comparePromptIds(context, cases, file, referenceIds, () => described()?.reference);
      await verifySet(context.model, file, set, pool, cases);
    }
  });
}

async function compareForwardProcess(
  { configs }: DiffusionModel,
  file: GoldenFile,
  cases: CaseReporter,
): Promise<void> {
  const schedule = createNoiseSchedule(configs.scheduler);
  const [latents, noise] = [file.floats('latents'), file.floats('noise')];
  const timesteps = file.integers('timesteps');
  const mixtures = { noisy: addNoise, velocity };
  for (const [key, mix] of Object.entries(mixtures)) {
    if (file.has(key)) cases.compare(file, key, mix(schedule, latents, noise, timesteps));
  }
}

async function verifySet(
  model: DiffusionModel,
  file: GoldenFile,
  set: string,
  pool: NetworkPool<TrainGraph>,
  cases: CaseReporter,
): Promise<void> {
  const variants = file.keys.flatMap((key) => {
    const [ofSet, variant, what, ...rest] = key.split('.');
    return ofSet === set && what === 'loss' && rest.length === 0 ? [variant] : [];
  });
  for (const [index, variant] of variants.entries()) {
    const prefix = `${set}.${variant}`;
    const predictionKeys = index === 0 ? [`${set}.model_pred`] : [];
    const own = ['loss', 'grad', 'grad_table'].map((what) => `${prefix}.${what}`);
    const keys = [...own, ...predictionKeys].filter((key) => file.has(key));
    const scope = { name: `grad_ti/${prefix}`, file, keys };
    await cases.attempt(scope, async () => {
      const weights = lossWeightsOf(file.meaning(`${prefix}.loss`));
      if (!weights) return cases.refuse(scope, 'its meaning names no known loss');
      const result = await run(model, file, set, variant, weights, pool);
      const found = valuesByKey(result, file, set, prefix);
      for (const key of keys) cases.compare(file, key, found[key]());
    });
  }
}

/** The weights in the words of the index: "0.05*recons + 0.95*anchor". */
export function lossWeightsOf(meaning: string): LossWeights | undefined {
  if (meaning.includes('plain mse')) return { reconstruction: 1, anchor: 0, prior: 0 };
  if (meaning.includes('anchor loss alone')) return { reconstruction: 0, anchor: 1, prior: 0 };
  const match = /([\d.]+)\s*\*\s*recons\s*\+\s*([\d.]+)\s*\*\s*anchor/.exec(meaning);
  return match
    ? { reconstruction: Number(match[1]), anchor: Number(match[2]), prior: 0 }
    : undefined;
}

async function run(
  model: DiffusionModel,
  file: GoldenFile,
  set: string,
  variant: string,
  lossWeights: LossWeights,
  pool: NetworkPool<TrainGraph>,
): Promise<TrainGraphResult> {
  const referenceIds = referenceKey(file, `${set}.ref_ids`, lossWeights);
  const keys = { ids: `${set}.ids`, referenceIds };
  const options = {
    ...stepOptionsOf(file, referenceIds, {
      placeholders: file.shape('embedding')[0],
      anchor: { kind: lossWeights.anchor === 0 ? 'none' : 'reference' },
      lossWeights,
    }),
    wholeTable: file.has(`${set}.${variant}.grad_table`),
  };
  const graph = await pool.get(JSON.stringify(options), () => createTrainGraph(model, options));
  const rows = { [placeholderRowsName]: file.floats('embedding') };
  return graph.run(storedBatch(model, file, keys), rows);
}

function valuesByKey(
  { losses, gradients, prediction }: TrainGraphResult,
  file: GoldenFile,
  set: string,
  prefix: string,
): Record<string, () => ArrayLike<number>> {
  const rows = gradients[placeholderRowsName];
  const tableKey = `${prefix}.grad_table`;
  return {
    [`${prefix}.loss`]: () => [losses.total, losses.reconstruction, losses.anchor ?? 0],
    [`${prefix}.grad`]: () => rows,
    [tableKey]: () => joinedTable(gradients[tableName], rows, elementCount(file.shape(tableKey))),
    [`${set}.model_pred`]: () => prediction,
  };
}
