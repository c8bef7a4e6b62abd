import { describe, expect, it } from 'vitest';
import { inverseNormal, logarithm } from '../../../src-main/engine/diffusion/inverseNormal.ts';
import { philoxRounds, RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { testSeed } from '../../support/seededRandom.ts';

describe('philox', () => {
  // Known answers of Random123 1.14 (kat_vectors, philox4x32 10).
  it.each([
    {
      key: [0, 0],
      counter: [0, 0, 0, 0],
      expected: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    },
    {
      key: [0xffffffff, 0xffffffff],
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      expected: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      key: [0xa4093822, 0x299f31d0],
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      expected: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ] as const)('gives the known words for counter $counter', ({ key, counter, expected }) => {
    expect(philoxRounds(key, counter)).toEqual(expected);
  });
});

describe('inverseNormal', () => {
  // Python's statistics.NormalDist().inv_cdf and, in the far tail, values of the complementary error function.
  it.each([
    [0.5, 0],
    [0.975, 1.9599639845400536],
    [0.05, -1.6448536269514726],
    [0.999999, 4.753424308817087],
    [1e-9, -5.9978070150076865],
    [2 ** -53, -8.209536151601387],
  ])('of %f is %f', (p, expected) => {
    expect(inverseNormal(p)).toBeCloseTo(expected, 12);
  });

  it('has a logarithm as good as the engine', () => {
    for (const x of [2 ** -53, 1e-10, 0.074, 0.5, Math.SQRT1_2, 0.9, 1 - 2 ** -53]) {
      expect(Math.abs(logarithm(x) / Math.log(x) - 1)).toBeLessThan(1e-15);
    }
  });
});

describe('RandomStream', () => {
  // Computed by an independent program with Python's hashlib and statistics.NormalDist.
  it('gives these numbers on every platform', () => {
    const stream = RandomStream.create(42, 'noise');
    const bits = new Uint32Array(stream.normal(6).buffer);
    expect([...bits].map((word) => word.toString(16))).toEqual([
      'bf9aba39',
      '3f592857',
      '3f51b1f9',
      '3dd49624',
      '3fa61216',
      '3e68cb27',
    ]);
    expect([stream.uniform(), stream.integer(1000), stream.integer(7)]).toEqual([
      0.5926993424700966, 764, 5,
    ]);
    expect(stream.shuffle([0, 1, 2, 3, 4, 5, 6, 7])).toEqual([1, 2, 0, 6, 3, 7, 4, 5]);
  });

  it('goes on from a saved state, at any position', () => {
    const stream = RandomStream.create(7, 'timesteps');
    for (let drawn = 0; drawn < 9; drawn++) {
      const restored = RandomStream.restore(JSON.parse(JSON.stringify(stream.state())));
      const expected = [stream.integer(1000), ...stream.normal(5)];
      expect([restored.integer(1000), ...restored.normal(5)]).toEqual(expected);
      expect(restored.state()).toEqual(stream.state());
    }
  });

  it('keeps labels and seeds apart', () => {
    const draws = [
      RandomStream.create(1, 'noise'),
      RandomStream.create(1, 'flip'),
      RandomStream.create(2, 'noise'),
      RandomStream.create(Number.MAX_SAFE_INTEGER, 'noise'),
    ].map((stream) => stream.uniform());
    expect(new Set(draws).size).toBe(4);
  });

  it('refuses other seeds', () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => RandomStream.create(seed, 'noise')).toThrow(/expected a whole number from 0 to/);
    }
  });

  it('goes on beyond 2^32 blocks', () => {
    const key = [1, 2] as const;
    const far = RandomStream.restore({ key, position: 4 * 2 ** 33 });
    const near = RandomStream.restore({ key, position: 0 });
    expect(far.uniform()).not.toBe(near.uniform());
  });
});

describe('distributions', () => {
  const seed = testSeed;
  const count = 100_000;
  const values = RandomStream.create(seed, 'moments').normal(count);
  const mean = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count;

  it(`normal: has the moments of a normal distribution (seed ${seed})`, () => {
    // Six standard errors: sqrt(1, 2, 15, 96) / sqrt(count).
    const allowed = (variance: number) => 6 * Math.sqrt(variance / count);
    expect(Math.abs(mean(1))).toBeLessThan(allowed(1));
    expect(Math.abs(mean(2) - 1)).toBeLessThan(allowed(2));
    expect(Math.abs(mean(3))).toBeLessThan(allowed(15));
    expect(Math.abs(mean(4) - 3)).toBeLessThan(allowed(96));
  });

  it(`normal: has the distribution function of one (seed ${seed})`, () => {
    const sorted = values.toSorted();
    const distances = sorted.map((value, i) => Math.abs((i + 0.5) / count - normalCdf(value)));
    // Kolmogorov and Smirnov: 3 / sqrt(n) is exceeded once in 33 million runs.
    expect(Math.max(...chunkMaxima(distances))).toBeLessThan(3 / Math.sqrt(count));
  });

  it(`normal: neighbours are not correlated (seed ${seed})`, () => {
    const products = values.subarray(1).reduce((sum, value, i) => sum + value * values[i], 0);
    expect(Math.abs(products / count)).toBeLessThan(6 / Math.sqrt(count));
  });

  it(`integer: every number is equally likely (seed ${seed})`, () => {
    const stream = RandomStream.create(seed, 'integers');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < count; i++) counts[stream.integer(10)]++;
    const chiSquare = counts.reduce((sum, n) => sum + (n - count / 10) ** 2 / (count / 10), 0);
    // Nine degrees of freedom: above 50 once in 10 million runs.
    expect(chiSquare).toBeLessThan(50);
  });

  it(`shuffle: keeps the elements, and any may come first (seed ${seed})`, () => {
    const stream = RandomStream.create(seed, 'shuffle');
    const firsts = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const shuffled = stream.shuffle([0, 1, 2, 3]);
      expect(shuffled.toSorted()).toEqual([0, 1, 2, 3]);
      firsts.add(shuffled[0]);
    }
    expect(firsts.size).toBe(4);
  });
});

function chunkMaxima(values: Float32Array): number[] {
  const maxima: number[] = [];
  for (let i = 0; i < values.length; i += 1000) {
    maxima.push(Math.max(...values.subarray(i, i + 1000)));
  }
  return maxima;
}

/** By the series of Marsaglia (Evaluating the Normal Distribution, 2004). */
function normalCdf(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-16; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
