import { describe, expect, it, test } from 'vitest';
import {
  mixtureStep,
  planMixture,
  projectToSimplex,
} from '../../../src-main/engine/inversion/anchorMixture.ts';
import { attractorLoss, attractorPull } from '../../../src-main/engine/inversion/losses.ts';
import { expand } from '../../../src-main/engine/tensor/ops/expand.ts';
import { gemm } from '../../../src-main/engine/tensor/ops/gemm.ts';
import { checkGradient } from '../../support/gradientCheck.ts';
import { real } from '../../support/opCase.ts';
import { normals, seededRandom, testSeed } from '../../support/seededRandom.ts';

const named = (what: string) => `${what} (seed ${testSeed})`;
const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
const squaredDistance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);

function projected(values: readonly number[]): Float32Array {
  const result = Float32Array.from(values);
  projectToSimplex(result);
  return result;
}

/** All points of the simplex of three shares whose coordinates are multiples of 1 / divisions. */
function simplexGrid(divisions: number): number[][] {
  return Array.from({ length: divisions + 1 }, (_, i) =>
    Array.from({ length: divisions - i + 1 }, (_, j) =>
      [i, j, divisions - i - j].map((part) => part / divisions),
    ),
  ).flat();
}

describe('projectToSimplex', () => {
  const random = seededRandom(testSeed);
  const points = Array.from({ length: 200 }, (_, i) => {
    const spread = 10 ** ((i % 5) - 2);
    return normals(random, 1 + (i % 20)).map((value) => value * spread);
  });

  test(named('shares are never negative, sum to 1, and stay where they are'), () => {
    for (const point of points) {
      const shares = projected(point);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
      expect(sumOf(shares)).toBeCloseTo(1, 5);
      expect(squaredDistance(projected([...shares]), shares)).toBeLessThan(1e-12);
    }
  });

  test(named('no point of the simplex is nearer'), () => {
    const grid = simplexGrid(60);
    for (let i = 0; i < 40; i++) {
      const point = normals(random, 3);
      const own = squaredDistance(projected(point), point);
      const best = Math.min(...grid.map((other) => squaredDistance(other, point)));
      expect(own).toBeLessThanOrEqual(best + 1e-6);
    }
  });

  it('knows corners, ties and points far away', () => {
    expect(projected([1, 0, 0])).toEqual(Float32Array.of(1, 0, 0));
    expect(projected([5, 5])).toEqual(Float32Array.of(0.5, 0.5));
    expect(projected([-7])).toEqual(Float32Array.of(1));
    expect(projected([3, -2, 1e4])).toEqual(Float32Array.of(0, 0, 1));
  });
});

describe('the mixture of anchors', () => {
  const size = 5;
  const pull = 0.3;

  function drawProblem(random: () => number) {
    const rows = Float32Array.from(normals(random, 3 * size));
    const target = normals(random, size);
    const initialShares = Float32Array.of(1, 0, 0);
    const settings = planMixture({ rows, initialShares }, pull);
    const mix = (shares: ArrayLike<number>) =>
      Array.from({ length: size }, (_, i) =>
        sumOf([0, 1, 2].map((j) => shares[j] * rows[j * size + i])),
      );
    const price = settings.penalties[1] / settings.stepSize;
    const objective = (shares: ArrayLike<number>) =>
      (pull / 2) * squaredDistance(mix(shares), target) + price * (shares[1] + shares[2]);
    const gradient = (shares: ArrayLike<number>) => {
      const error = mix(shares).map((value, i) => pull * (value - target[i]));
      return Float32Array.from([0, 1, 2], (j) =>
        sumOf(error.map((value, i) => value * rows[j * size + i])),
      );
    };
    return { rows, initialShares, settings, objective, gradient };
  }

  test(named('comes down to the best mixture and never goes up'), () => {
    const random = seededRandom(testSeed);
    const grid = simplexGrid(60);
    for (let i = 0; i < 20; i++) {
      const { initialShares, settings, objective, gradient } = drawProblem(random);
      const shares = initialShares.slice();
      let before = objective(shares);
      for (let step = 0; step < 300; step++) {
        mixtureStep(shares, gradient(shares), settings);
        expect(objective(shares)).toBeLessThanOrEqual(before + 1e-6);
        before = objective(shares);
      }
      const allowed = grid.filter(([ofClassWord]) => ofClassWord >= 0.5);
      expect(before).toBeLessThanOrEqual(Math.min(...allowed.map(objective)) + 1e-4);
    }
  });

  it('keeps the class word where no neighbour explains the concept better', () => {
    const rows = Float32Array.of(1, 0, 0, 1);
    const settings = planMixture({ rows, initialShares: Float32Array.of(1, 0) }, 1);
    const shares = Float32Array.of(1, 0);
    // the concept moved 0.04 from the class word toward the neighbour: less than the price of a share
    for (let step = 0; step < 100; step++) {
      const error = [shares[0] - 0.98, shares[1] - 0.02];
      mixtureStep(shares, Float32Array.from(error), settings);
    }
    expect(shares).toEqual(Float32Array.of(1, 0));
  });

  it('leaves the class word half of the mixture, however far the concept went', () => {
    const rows = Float32Array.of(1, 0, 0, 1, 1, 0);
    const initialShares = Float32Array.of(0.5, 0, 0.5); // a class word of two tokens
    const settings = planMixture({ rows, initialShares }, 1);
    const shares = initialShares.slice();
    for (let step = 0; step < 100; step++) {
      const error = [shares[0] + shares[2], shares[1] - 9];
      mixtureStep(shares, Float32Array.of(error[0], error[1], error[0]), settings);
    }
    expect([...shares]).toEqual([0.25, 0.5, 0.25]);
  });

  it('takes steps that do not depend on the weight of the loss', () => {
    const rows = Float32Array.from(normals(seededRandom(testSeed), 15));
    const initialShares = Float32Array.of(1, 0, 0);
    const [weak, strong] = [1, 8].map((weight) => planMixture({ rows, initialShares }, weight));
    expect(strong.stepSize * 8).toBeCloseTo(weak.stepSize, 12);
    expect(strong.penalties).toEqual(weak.penalties);
  });
});

describe('the attractor', () => {
  const loss = {
    name: 'attractorLoss',
    inputs: [real(2, 6), real(1, 4), real(4, 6)],
    build: (...[rows, mixture, candidates]: Parameters<typeof gemm>[0][]) =>
      attractorLoss(rows, expand(gemm(mixture, candidates), rows.shape)),
  };

  it.each([1, 2] as const)(
    `has the gradient that it says, of order %i (seed ${testSeed})`,
    (order) => {
      expect(checkGradient(loss, testSeed, order)).toHaveLength(3);
    },
  );

  it('pulls as the released loss does in Stable Diffusion 1', () => {
    expect(attractorPull).toBeCloseTo(2 / (77 * 768), 15);
  });
});
