import { type NamedArrays, requireGradient } from './namedArrays.ts';

/** Collects the gradients of several batches that stand for one. */
export interface GradientAccumulator {
  /**
   * @param gradients taken over and changed in place
   * @returns the mean gradients with the last of `batches`, and begins anew; undefined before
   */
  add(gradients: NamedArrays): NamedArrays | undefined;
}

/** @param batches how many batches make one optimiser step */
export function createGradientAccumulator(batches: number): GradientAccumulator {
  let sums: NamedArrays | undefined;
  let added = 0;
  return {
    add: (gradients) => {
      // The reference divides the loss, and with it each gradient, before they are summed.
      if (batches > 1) divideInPlace(gradients, batches);
      if (sums) addInPlace(sums, gradients);
      else sums = gradients;
      added++;
      if (added < batches) return undefined;
      const means = sums;
      sums = undefined;
      added = 0;
      return means;
    },
  };
}

function divideInPlace(arrays: NamedArrays, divisor: number): void {
  for (const values of Object.values(arrays)) {
    for (let i = 0; i < values.length; i++) values[i] /= divisor;
  }
}

function addInPlace(sums: NamedArrays, arrays: NamedArrays): void {
  for (const [name, sum] of Object.entries(sums)) {
    const values = requireGradient(arrays, name, sum);
    for (let i = 0; i < sum.length; i++) sum[i] += values[i];
  }
}
