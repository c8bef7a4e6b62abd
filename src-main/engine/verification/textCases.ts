import * as z from 'zod';
import { float32 } from '../diffusion/networks.ts';
import { clipText, embedTokens, finalLayerNorm } from '../models/clipText.ts';
import { createGraph } from '../tensor/graph.ts';
import { input } from '../tensor/ops/input.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { int64Data } from '../tensor/tensorData.ts';
import type { CaseReporter } from './caseReporter.ts';
import { comparePromptIds, using, type VerificationContext } from './context.ts';

/** text: ids, embeddings and every hidden state of the text encoder. */
export async function verifyText(context: VerificationContext, cases: CaseReporter): Promise<void> {
  const file = cases.open(context.indexes.root, 'text.safetensors');
  if (!file) return;
  await comparePromptIds(context, cases, file, 'ids', () =>
    context.indexes.root?.section('text_prompts', z.array(z.string())),
  );
  await cases.attempt({ name: file.label, file, keys: file.keys }, async () => {
    const ids = file.idRows('ids');
    const outputs = Object.entries(textOutputs(context, ids.length)).filter(([key]) =>
      file.has(key),
    );
    const executable = await context.model.compile(createGraph(Object.fromEntries(outputs)));
    await using(executable, async ({ run }) => {
      const values = await run({ ids: int64Data([ids.length, ids[0].length], ids.flat()) });
      for (const [key] of outputs) cases.compare(file, key, float32(values[key]));
    });
  });
}

/** Everything that a reference file may hold, by its key. */
function textOutputs({ model }: VerificationContext, batch: number): Record<string, Tensor> {
  const config = model.configs.textEncoder;
  const weights = model.weights.textEncoder;
  const ids = input('ids', [batch, config.maxPositionEmbeddings], 'int64');
  const inputEmbeddings = embedTokens(weights, config, ids);
  const { lastHiddenState, hiddenStates } = clipText(weights, config, inputEmbeddings);
  const penultimate = hiddenStates[hiddenStates.length - 2];
  return {
    input_embeddings: inputEmbeddings,
    last_hidden_state: lastHiddenState,
    ...Object.fromEntries(hiddenStates.map((hidden, layer) => [`hidden_states.${layer}`, hidden])),
    penultimate_final_norm: finalLayerNorm(weights, config, penultimate),
  };
}
