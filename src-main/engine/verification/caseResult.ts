/** What became of one comparison with the reference numbers. */
export interface CaseResult {
  /** One of the verification groups. */
  readonly group: string;
  /** "<file>/<tensor>", or what else is compared; unique. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'unsupported';
  /** In terms of `measure`; absent where nothing could be compared. */
  readonly error?: number;
  /** Largest error that passes. */
  readonly tolerance?: number;
  readonly measure?: Measure;
  /** Why a case failed or is not supported, or what else is worth knowing. */
  readonly detail?: string;
}

/**
 * relative L2: ||ours - reference|| / ||reference||. levels: largest distance, in steps of 8-bit pictures.
 * differing: number of values that are not equal.
 */
export type Measure = 'relative L2' | 'levels' | 'differing';

/** Of what may differ in nothing, such as ids. */
export const exactly = { tolerance: 0, measure: 'differing' } as const;

/** Numbers that can be compared. */
export type Numbers = ArrayLike<number>;

/** Largest distance of two values. */
export function largestDistance(actual: Numbers, expected: Numbers): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i] - expected[i]);
    // A comparison with NaN is false: it must not be lost.
    if (!(distance <= largest)) largest = distance;
  }
  return largest;
}

/** How many values differ. */
export function differing(actual: Numbers, expected: Numbers): number {
  let count = 0;
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] !== expected[i]) count++;
  }
  return count;
}
