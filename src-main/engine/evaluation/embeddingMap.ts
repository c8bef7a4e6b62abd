import { float32 } from '../diffusion/networks.ts';
import {
  cosinesOf,
  largestIndices,
  meanRow,
  type VocabularyModel,
  vocabularyTable,
} from '../diffusion/vocabulary.ts';
import { dot, joinRows, squaredNorm } from '../numbers.ts';
import { constant } from '../tensor/ops/constant.ts';
import { div } from '../tensor/ops/div.ts';
import { gather } from '../tensor/ops/gather.ts';
import { gemm } from '../tensor/ops/gemm.ts';
import { input } from '../tensor/ops/input.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reduceMean } from '../tensor/ops/reduceMean.ts';
import { reduceSum } from '../tensor/ops/reduceSum.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { sub } from '../tensor/ops/sub.ts';
import { runOnce } from '../tensor/runOnce.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data, int64Data } from '../tensor/tensorData.ts';
import { type Ellipse, ellipseHolding } from './coreEllipse.ts';
import { multiply, principalDirections } from './principalDirections.ts';

/** Rows of a concept after some steps, [vectors, hiddenSize]. */
export interface KnownRows {
  readonly step: number;
  readonly rows: Float32Array;
}

export interface MapRequest {
  /** Tokens that make up the core distribution, in the order of the answer. */
  readonly ids: readonly number[];
  /** One list per concept. */
  readonly paths: readonly (readonly KnownRows[])[];
  /** How many of the core's words are told for the end of each path. */
  readonly neighbours: number;
}

interface MapPoint {
  readonly x: number;
  readonly y: number;
}

export interface EmbeddingMap {
  /** One per token. */
  readonly points: readonly MapPoint[];
  /** Holds 95 % of them. */
  readonly core: Ellipse;
  readonly paths: readonly {
    readonly points: readonly (MapPoint & { readonly step: number })[];
    /** Nearest to the last point by cosine, best first. */
    readonly nearest: readonly { readonly id: number; readonly cosine: number }[];
  }[];
  /** Share of the core's variance along the two directions, 0 to 1. */
  readonly explained: number;
}

const coreShare = 0.95;

/**
 * A flat map of the vocabulary and of the way that concepts take through it: on the two directions in which the words
 * and the concepts' ways spread most. Words and ways weigh the same, each by its own variance, so that a concept that
 * leaves the words is seen to leave them; without ways it is the principal components of the words. A concept of
 * several vectors stands at their mean.
 */
export async function mapEmbeddings(
  model: VocabularyModel,
  { ids, paths, neighbours }: MapRequest,
): Promise<EmbeddingMap> {
  const { hiddenSize: size } = model.configs.textEncoder;
  const ways = paths.map((path) =>
    path.map(({ step, rows }) => ({ step, row: Float64Array.from(meanRow(rows, size)) })),
  );
  const core = await describeCore(model, ids);
  const offsets = ways.flat().map(({ row }) => row.map((value, place) => value - core.mean[place]));
  const spread = addWays(core.covariance, offsets, size);
  const directions = principalDirections(spread, size, 2);
  const ends = ways.flatMap((way) => way.slice(-1)).map(({ row }) => Float32Array.from(row));
  const seen = await lookAt(model, ids, { mean: core.mean, directions, ends });
  const place = (row: Float64Array): MapPoint => {
    const offset = row.map((value, index) => value - core.mean[index]);
    return { x: dot(offset, directions[0]), y: dot(offset, directions[1]) };
  };
  let end = 0;
  return {
    points: seen.points.map(([x, y]) => ({ x, y })),
    core: ellipseHolding(seen.points, coreShare),
    paths: ways.map((way) => ({
      points: way.map(({ step, row }) => ({ step, ...place(row) })),
      nearest: way.length === 0 ? [] : nearestOf(ids, seen.cosines[end++], neighbours),
    })),
    explained: explainedBy(core.covariance, size, directions),
  };
}

/** Mean [hiddenSize] and covariance [hiddenSize, hiddenSize] of the words, multiplied by the runtime. */
async function describeCore(model: VocabularyModel, ids: readonly number[]) {
  const rows = rowsOf(model, ids);
  const mean = reduceMean(rows, [0]);
  const centered = sub(rows, mean);
  const covariance = div(gemm(centered, centered, { transposeA: true }), ids.length);
  const values = await runOnce(model.compile, { mean, covariance });
  return {
    mean: Float64Array.from(float32(values.mean)),
    covariance: Float64Array.from(float32(values.covariance)),
  };
}

interface Sight {
  readonly mean: Float64Array;
  readonly directions: readonly Float64Array[];
  /** Last points of the paths. */
  readonly ends: readonly Float32Array[];
}

/** Where the words stand along the directions, and their cosines to the ends of the paths. */
async function lookAt(model: VocabularyModel, ids: readonly number[], sight: Sight) {
  const { mean, directions, ends } = sight;
  const rows = rowsOf(model, ids);
  const size = mean.length;
  const plane = input('plane', [2, size]);
  // no graph has an input of no rows
  const rowsOfEnds = ends.length > 0 ? ends : [new Float32Array(size)];
  const vectors = input('ends', [rowsOfEnds.length, size]);
  const outputs = {
    projected: gemm(sub(rows, input('mean', [size])), plane, { transposeB: true }),
    products: gemm(vectors, rows, { transposeB: true }),
    squares: reshape(reduceSum(mul(rows, rows), [1]), [ids.length]),
  };
  const values = await runOnce(model.compile, outputs, {
    plane: float32Data([2, size], Float32Array.from(directions.flatMap((one) => [...one]))),
    mean: float32Data([size], Float32Array.from(mean)),
    ends: float32Data(vectors.shape, joinRows(rowsOfEnds)),
  });
  const projected = float32(values.projected);
  const products = float32(values.products);
  const squares = float32(values.squares);
  return {
    points: ids.map((_, index) => [projected[2 * index], projected[2 * index + 1]] as const),
    cosines: ends.map((end, index) => {
      const own = products.subarray(index * ids.length, (index + 1) * ids.length);
      return cosinesOf(own, squares, squaredNorm(end));
    }),
  };
}

function rowsOf(model: VocabularyModel, ids: readonly number[]): Tensor {
  return gather(vocabularyTable(model), constant(int64Data([ids.length], ids)));
}

/** Covariance of the words and mean square of the ways, each over its own trace. */
function addWays(
  covariance: Float64Array,
  offsets: readonly Float64Array[],
  size: number,
): Float64Array {
  const ownTrace = traceOf(covariance, size) || 1;
  const sum = covariance.map((value) => value / ownTrace);
  const waysTrace = offsets.reduce((total, offset) => total + dot(offset, offset), 0) || 1;
  for (const offset of offsets) addOuter(sum, offset, 1 / waysTrace);
  return sum;
}

function addOuter(matrix: Float64Array, vector: Float64Array, times: number): void {
  const size = vector.length;
  for (let row = 0; row < size; row++) {
    const factor = times * vector[row];
    for (let column = 0; column < size; column++)
      matrix[row * size + column] += factor * vector[column];
  }
}

function traceOf(matrix: Float64Array, size: number): number {
  let trace = 0;
  for (let row = 0; row < size; row++) trace += matrix[row * size + row];
  return trace;
}

function explainedBy(
  covariance: Float64Array,
  size: number,
  directions: readonly Float64Array[],
): number {
  const along = directions.map((direction) => dot(multiply(covariance, direction), direction));
  const trace = traceOf(covariance, size);
  return trace > 0 ? Math.min(Math.max(along.reduce((a, b) => a + b, 0) / trace, 0), 1) : 0;
}

function nearestOf(ids: readonly number[], cosines: Float32Array, count: number) {
  return largestIndices(cosines, count).map((index) => ({
    id: ids[index],
    cosine: cosines[index],
  }));
}
