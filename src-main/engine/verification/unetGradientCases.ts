import type { DiffusionModel } from '../diffusion/model.ts';
import { globalNorm } from '../inversion/namedArrays.ts';
import { readWeights, wholeUNet } from '../inversion/trainables.ts';
import { placeholderRowsName } from '../inversion/trainExpression.ts';
import type { CaseReporter } from './caseReporter.ts';
import { using, type VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';
import { stepOptionsOf, storedBatch } from './storedBatch.ts';
import { createTrainGraph, type TrainGraphResult } from './trainGraph.ts';

/** What the index calls values inside the step. */
const innerNames: Readonly<Record<string, string>> = {
  hidden: 'encoderHiddenStates',
  noisy: 'noisyLatents',
  model_pred: 'prediction',
};

/** grad_unet: gradients of every weight of the UNet and of what enters and leaves it; the inputs stand in grad_ti. */
export async function verifyUNetGradients(
  { model, indexes }: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const file = cases.open(indexes.root, 'grad_unet.safetensors');
  if (!file) return;
  const keys = file.keys.filter((key) => /^(loss|grad\..+|head\..+)$/.test(key));
  const scope = { name: file.label, file, keys };
  await cases.attempt(scope, async () => {
    const inputs = indexes.root?.file('grad_ti.safetensors');
    if (!inputs) return cases.refuse(scope, 'its inputs stand in grad_ti, which is not there');
    const result = await run(model, inputs, promptKey(inputs, file.meaning('loss')));
    for (const key of keys) {
      const found = valueFor(result, key, file);
      if (found) cases.compare(file, key, found);
    }
  });
}

/** The ids of the set of prompts that an index names, "inputs are those of grad_ti 'one'", or else of the first set. */
function promptKey(inputs: GoldenFile, meaning: string): string {
  const set = /grad_ti '([^']+)'/.exec(meaning)?.[1];
  return set === undefined
    ? (inputs.keys.find((key) => key.endsWith('.ids')) ?? 'ids')
    : `${set}.ids`;
}

async function run(
  model: DiffusionModel,
  inputs: GoldenFile,
  ids: string,
): Promise<TrainGraphResult> {
  const change = wholeUNet(model.configs.unet);
  const values = await readWeights(model.weights.unet, change.weights, model.compile);
  const graph = await createTrainGraph(model, {
    ...stepOptionsOf(inputs, undefined, { placeholders: inputs.shape('embedding')[0], change }),
    innerGradients: true,
  });
  return using(graph, (owned) =>
    owned.run(storedBatch(model, inputs, { ids }), {
      [placeholderRowsName]: inputs.floats('embedding'),
      ...values,
    }),
  );
}

/** Large gradients are stored as their norm and their first values. */
function valueFor(
  { losses, gradients }: TrainGraphResult,
  key: string,
  file: GoldenFile,
): ArrayLike<number> | undefined {
  if (key === 'loss') return [losses.total];
  const name = key.slice('grad.'.length);
  const gradient = gradients[innerNames[name] ?? name];
  if (!gradient || key.startsWith('grad.')) return gradient;
  const count = file.shape(key)[0] - 1;
  return [globalNorm({ gradient }), ...gradient.slice(0, count)];
}
