import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { bindWeights } from '../../../src-main/engine/checkpoint/bindWeights.ts';
import { openDetectorFolder } from '../../../src-main/engine/checkpoint/evaluatorFolders.ts';
import { type Find, overlap, readFinds } from '../../../src-main/engine/evaluation/inclusion.ts';
import { flipHorizontal, type Raster, toPixels } from '../../../src-main/engine/images/raster.ts';
import { resizeRaster } from '../../../src-main/engine/images/resample.ts';
import { detect } from '../../../src-main/engine/models/detector.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import { goldenFloats, readGolden, relativeL2 } from '../../support/goldenTensors.ts';
import { runGraph } from '../../support/runGraph.ts';
import { detectorFolder, evaluatorFixture, openDetector } from '../../support/toybox.ts';

const expected = readGolden(evaluatorFixture('expected.safetensors'));
const fixture: { finds: { className: string; score: number; box: number[] }[][] } = JSON.parse(
  readFileSync(evaluatorFixture('expected.json'), 'utf8'),
);
const picture: Raster = {
  ...{ width: 64, height: 64, channels: 3 },
  data: Uint8Array.from(expected.get('picture')?.data ?? [], Number),
};
const { config, weights } = openDetectorFolder(detectorFolder);
const detector = await openDetector(2);
afterAll(() => detector.release());

describe('the detector', () => {
  test('computes what PyTorch computes', async () => {
    const pixels = input('pixels', [1, 3, 64, 64]);
    const graph = createGraph({ ...detect(bindWeights(weights, 'detector'), config, pixels) });
    const values = await runGraph(graph, { pixels: toPixels(picture) });
    for (const key of ['scores', 'distances']) {
      const reference = goldenFloats(expected, key);
      expect(relativeL2(values[key], reference), key).toBeLessThan(1e-5);
    }
  });

  test('finds what PyTorch finds, in the picture and its mirror image', async () => {
    const pictures = [picture, flipHorizontal(picture)];
    const found = await detector.find(pictures);
    expect(found.map(namesOf)).toEqual(fixture.finds.map(namesOf));
    const pixels = found.flat().map(({ box }) => [box.x0, box.y0, box.x1, box.y1]);
    const reference = fixture.finds.flat().map(({ box }) => box.map((edge) => edge / 64));
    expect(relativeL2(pixels.flat(), reference.flat())).toBeLessThan(1e-5);
    const scores = found.flat().map(({ score }) => score);
    const scoresThere = fixture.finds.flat().map(({ score }) => score);
    expect(relativeL2(scores, scoresThere)).toBeLessThan(1e-5);
  });

  test('finds the same in the picture made larger', async () => {
    const [large] = await detector.find([resizeRaster(picture, 256, 256, 'bicubic')]);
    const [small] = await detector.find([picture]);
    expect(namesOf(large)).toEqual(namesOf(small));
    large.forEach((find, i) => {
      expect(overlap(find.box, small[i].box)).toBeGreaterThan(0.8);
    });
  });
});

function namesOf(finds: readonly { readonly className: string }[]): string[] {
  return finds.map(({ className }) => className);
}

describe('reading finds', () => {
  const side = 4;
  const small = {
    ...config,
    ...{ classNames: ['cat', 'dog'], imageSize: side * 4 },
    ...{ scoreThreshold: 0.5, overlapThreshold: 0.4 },
  };
  /** Scores by class and cell, all boxes reaching `reach` pixels to each side. */
  const read = (scores: Readonly<Record<number, number>>, reach: number): Find[] => {
    const map = new Float32Array(2 * side * side);
    for (const [index, score] of Object.entries(scores)) map[Number(index)] = score;
    return readFinds(small, map, new Float32Array(4 * side * side).fill(reach));
  };

  test('gives class, score and box in shares of the picture', () => {
    const [find, ...others] = read({ 21: 0.75 }, 2);
    expect(find).toEqual({
      className: 'dog',
      score: 0.75,
      box: { x0: 0.25, y0: 0.25, x1: 0.5, y1: 0.5 },
    });
    expect(others).toEqual([]);
  });

  test('keeps boxes inside the picture', () => {
    expect(read({ 0: 0.75 }, 6)[0].box).toEqual({ x0: 0, y0: 0, x1: 0.5, y1: 0.5 });
  });

  test('takes peaks at or above the threshold, the surest first', () => {
    expect(read({ 0: 0.5, 1: 0.4, 15: 0.75, 16: 0.25 }, 2).map(({ score }) => score)).toEqual([
      0.75, 0.5,
    ]);
    expect(read({ 5: 0.75, 6: 0.625, 21: 0.625 }, 2).map(namesAndScores)).toEqual([
      ['cat', 0.75],
      ['dog', 0.625],
    ]);
  });

  test('drops what repeats a surer find of its class, not of another', () => {
    expect(read({ 4: 0.75, 6: 0.625, 22: 0.5 }, 12).map(namesAndScores)).toEqual([
      ['cat', 0.75],
      ['dog', 0.5],
    ]);
    expect(read({ 4: 0.75, 6: 0.625 }, 2).length).toBe(2);
  });

  test('sees nothing in a picture of no numbers', () => {
    expect(read({ 4: Number.NaN }, 2)).toEqual([]);
  });
});

function namesAndScores({ className, score }: Find): [string, number] {
  return [className, score];
}
