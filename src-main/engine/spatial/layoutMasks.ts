import type { Box } from '../../../src-shared/layout.ts';

/** Size of an attention map in cells. */
export interface MapSize {
  readonly height: number;
  readonly width: number;
}

/** An object of the prompt with its place. */
export interface PlacedObject {
  /** Positions of its tokens in the text encoder's sequence, begin token = 0. */
  readonly positions: readonly number[];
  readonly boxes: readonly Box[];
}

/**
 * What becomes of a box that holds no cell of a coarse map. 'nearest-cell': it takes the cell nearest to its centre.
 * 'keep': it stays empty, a constant loss without gradient, as in the released code.
 */
export type EmptyBoxes = 'nearest-cell' | 'keep';

/** Cells of a box: columns x0 to x1 and rows y0 to y1, ends exclusive. */
export interface CellRange {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Cells of a box on a map: edges int(x * width) and int(y * height), ends exclusive, as in the released code. */
export function cellRange(box: Box, { height, width }: MapSize, empty: EmptyBoxes): CellRange {
  const x0 = Math.trunc(box[0] * width);
  const y0 = Math.trunc(box[1] * height);
  const x1 = Math.trunc(box[2] * width);
  const y1 = Math.trunc(box[3] * height);
  if (empty === 'keep' || (x0 < x1 && y0 < y1)) return { x0, y0, x1, y1 };
  const column = cellAt((box[0] + box[2]) / 2, width);
  const row = cellAt((box[1] + box[3]) / 2, height);
  return { x0: column, y0: row, x1: column + 1, y1: row + 1 };
}

function cellAt(place: number, count: number): number {
  return Math.min(Math.trunc(place * count), count - 1);
}

/** 1 in the cells of any of the boxes, 0 elsewhere: [height * width]. */
export function boxMask(boxes: readonly Box[], size: MapSize, empty: EmptyBoxes): Float32Array {
  const mask = new Float32Array(size.height * size.width);
  for (const box of boxes) {
    const { x0, y0, x1, y1 } = cellRange(box, size, empty);
    for (let y = y0; y < y1; y++) mask.fill(1, y * size.width + x0, y * size.width + x1);
  }
  return mask;
}

/**
 * Weight of each token in a mean over objects and, within an object, over its positions: [objects, tokens].
 *
 * @throws Error when a position lies outside the sequence or an object has none
 */
export function positionWeights(objects: readonly PlacedObject[], tokens: number): Float32Array {
  const weights = new Float32Array(objects.length * tokens);
  for (const [index, { positions }] of objects.entries()) {
    if (positions.length === 0) throw new Error(`layout: object ${index + 1} has no tokens`);
    for (const position of positions) {
      if (!(Number.isInteger(position) && position >= 0 && position < tokens)) {
        throw new Error(`layout: token position ${position} is outside 0 to ${tokens - 1}`);
      }
      weights[index * tokens + position] += 1 / (objects.length * positions.length);
    }
  }
  return weights;
}

/** Name of a map's size in the names of graph inputs. */
export function sizeName({ height, width }: MapSize): string {
  return `${height}x${width}`;
}

/** The different sizes among maps, in order. */
export function distinctSizes(maps: readonly MapSize[]): MapSize[] {
  return [...new Map(maps.map((map) => [sizeName(map), map])).values()];
}
