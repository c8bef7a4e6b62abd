import * as z from 'zod';
import { globalNorm } from '../inversion/namedArrays.ts';
import { crossAttentionKeysAndValues, readWeights } from '../inversion/trainables.ts';
import { type LossWeights, placeholderRowsName } from '../inversion/trainExpression.ts';
import type { CaseReporter } from './caseReporter.ts';
import { comparePromptIds, numberIn, using, type VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';
import { referenceKey, stepOptionsOf, storedBatch } from './storedBatch.ts';
import { createTrainGraph, type TrainGraphResult } from './trainGraph.ts';

const promptsSchema = z.object({
  'instance+class': z.array(z.string()).optional(),
  reference: z.array(z.string()).optional(),
  note: z.string().optional(),
});

/** grad_cd: Custom Diffusion's losses and gradients. */
export async function verifyCustomDiffusion(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const { root } = context.indexes;
  const file = cases.open(root, 'grad_cd.safetensors');
  if (!file) return;
  const described = () => root?.section('cd_prompts', promptsSchema);
  await comparePromptIds(context, cases, file, 'ids', () => described()?.['instance+class']);
  await comparePromptIds(context, cases, file, 'ref_ids', () => described()?.reference);
  await compareGradients(context, cases, file, { detachFirstToken: true });
}

/** grad_kv: the same without holding back the first token; the inputs stand in grad_cd. */
export async function verifyKeysAndValues(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const file = cases.open(context.indexes.root, 'grad_kv_plain.safetensors');
  if (file) await compareGradients(context, cases, file, { detachFirstToken: false });
}

async function compareGradients(
  context: VerificationContext,
  cases: CaseReporter,
  file: GoldenFile,
  options: { readonly detachFirstToken: boolean },
): Promise<void> {
  const compared = (key: string) => /^(loss|grad_norm|grad\..+)$/.test(key);
  const scope = { name: file.label, file, keys: file.keys.filter(compared) };
  await cases.attempt(scope, async () => {
    const result = await run(context, options);
    if (typeof result === 'string') return cases.refuse({ ...scope, keys: file.keys }, result);
    for (const key of scope.keys) {
      const found = valueFor(result, key);
      if (found) cases.compare(file, key, found);
    }
  });
}

/** The result, or why there is none. */
async function run(
  { model, indexes }: VerificationContext,
  { detachFirstToken }: { readonly detachFirstToken: boolean },
): Promise<TrainGraphResult | string> {
  const inputs = indexes.root?.file('grad_cd.safetensors');
  const rows = indexes.root?.file('grad_ti.safetensors');
  const lossWeights = lossWeightsOf(indexes.root?.section('cd_prompts', promptsSchema)?.note ?? '');
  if (!inputs || !rows) return 'its inputs stand in grad_cd and grad_ti, which are not both there';
  if (!lossWeights) return 'cd_prompts names no weights "recons ..., anchor ..., prior ..."';
  const placeholders = inputs.shape('grad.embedding')[0];
  const change = crossAttentionKeysAndValues(model.configs.unet);
  const values = {
    [placeholderRowsName]: rows
      .floats('embedding')
      .slice(0, placeholders * model.configs.textEncoder.hiddenSize),
    ...(await readWeights(model.weights.unet, change.weights, model.compile)),
  };
  const referenceIds = referenceKey(inputs, 'ref_ids', lossWeights);
  const options = stepOptionsOf(inputs, referenceIds, {
    placeholders,
    change,
    anchor: { kind: lossWeights.anchor === 0 ? 'none' : 'reference' },
    lossWeights,
    detachFirstToken,
  });
  const batch = storedBatch(model, inputs, {
    ids: 'ids',
    referenceIds,
    classRows: options.classRows,
  });
  const graph = await createTrainGraph(model, options);
  return using(graph, (owned) => owned.run(batch, values));
}

/** The weights in the words of the index: "recons 0.05, anchor 0.95, prior 1.0". */
function lossWeightsOf(note: string): LossWeights | undefined {
  const [reconstruction, anchor, prior] = [
    /recons ([\d.]*\d)/,
    /anchor ([\d.]*\d)/,
    /prior ([\d.]*\d)/,
  ].map((pattern) => numberIn(note, pattern));
  if (reconstruction === undefined || anchor === undefined || prior === undefined) return undefined;
  return { reconstruction, anchor, prior };
}

function valueFor(
  { losses, gradients }: TrainGraphResult,
  key: string,
): ArrayLike<number> | undefined {
  if (key === 'loss')
    return [losses.total, losses.reconstruction, losses.prior ?? 0, losses.anchor ?? 0];
  if (key === 'grad_norm') return [globalNorm(gradients)];
  if (key === 'grad.embedding') return gradients[placeholderRowsName];
  return gradients[trainedName(key.slice('grad.'.length))];
}

/** The attention processor of diffusers 0.17 names its own copies of the weights. */
export function trainedName(key: string): string {
  return key.replace('_custom_diffusion.weight', '.weight');
}
