import { float32 } from '../diffusion/networks.ts';
import {
  largestIndices,
  meanRow,
  readSquaredNorms,
  readVocabularyRows,
  type VocabularyModel,
  vocabularyTable,
} from '../diffusion/vocabulary.ts';
import { dot, mean, splitRows, squaredNorm } from '../numbers.ts';
import type { Executable } from '../tensor/executable.ts';
import { createGraph } from '../tensor/graph.ts';
import { add } from '../tensor/ops/add.ts';
import { gather } from '../tensor/ops/gather.ts';
import { gemm } from '../tensor/ops/gemm.ts';
import { input } from '../tensor/ops/input.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reduceSum } from '../tensor/ops/reduceSum.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { sub } from '../tensor/ops/sub.ts';
import { topK } from '../tensor/ops/topK.ts';
import { float32Data, int64Data } from '../tensor/tensorData.ts';

/** How far the rows of a concept lie from the words that the model knows; means over the rows. */
export interface Drift {
  /** Length over the mean length of the vocabulary's rows. */
  readonly normRatio: number;
  /** Cosine to the class word (the mean of its tokens), -1 to 1; absent without one. */
  readonly classCosine?: number;
  /** Rank of the mean distance to the nearest words among that of real words, 0 to 100: 100 is farther out than any. */
  readonly percentile: number;
}

export interface DriftMeter {
  /** @param rows [count, hiddenSize], as many as the meter was made for */
  measure(rows: Float32Array): Promise<Drift>;
  release(): Promise<void>;
}

export interface DriftOptions {
  /** Rows of the concept. */
  readonly rows: number;
  /** Tokens of the class word. */
  readonly classIds: readonly number[];
  /** How many words stand for the vocabulary in the percentile, evenly spaced over the ids. Default 2000. */
  readonly sampledWords?: number;
}

/** Distances are to this many nearest words. */
const neighbourCount = 10;
/** Products of a chunk of words with the vocabulary: 64 MB. */
const chunkElements = 16_000_000;

/**
 * Measures drift (decision 0006). The statistic of all words would take vocabSize^2 * hiddenSize products, 2 * 10^12 for
 * Stable Diffusion; 2000 words give the percentile to within about 2 points.
 */
export async function createDriftMeter(
  model: VocabularyModel,
  { rows, classIds, sampledWords = 2000 }: DriftOptions,
): Promise<DriftMeter> {
  const { vocabSize, hiddenSize } = model.configs.textEncoder;
  const squaredNorms = await readSquaredNorms(model);
  const classRow =
    classIds.length > 0
      ? meanRow(await readVocabularyRows(model, classIds), hiddenSize)
      : undefined;
  const wordDistances = await distancesOfWords(model, squaredNorms, sampledWords);
  const values = input('rows', [rows, hiddenSize]);
  const products = gemm(values, vocabularyTable(model), { transposeB: true });
  const executable = await model.compile(createGraph({ products }));
  const productsWith = (given: Float32Array) => multiply(executable, [rows, hiddenSize], given);
  const meanNorm = squaredNorms.reduce((sum, square) => sum + Math.sqrt(square), 0) / vocabSize;
  return {
    measure: async (given) => {
      const dots = splitRows(await productsWith(given), rows);
      const each = splitRows(given, rows).map((row, index) => ({
        row,
        distance: nearestDistance(dots[index], squaredNorms, squaredNorm(row)),
      }));
      return {
        normRatio: mean(each.map(({ row }) => Math.sqrt(squaredNorm(row)) / meanNorm)),
        ...(classRow && { classCosine: mean(each.map(({ row }) => cosine(row, classRow))) }),
        percentile: mean(each.map(({ distance }) => percentileIn(wordDistances, distance))),
      };
    },
    release: () => executable.release(),
  };
}

async function multiply(
  executable: Executable,
  shape: readonly number[],
  rows: Float32Array,
): Promise<Float32Array> {
  return float32((await executable.run({ rows: float32Data(shape, rows) })).products);
}

/** Mean distance to the nearest other words, for evenly spaced words, in ascending order. */
async function distancesOfWords(
  model: VocabularyModel,
  squaredNorms: Float32Array,
  sampledWords: number,
): Promise<Float64Array> {
  const { vocabSize } = model.configs.textEncoder;
  const count = Math.min(sampledWords, vocabSize);
  const ids = Array.from({ length: count }, (_, i) => Math.floor((i * vocabSize) / count));
  const size = Math.min(count, Math.max(1, Math.floor(chunkElements / vocabSize)));
  const kept = Math.min(neighbourCount + 1, vocabSize);
  const executable = await compileWordDistances(model, size, kept);
  try {
    const distances: number[] = [];
    for (let start = 0; start < count; start += size) {
      const chunk = ids.slice(start, start + size);
      const padded = Array.from({ length: size }, (_, i) => chunk[i] ?? chunk[0]);
      const { closeness } = await executable.run({
        ids: int64Data([size], padded),
        squaredNorms: float32Data([1, vocabSize], squaredNorms),
      });
      const rows = splitRows(float32(closeness), size).slice(0, chunk.length);
      // the closest of all is the word itself
      distances.push(...rows.map((row) => mean(Array.from(row.subarray(1), distanceOf))));
    }
    return Float64Array.from(distances).sort();
  } finally {
    await executable.release();
  }
}

/** Graph that gives the smallest squared distances of words [size] to the vocabulary, negated: [size, kept]. */
function compileWordDistances(
  model: VocabularyModel,
  size: number,
  kept: number,
): Promise<Executable> {
  const table = vocabularyTable(model);
  const norms = input('squaredNorms', [1, table.shape[0]]);
  const ids = input('ids', [size], 'int64');
  const rows = gather(table, ids); // [size, hiddenSize]
  const products = gemm(rows, table, { transposeB: true }); // [size, vocabSize]
  const own = reshape(reduceSum(mul(rows, rows), [1]), [size, 1]);
  const negated = sub(mul(products, 2), add(own, norms));
  return model.compile(createGraph({ closeness: topK(negated, kept) }));
}

function distanceOf(negatedSquare: number): number {
  return Math.sqrt(Math.max(0, -negatedSquare));
}

function nearestDistance(
  dots: Float32Array,
  squaredNorms: Float32Array,
  ownSquare: number,
): number {
  const closeness = dots.map((product, id) => 2 * product - ownSquare - squaredNorms[id]);
  return mean(largestIndices(closeness, neighbourCount).map((id) => distanceOf(closeness[id])));
}

/** Share of the sorted values that are at most `value`, in percent. */
function percentileIn(sorted: Float64Array, value: number): number {
  let below = 0;
  while (below < sorted.length && sorted[below] <= value) below++;
  return (100 * below) / sorted.length;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const lengths = Math.sqrt(squaredNorm(a) * squaredNorm(b));
  return lengths === 0 ? 0 : dot(a, b) / lengths;
}
