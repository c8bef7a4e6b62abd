import type { AttentionMap } from '../models/unet.ts';
import type { Values } from '../tensor/executable.ts';
import { add } from '../tensor/ops/add.ts';
import { cast } from '../tensor/ops/cast.ts';
import { clip } from '../tensor/ops/clip.ts';
import { div } from '../tensor/ops/div.ts';
import { greaterOrEqual } from '../tensor/ops/greaterOrEqual.ts';
import { input } from '../tensor/ops/input.ts';
import { matmul } from '../tensor/ops/matmul.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reduceMax } from '../tensor/ops/reduceMax.ts';
import { meanAll, reduceMean } from '../tensor/ops/reduceMean.ts';
import { reduceSum } from '../tensor/ops/reduceSum.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { stopGradient } from '../tensor/ops/stopGradient.ts';
import { sub } from '../tensor/ops/sub.ts';
import { topK } from '../tensor/ops/topK.ts';
import type { Shape } from '../tensor/shape.ts';
import type { DType, Tensor } from '../tensor/tensor.ts';
import { float32Data } from '../tensor/tensorData.ts';
import { tokensOf } from './layoutLoss.ts';
import {
  boxMask,
  cellRange,
  distinctSizes,
  type MapSize,
  type PlacedObject,
  positionWeights,
  sizeName,
} from './layoutMasks.ts';

/** Share of the cells, inside and outside, that counts: P of BoxDiff. */
const topShare = 0.2;
/** Cells on either side of an edge that the corner terms look at: L of BoxDiff. */
const edgeReach = 1;

/** What the loss knows of the boxes on maps of one size; all but the projections' length is [objects, cells]. */
interface BoxTensors {
  /** 1 inside the boxes. */
  readonly mask: Tensor;
  /** 1 at the rank of the last cell that counts, by falling attention; nowhere where no cell counts. */
  readonly insideRank: Tensor;
  readonly outsideRank: Tensor;
  /** 1 in the columns of the boxes, [objects, width], and weights of those near their edges, which sum to 1. */
  readonly columnMask: Tensor;
  readonly columnWeights: Tensor;
  /** The same of rows, [objects, height]. */
  readonly rowMask: Tensor;
  readonly rowWeights: Tensor;
}

/**
 * Box loss (BoxDiff, Xie et al., arXiv 2307.10816, equations 4 to 7), the mean over maps and objects of
 *
 *   1 - mean of the top 20 % of the attention inside + mean of the top 20 % outside
 *     + mean distance of the attention's projections on x and y from the box's, near its edges.
 *
 * An object's attention is the mean over heads and its tokens. Unlike BoxDiff the maps are those of layers by themselves,
 * neither smoothed nor rescaled. Boxes and positions are inputs of the graph: {@link boxLossValues}.
 *
 * @param maps of one prompt: probabilities [1, heads, height * width, tokens]
 * @returns a value of rank 0, from 0 to 4
 */
export function boxLoss(maps: readonly AttentionMap[], objects: number): Tensor {
  const tokens = tokensOf(maps);
  const { dtype } = maps[0].probabilities;
  const weights = input('box.positionWeights', [objects, tokens], dtype);
  const boxes = new Map(
    distinctSizes(maps).map((size) => [sizeName(size), boxTensors(size, objects, dtype)]),
  );
  const losses = maps.map((map) => {
    const cells = map.height * map.width;
    // [1, heads, cells, tokens] -> [cells, tokens]
    const overHeads = reshape(reduceMean(map.probabilities, [1]), [cells, tokens]);
    const attention = matmul(weights, overHeads, { transposeB: true }); // [objects, cells]
    return mapLoss(attention, boxes.get(sizeName(map))!, map);
  });
  return div(losses.reduce(add), maps.length);
}

function boxTensors(size: MapSize, objects: number, dtype: DType): BoxTensors {
  const shapes = boxShapes(size, objects);
  const named = (name: keyof BoxTensors) => input(inputName(name, size), shapes[name], dtype);
  return {
    mask: named('mask'),
    insideRank: named('insideRank'),
    outsideRank: named('outsideRank'),
    columnMask: named('columnMask'),
    columnWeights: named('columnWeights'),
    rowMask: named('rowMask'),
    rowWeights: named('rowWeights'),
  };
}

function boxShapes(size: MapSize, objects: number): Record<keyof BoxTensors, Shape> {
  const cells = [objects, size.height * size.width];
  const columns = [objects, size.width];
  const rows = [objects, size.height];
  return {
    mask: cells,
    insideRank: cells,
    outsideRank: cells,
    columnMask: columns,
    columnWeights: columns,
    rowMask: rows,
    rowWeights: rows,
  };
}

function inputName(name: keyof BoxTensors, size: MapSize): string {
  return `box.${name}.${sizeName(size)}`;
}

/** Loss of attention [objects, cells] on one map. */
function mapLoss(attention: Tensor, boxes: BoxTensors, { height, width }: MapSize): Tensor {
  const [objects] = attention.shape;
  const inside = topMean(attention, boxes.mask, boxes.insideRank);
  const outside = topMean(attention, sub(1, boxes.mask), boxes.outsideRank);
  const map = reshape(attention, [objects, height, width]);
  const ofColumns = reshape(reduceMax(map, [1]), [objects, width]);
  const ofRows = reshape(reduceMax(map, [2]), [objects, height]);
  const corners = add(
    edgeDistance(ofColumns, boxes.columnMask, boxes.columnWeights),
    edgeDistance(ofRows, boxes.rowMask, boxes.rowWeights),
  );
  return meanAll(add(add(sub(1, inside), outside), corners));
}

/** Mean of the largest values where the mask is 1: [objects, 1]; 0 where none counts. */
function topMean(attention: Tensor, mask: Tensor, rank: Tensor): Tensor {
  const [, cells] = attention.shape;
  // Attention is at least 0: what lies off the mask ranks last.
  const masked = stopGradient(add(mul(attention, mask), sub(mask, 1)));
  const threshold = reduceSum(mul(topK(masked, cells), rank), [1]);
  const counts = reduceSum(rank, [1]);
  const chosen = mul(mul(cast(greaterOrEqual(masked, threshold), mask.dtype), mask), counts);
  const count = clip(reduceSum(chosen, [1]), 1, cells);
  return div(reduceSum(mul(attention, chosen), [1]), count);
}

/** Mean of |projection - mask| over the weighted cells: [objects, 1]. Both lie in [0, 1], the mask at the ends. */
function edgeDistance(projection: Tensor, mask: Tensor, weights: Tensor): Tensor {
  const distance = add(mask, mul(projection, sub(1, mul(mask, 2))));
  return reduceSum(mul(distance, weights), [1]);
}

/** The inputs that {@link boxLoss} makes for maps of these sizes. @param tokens length of the prompt's sequence */
export function boxLossValues(
  sizes: readonly MapSize[],
  objects: readonly PlacedObject[],
  tokens: number,
): Values {
  const weights = positionWeights(objects, tokens).map((weight) => weight * objects.length);
  return {
    'box.positionWeights': float32Data([objects.length, tokens], weights),
    ...Object.fromEntries(distinctSizes(sizes).flatMap((size) => sizeValues(size, objects))),
  };
}

function sizeValues(size: MapSize, objects: readonly PlacedObject[]) {
  const shapes = boxShapes(size, objects.length);
  const perObject = objects.map((object) => objectNumbers(size, object));
  const names = Object.keys(shapes) as (keyof BoxTensors)[];
  return names.map((name) => {
    const values = Float32Array.from(perObject.flatMap((numbers) => [...numbers[name]]));
    return [inputName(name, size), float32Data(shapes[name], values)] as const;
  });
}

function objectNumbers(
  size: MapSize,
  { boxes }: PlacedObject,
): Record<keyof BoxTensors, ArrayLike<number> & Iterable<number>> {
  const mask = boxMask(boxes, size, 'nearest-cell');
  const insideCount = mask.reduce((sum, value) => sum + value, 0);
  const ranges = boxes.map((box) => cellRange(box, size, 'nearest-cell'));
  const columns = ranges.map(({ x0, x1 }) => [x0, x1] as const);
  const rows = ranges.map(({ y0, y1 }) => [y0, y1] as const);
  return {
    mask,
    insideRank: lastRank(insideCount, mask.length),
    outsideRank: lastRank(mask.length - insideCount, mask.length),
    columnMask: projectedMask(columns, size.width),
    columnWeights: edgeWeights(columns, size.width),
    rowMask: projectedMask(rows, size.height),
    rowWeights: edgeWeights(rows, size.height),
  };
}

function lastRank(count: number, cells: number): number[] {
  const last = count === 0 ? -1 : Math.max(Math.floor(count * topShare), 1) - 1;
  return Array.from({ length: cells }, (_, rank) => Number(rank === last));
}

type Interval = readonly [start: number, end: number];

function projectedMask(intervals: readonly Interval[], length: number): number[] {
  return Array.from({ length }, (_, cell) =>
    Number(intervals.some(([start, end]) => start <= cell && cell < end)),
  );
}

/** Equal weights of the cells near an edge. */
function edgeWeights(intervals: readonly Interval[], length: number): number[] {
  const isNear = (cell: number) =>
    intervals.flat().some((edge) => Math.abs(cell - edge) <= edgeReach);
  const near = Array.from({ length }, (_, cell) => Number(isNear(cell)));
  const count = near.reduce((sum, value) => sum + value, 0);
  return near.map((value) => value / count);
}
