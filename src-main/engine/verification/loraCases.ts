import {
  type LoraLayer,
  loraDownName,
  loraUpName,
  type UNetChange,
} from '../inversion/trainables.ts';
import { placeholderRowsName } from '../inversion/trainExpression.ts';
import type { CaseReporter } from './caseReporter.ts';
import { numberIn, using, type VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';
import { stepOptionsOf, storedBatch } from './storedBatch.ts';
import { createTrainGraph } from './trainGraph.ts';

/** grad_lora: the UNet with stored low-rank factors, and their gradients. */
export async function verifyLora(
  { model, indexes }: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const file = cases.open(indexes.root, 'grad_lora.safetensors');
  if (!file) return;
  const factors = file.keys.filter((key) => /^(?!grad\.).*\.lora_[AB]\.weight$/.test(key));
  const scope = { name: file.label, file, keys: file.keys };
  await cases.attempt(scope, async () => {
    const change = storedChange(file, factors);
    if (typeof change === 'string') return cases.refuse(scope, change);
    const rows = indexes.root?.file('grad_ti.safetensors')?.floats('embedding');
    if (!rows)
      return cases.refuse(scope, 'its placeholder rows stand in grad_ti, which is not there');
    const values = Object.fromEntries(factors.map((key) => [key, file.floats(key)]));
    const placeholders = rows.length / model.configs.textEncoder.hiddenSize;
    const graph = await createTrainGraph(
      model,
      stepOptionsOf(file, undefined, { placeholders, change }),
    );
    await using(graph, async (owned) => {
      const batch = storedBatch(model, file, { ids: 'ids' });
      const result = await owned.run(batch, { [placeholderRowsName]: rows, ...values });
      if (file.has('loss')) cases.compare(file, 'loss', [result.losses.total]);
      if (file.has('model_pred')) cases.compare(file, 'model_pred', result.prediction);
      for (const key of factors.filter((factor) => file.has(`grad.${factor}`))) {
        cases.compare(file, `grad.${key}`, result.gradients[key]);
      }
    });
  });
}

/** The layers that the stored factors change, or why they cannot be understood. */
function storedChange(file: GoldenFile, factors: readonly string[]): UNetChange | string {
  const downs = factors.filter((key) => key.endsWith('.lora_A.weight'));
  if (downs.length === 0) return 'it holds no factors';
  const layers = new Map<string, LoraLayer>();
  for (const down of downs) {
    const layer = down.slice(0, -'.lora_A.weight'.length);
    const up = loraUpName(layer);
    if (loraDownName(layer) !== down || !file.has(up)) return `'${down}' has no factor '${up}'`;
    const [rank, inFeatures] = file.shape(down);
    const alpha = numberIn(file.meaning(down), /\balpha = ([\d.]*\d)/) ?? rank;
    layers.set(layer, { shape: [file.shape(up)[0], inFeatures], rank, alpha });
  }
  return { kind: 'lora', layers };
}
