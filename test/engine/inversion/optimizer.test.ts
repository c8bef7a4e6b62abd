import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { createAdamW } from '../../../src-main/engine/inversion/adamW.ts';
import { directionalStep } from '../../../src-main/engine/inversion/directionalStep.ts';
import { createGradientAccumulator } from '../../../src-main/engine/inversion/gradientAccumulator.ts';
import {
  clipGradientNorm,
  findNotFinite,
  globalNorm,
} from '../../../src-main/engine/inversion/namedArrays.ts';
import { goldenPath } from '../../support/golden.ts';
import { goldenFloats, readGolden } from '../../support/goldenTensors.ts';
import { testSeed } from '../../support/seededRandom.ts';

const { cases } = JSON.parse(readFileSync(goldenPath('adamw.json') ?? '', 'utf8'));
const tensors = readGolden(goldenPath('adamw.safetensors') ?? '');

function referenceCase(key: string) {
  const { lr, weight_decay, betas, eps, training_steps } = cases[key];
  const values = goldenFloats(tensors, `${key}.init`).slice();
  const group = { parameters: { rows: values }, learningRate: lr, weightDecay: weight_decay };
  const rates = Array.from(tensors.get(`${key}.lr`)?.data ?? [], Number);
  return {
    values,
    optimizer: createAdamW([group], { betas, epsilon: eps }),
    steps: training_steps as number,
    gradientOf: (step: number) => row(goldenFloats(tensors, `${key}.grads`), step, values.length),
    factorOf: (step: number) => rates[step] / lr,
    expectedAfter: (step: number) =>
      row(goldenFloats(tensors, `${key}.params`), step, values.length),
  };
}

function row(data: Float32Array, index: number, size: number): Float32Array {
  return data.slice(index * size, (index + 1) * size);
}

describe('AdamW of torch 1.13', () => {
  it.each(Object.keys(cases))('case %s: to the last bit or the next', (key) => {
    const reference = referenceCase(key);
    for (let step = 0; step < reference.steps; step++) {
      reference.optimizer.step({ rows: reference.gradientOf(step) }, reference.factorOf(step));
      const expected = reference.expectedAfter(step);
      for (const [i, value] of reference.values.entries()) {
        expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(3e-7 * Math.abs(expected[i]));
      }
    }
  });

  it('goes on from a saved state to the bit', () => {
    const whole = referenceCase('2');
    const resumed = referenceCase('2');
    for (let step = 0; step < 12; step++) {
      if (step === 5) {
        resumed.values.set(whole.values);
        resumed.optimizer.restore(structuredClone(whole.optimizer.state()));
      }
      whole.optimizer.step({ rows: whole.gradientOf(step) });
      if (step >= 5) resumed.optimizer.step({ rows: whole.gradientOf(step) });
    }
    expect(resumed.values).toEqual(whole.values);
    expect(resumed.optimizer.state()).toEqual(whole.optimizer.state());
  });

  it('trains each group at its own rate', () => {
    const [a, b] = [Float32Array.of(1, 1), Float32Array.of(1)];
    const optimizer = createAdamW([
      { parameters: { a }, learningRate: 0.1, weightDecay: 0 },
      { parameters: { b }, learningRate: 0.01, weightDecay: 0.5 },
    ]);
    optimizer.step({ a: Float32Array.of(2, -2), b: Float32Array.of(0) });
    // The first step is of the learning rate's length whatever the gradient's; without one only the decay acts.
    expect(a[0]).toBeCloseTo(0.9, 6);
    expect(a[1]).toBeCloseTo(1.1, 6);
    expect(b[0]).toBeCloseTo(1 - 0.01 * 0.5, 6);
  });

  it('names what does not fit', () => {
    const parameters = { a: new Float32Array(2) };
    const group = { parameters, learningRate: 1, weightDecay: 0 };
    expect(() => createAdamW([group, group])).toThrow(/'a' is in two groups/);
    const optimizer = createAdamW([group]);
    expect(() => optimizer.step({})).toThrow(/'a' needs a gradient of 2 values, found none/);
    const empty = { step: 1, firstMoments: {}, secondMoments: {} };
    expect(() => optimizer.restore(empty)).toThrow(/'a' has no values, expected 2/);
  });
});

describe('clipGradientNorm', () => {
  it('scales all gradients by their common norm', () => {
    const gradients = { a: Float32Array.of(3, 0), b: Float32Array.of(-4) };
    expect(clipGradientNorm(gradients, 1)).toBe(5);
    expect(gradients.a[0]).toBeCloseTo(3 / 5.000001, 7);
    expect(gradients.b[0]).toBeCloseTo(-4 / 5.000001, 7);
    expect(globalNorm(gradients)).toBeCloseTo(1, 6);
  });

  it('leaves short gradients alone', () => {
    const gradients = { a: Float32Array.of(0.3, 0.4) };
    expect(clipGradientNorm(gradients, 1)).toBeCloseTo(0.5, 7);
    expect(gradients.a).toEqual(Float32Array.of(0.3, 0.4));
  });
});

describe('findNotFinite', () => {
  it('names the array with an infinity or no number, whatever its size', () => {
    const largest = Float32Array.of(3.4e38, -3.4e38);
    expect(findNotFinite({ a: largest, b: new Float32Array(3) })).toBeUndefined();
    expect(findNotFinite({ a: largest, b: Float32Array.of(0, Number.NaN) })).toBe('b');
    expect(findNotFinite({ a: Float32Array.of(Number.NEGATIVE_INFINITY), b: largest })).toBe('a');
  });
});

describe('createGradientAccumulator', () => {
  it('gives the mean of each run of batches', () => {
    const accumulator = createGradientAccumulator(2);
    expect(accumulator.add({ a: Float32Array.of(1, 2) })).toBeUndefined();
    expect(accumulator.add({ a: Float32Array.of(3, -2) })).toEqual({ a: Float32Array.of(2, 0) });
    expect(accumulator.add({ a: Float32Array.of(4, 4) })).toBeUndefined();
    expect(accumulator.add({ a: Float32Array.of(0, 2) })).toEqual({ a: Float32Array.of(2, 3) });
  });

  it('passes single batches through', () => {
    const gradients = { a: Float32Array.of(0.1, 7) };
    expect(createGradientAccumulator(1).add(gradients)).toEqual(gradients);
  });
});

describe('directionalStep', () => {
  const seed = testSeed;
  const random = RandomStream.create(seed, 'directional');
  const mean = random.normal(8);
  const options = { learningRate: 0.01, norm: 0.4, kappa: 1e-4, mean };
  const lengthOf = (vector: Float32Array) => globalNorm({ vector });

  it(`keeps the length and turns by the learning rate (seed ${seed})`, () => {
    const rows = random.normal(16);
    const before = rows.slice();
    directionalStep(rows, random.normal(16), options);
    for (const start of [0, 8]) {
      const [old, now] = [before, rows].map((all) => all.slice(start, start + 8));
      expect(lengthOf(now)).toBeCloseTo(0.4, 6);
      const cosine =
        old.reduce((sum, value, i) => sum + value * now[i], 0) / lengthOf(old) / lengthOf(now);
      expect(Math.acos(Math.min(cosine, 1))).toBeCloseTo(Math.atan(0.01), 4);
    }
  });

  it(`descends to the direction that the loss asks for (seed ${seed})`, () => {
    const target = random.normal(8);
    const rows = random.normal(8);
    // Loss: minus the scalar product with the target.
    const gradient = target.map((value) => -value);
    for (let step = 0; step < 1000; step++) directionalStep(rows, gradient, options);
    const cosine = rows.reduce((sum, value, i) => sum + value * target[i], 0);
    expect(cosine / lengthOf(rows) / lengthOf(target)).toBeGreaterThan(0.999);
  });

  it(`follows the prior where the loss is flat (seed ${seed})`, () => {
    const rows = random.normal(8);
    for (let step = 0; step < 1000; step++) directionalStep(rows, new Float32Array(8), options);
    const cosine = rows.reduce((sum, value, i) => sum + value * mean[i], 0);
    expect(cosine / lengthOf(rows) / lengthOf(mean)).toBeGreaterThan(0.999);
  });

  it('refuses a row without direction', () => {
    const zeros = new Float32Array(8);
    expect(() => directionalStep(zeros, zeros, options)).toThrow(/zeros has no direction/);
  });
});
