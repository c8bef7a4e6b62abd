import { float32 } from '../diffusion/networks.ts';
import type { Raster } from '../images/raster.ts';
import { cellSize, detect } from '../models/detector.ts';
import type { DetectorConfig } from '../models/detectorConfig.ts';
import type { Weights } from '../nn/weights.ts';
import { splitRows } from '../numbers.ts';
import type { Compile } from '../tensor/executable.ts';
import { createGraph } from '../tensor/graph.ts';
import { input } from '../tensor/ops/input.ts';
import { float32Data } from '../tensor/tensorData.ts';
import { inBatches, toNetworkPixels } from './pictureBatches.ts';

/** A detector made ready to run. */
export interface DetectorModel {
  readonly config: DetectorConfig;
  readonly weights: Weights;
  readonly compile: Compile;
}

/** Part of a picture in fractions of its sides, from the top left. */
export interface UnitBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** An object that the detector sees. */
export interface Find {
  readonly className: string;
  /** 0 to 1. */
  readonly score: number;
  /** In fractions of the picture's sides; of a picture that is no square, of the square in its middle. */
  readonly box: UnitBox;
}

/** Tells which objects a picture shows. */
export interface ObjectDetector {
  /** What each picture shows, the surest first. Pictures may have any size. */
  find(pictures: readonly Raster[]): Promise<Find[][]>;
  release(): Promise<void>;
}

/** Compiles the detector for `batch` pictures at a time. */
export async function createObjectDetector(
  model: DetectorModel,
  { batch = 1 }: { readonly batch?: number } = {},
): Promise<ObjectDetector> {
  const { config, weights } = model;
  const { imageSize } = config;
  const shape = [batch, 3, imageSize, imageSize];
  const { scores, distances } = detect(weights, config, input('pixels', shape));
  const executable = await model.compile(createGraph({ scores, distances }));
  const preprocessing = { imageSize, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };
  const run = async (pictures: readonly Raster[]) => {
    const pixels = float32Data(shape, toNetworkPixels(pictures, preprocessing));
    const values = await executable.run({ pixels });
    const boxes = splitRows(float32(values.distances), batch);
    return splitRows(float32(values.scores), batch).map((map, i) =>
      readFinds(config, map, boxes[i]),
    );
  };
  return {
    find: (pictures) => inBatches(pictures, batch, run),
    release: () => executable.release(),
  };
}

/**
 * Peaks of the scores at or above the threshold, without those that repeat a surer find of their class.
 *
 * @param scores [classes, rows, columns]
 * @param distances [4, rows, columns] in pixels: left, top, right, bottom
 */
export function readFinds(
  { classNames, imageSize, scoreThreshold, overlapThreshold }: DetectorConfig,
  scores: Float32Array,
  distances: Float32Array,
): Find[] {
  const side = imageSize / cellSize;
  const area = side * side;
  const peaks: Find[] = [];
  for (const [index, score] of scores.entries()) {
    if (!(score >= scoreThreshold)) continue;
    const map = scores.subarray(index - (index % area), index - (index % area) + area);
    const cell = index % area;
    if (!isPeak(map, cell, side)) continue;
    const box = boxOf(distances, cell, side);
    peaks.push({ className: classNames[Math.floor(index / area)], score, box });
  }
  peaks.sort((a, b) => b.score - a.score);
  return dropRepeated(peaks, overlapThreshold);
}

/** Whether no cell around it scores more (CenterNet, arXiv 1904.07850, section 4.1). */
function isPeak(map: Float32Array, cell: number, side: number): boolean {
  const [row, column] = [Math.floor(cell / side), cell % side];
  for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, side - 1); y++) {
    for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, side - 1); x++) {
      if (map[y * side + x] > map[cell]) return false;
    }
  }
  return true;
}

function boxOf(distances: Float32Array, cell: number, side: number): UnitBox {
  const area = side * side;
  const imageSize = side * cellSize;
  const [left, top, right, bottom] = [0, 1, 2, 3].map((edge) => distances[edge * area + cell]);
  const x = ((cell % side) + 0.5) * cellSize;
  const y = (Math.floor(cell / side) + 0.5) * cellSize;
  const toUnit = (pixel: number) => Math.min(Math.max(pixel / imageSize, 0), 1);
  return {
    x0: toUnit(x - left),
    y0: toUnit(y - top),
    x1: toUnit(x + right),
    y1: toUnit(y + bottom),
  };
}

/** Greedy non-maximum suppression among finds of a class, which come with the surest first. */
function dropRepeated(finds: readonly Find[], overlapThreshold: number): Find[] {
  const kept: Find[] = [];
  for (const find of finds) {
    const repeats = (other: Find) =>
      other.className === find.className && overlap(other.box, find.box) > overlapThreshold;
    if (!kept.some(repeats)) kept.push(find);
  }
  return kept;
}

/** Intersection over union, 0 to 1. */
export function overlap(a: UnitBox, b: UnitBox): number {
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (areaOf(a) + areaOf(b) - intersection);
}

function areaOf({ x0, y0, x1, y1 }: UnitBox): number {
  return (x1 - x0) * (y1 - y0);
}
