import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import {
  coverRaster,
  maskWeights,
  placeImage,
} from '../../../src-main/engine/images/prepareImage.ts';
import {
  flipHorizontal,
  type Raster,
  toPixels,
  toRasters,
} from '../../../src-main/engine/images/raster.ts';
import { type ResampleFilter, resizeRaster } from '../../../src-main/engine/images/resample.ts';
import {
  augmentScale,
  drawScale,
  lossMask,
} from '../../../src-main/engine/images/scaleAugmentation.ts';
import { goldenPath } from '../../support/golden.ts';
import { goldenFloats, readGolden } from '../../support/goldenTensors.ts';
import { testSeed } from '../../support/seededRandom.ts';

const index = JSON.parse(readFileSync(goldenPath('preprocess.json') ?? '', 'utf8'));
const tensors = readGolden(goldenPath('preprocess.safetensors') ?? '');

function goldenRaster(key: string): Raster {
  const tensor = tensors.get(key);
  if (tensor?.dtype !== 'uint8') throw new Error(`'${key}' is no picture`);
  const [height, width, channels] = tensor.shape;
  return { width, height, channels, data: tensor.data };
}

interface ReferenceMask {
  readonly size: number;
  readonly mask_size: number;
  readonly scale: number;
  readonly top: number;
  readonly left: number;
  readonly ones_rows: readonly [number, number];
  readonly ones_cols: readonly [number, number];
  readonly sum: number;
}

/** Share of the values that differ, and by how many levels at most. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  expect(actual).toHaveLength(expected.length);
  const distances = Array.from(expected, (value, i) => Math.abs(actual[i] - value));
  const differing = distances.filter((distance) => distance > 0).length;
  return {
    levels: distances.reduce((most, distance) => Math.max(most, distance), 0),
    share: differing / expected.length,
  };
}

const exact = { levels: 0, share: 0 };

describe('Pillow 9.4.0', () => {
  const cases = (index.cases as { source: string; target: number }[]).map((entry) => ({
    ...entry,
    number: entry.source.split('.')[0],
  }));

  for (const filter of ['bilinear', 'bicubic', 'lanczos'] as ResampleFilter[]) {
    it.each(cases)(`$number: ${filter} is equal in every pixel`, ({ source, number, target }) => {
      const resized = resizeRaster(goldenRaster(source), target, target, filter);
      const expected = goldenRaster(`${number}.square.${filter}`);
      expect(difference(resized.data, expected.data)).toEqual(exact);
    });
  }

  it.each(cases)('$number: flipped, then resized', ({ source, number, target }) => {
    const flipped = resizeRaster(flipHorizontal(goldenRaster(source)), target, target, 'bicubic');
    const expected = goldenRaster(`${number}.flip.bicubic`);
    expect(difference(flipped.data, expected.data)).toEqual(exact);
  });

  it.each(cases)('$number: middle of the picture', ({ source, number, target }) => {
    const cropped = coverRaster(goldenRaster(source), target, target, 'bilinear');
    const expected = goldenRaster(`${number}.centercrop.bilinear`);
    expect(difference(cropped.data, expected.data)).toEqual(exact);
  });

  it.each(cases)('$number: as a tensor, squashed', ({ source, number, target }) => {
    const placement = { width: target, height: target, fit: 'squash' } as const;
    const pixels = toPixels(placeImage(goldenRaster(source), placement));
    expect(pixels).toEqual(goldenFloats(tensors, `${number}.tensor.bicubic`));
  });
});

describe('scale augmentation of the official datasets', () => {
  it.each(['out', 'in'])('%s: picture and mask', (key) => {
    const { size, mask_size: maskSize, filter, [key]: augmentation } = index.aug;
    const source = goldenRaster('aug.source');
    const { pixels, mask } = augmentScale(source, { size, maskSize }, augmentation, filter);
    expect(pixels).toEqual(goldenFloats(tensors, `aug.${key}`));
    expect(mask).toEqual(goldenFloats(tensors, `aug.${key}.mask`));
  });

  it.each(index.masks as ReferenceMask[])('mask of scale $scale in $size', (expected) => {
    const { size, mask_size: maskSize, ones_rows: rows, ones_cols: columns, sum } = expected;
    const mask = lossMask({ size, maskSize }, expected);
    expect(mask.reduce((total, value) => total + value, 0)).toBe(sum);
    const isOne = (row: number, column: number) =>
      row >= rows[0] && row < rows[1] && column >= columns[0] && column < columns[1];
    const wanted = mask.map((_, i) => (isOne(Math.floor(i / maskSize), i % maskSize) ? 1 : 0));
    expect(mask).toEqual(wanted);
  });

  const seed = testSeed;
  it(`draws places inside, with something left to learn from (seed ${seed})`, () => {
    const random = RandomStream.create(seed, 'scale');
    for (const sizes of [
      { size: 64, maskSize: 8 },
      { size: 512, maskSize: 64 },
      { size: 24, maskSize: 3 },
    ]) {
      const drawn = Array.from({ length: 300 }, () => drawScale(random, sizes));
      for (const { scale, top, left } of drawn) {
        expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
        expect(Math.max(top, left)).toBeLessThanOrEqual(Math.abs(sizes.size - scale));
        expect(scale).toBeLessThan(1.4 * sizes.size);
        expect(Math.max(...lossMask(sizes, { scale, top, left }))).toBe(1);
      }
      const larger = drawn.filter(({ scale }) => scale > sizes.size).length / drawn.length;
      // A third, within six standard errors of 300 draws.
      expect(Math.abs(larger - 0.34)).toBeLessThan(0.17);
    }
  });
});

describe('placement', () => {
  // Each pixel says where it comes from.
  const width = 40;
  const height = 20;
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [pixel % width, Math.floor(pixel / width), 7][i % 3];
  });
  const photo: Raster = { width, height, channels: 3, data };

  it('cuts the middle', () => {
    const middle = placeImage(photo, { width: 20, height: 20 });
    expect([...middle.data.subarray(0, 3)]).toEqual([10, 0, 7]);
  });

  it('covers targets that are not square', () => {
    for (const [w, h] of [
      [33, 17],
      [17, 33],
      [64, 8],
      [1, 1],
    ]) {
      const placed = placeImage(photo, { width: w, height: h });
      expect([placed.width, placed.height, placed.data.length]).toEqual([w, h, 3 * w * h]);
      expect(placed.data[2]).toBe(7);
    }
  });

  it('averages masks over the cells of the latent', () => {
    const mask: Raster = {
      width: 4,
      height: 2,
      channels: 1,
      data: Uint8Array.of(255, 255, 0, 0, 255, 255, 255, 255),
    };
    const weights = maskWeights(mask, 2, 1);
    expect(weights[0]).toBe(1);
    expect(Math.abs(weights[1] - 0.5)).toBeLessThanOrEqual(1 / 255);
  });

  it('gives pictures back from tensors, clipped', () => {
    expect(toRasters(toPixels(photo), photo)).toEqual([photo]);
    const two = toRasters(Float32Array.of(-9, 9, 0, 1, -1, 0.5), { width: 1, height: 1 });
    expect(two.map(({ data }) => [...data])).toEqual([
      [0, 255, 128],
      [255, 0, 191],
    ]);
  });
});
