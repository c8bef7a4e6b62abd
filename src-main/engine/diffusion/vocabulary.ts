import { squaredNorm } from '../numbers.ts';
import { constant } from '../tensor/ops/constant.ts';
import { gather } from '../tensor/ops/gather.ts';
import { gemm } from '../tensor/ops/gemm.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reduceSum } from '../tensor/ops/reduceSum.ts';
import { runOnce } from '../tensor/runOnce.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data, int64Data } from '../tensor/tensorData.ts';
import type { DiffusionModel } from './model.ts';
import { float32 } from './networks.ts';

/** What is needed to compute with the token embeddings; they stay in the checkpoint's file. */
export type VocabularyModel = Pick<DiffusionModel, 'configs' | 'weights' | 'compile'>;

/** Key of the token embeddings among the text encoder's weights. */
export const vocabularyKey = 'text_model.embeddings.token_embedding.weight';

/** All token embeddings [vocabSize, hiddenSize] as a value of a graph. */
export function vocabularyTable({ configs, weights }: Omit<VocabularyModel, 'compile'>): Tensor {
  const { vocabSize, hiddenSize } = configs.textEncoder;
  return weights.textEncoder.get(vocabularyKey, [vocabSize, hiddenSize]);
}

/** Numbers of a value that depends on weights alone. */
async function evaluateOnce(
  compile: DiffusionModel['compile'],
  value: Tensor,
): Promise<Float32Array> {
  return float32((await runOnce(compile, { value })).value);
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

/** Squared length of every row of the vocabulary: [vocabSize]. */
export function readSquaredNorms(model: VocabularyModel): Promise<Float32Array> {
  const table = vocabularyTable(model);
  return evaluateOnce(model.compile, reduceSum(mul(table, table), [1]));
}

/** Cosines of a vector [hiddenSize] with every row of the vocabulary: [vocabSize]; 0 with a row of zeros. */
export async function vocabularyCosines(
  model: VocabularyModel,
  vector: Float32Array,
): Promise<Float32Array> {
  const row = constant(float32Data([1, vector.length], vector));
  const products = gemm(row, vocabularyTable(model), { transposeB: true });
  const dots = await evaluateOnce(model.compile, products);
  return cosinesOf(dots, await readSquaredNorms(model), squaredNorm(vector));
}

/** Cosines from products with the vocabulary [vocabSize] and the squared lengths on both sides. */
export function cosinesOf(
  dots: Float32Array,
  squaredNorms: Float32Array,
  ownSquare: number,
): Float32Array {
  return dots.map((product, id) => {
    const lengths = Math.sqrt(ownSquare * squaredNorms[id]);
    return lengths === 0 ? 0 : product / lengths;
  });
}

/** Indices of the largest values, best first; of equal ones the first. */
export function largestIndices(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let index = 0; index < values.length; index++) {
    if (best.length === count && values[index] <= values[best[count - 1]]) continue;
    let place = best.length;
    while (place > 0 && values[best[place - 1]] < values[index]) place--;
    best.splice(place, 0, index);
    if (best.length > count) best.pop();
  }
  return best;
}
