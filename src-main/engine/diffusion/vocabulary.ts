import { createGraph } from '../tensor/graph.ts';
import { constant } from '../tensor/ops/constant.ts';
import { gather } from '../tensor/ops/gather.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { int64Data } from '../tensor/tensorData.ts';
import type { DiffusionModel } from './model.ts';
import { float32 } from './networks.ts';

/** What is needed to compute with the token embeddings; they stay in the checkpoint's file. */
export type VocabularyModel = Pick<DiffusionModel, 'configs' | 'weights' | 'compile'>;

/** All token embeddings [vocabSize, hiddenSize] as a value of a graph. */
export function vocabularyTable({ configs, weights }: Omit<VocabularyModel, 'compile'>): Tensor {
  const { vocabSize, hiddenSize } = configs.textEncoder;
  return weights.textEncoder.get('text_model.embeddings.token_embedding.weight', [
    vocabSize,
    hiddenSize,
  ]);
}

/** Numbers of a value that depends on weights alone. */
export async function evaluateOnce(
  compile: DiffusionModel['compile'],
  value: Tensor,
): Promise<Float32Array> {
  const executable = await compile(createGraph({ value }));
  try {
    return float32((await executable.run({})).value);
  } finally {
    await executable.release();
  }
}

/** Rows of tokens [ids.length, hiddenSize], read by the runtime. */
export function readVocabularyRows(
  model: VocabularyModel,
  ids: readonly number[],
): Promise<Float32Array> {
  const rows = gather(vocabularyTable(model), constant(int64Data([ids.length], ids)));
  return evaluateOnce(model.compile, rows);
}

/** Mean of rows [count, size]: [size]. */
export function meanRow(rows: Float32Array, size: number): Float32Array {
  const count = rows.length / size;
  const mean = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += rows[row * size + i];
    mean[i] = sum / count;
  }
  return mean;
}
