import { createHash } from 'node:crypto';
import { InputError } from '../../../src-shared/inputError.ts';
import { inverseNormal } from './inverseNormal.ts';

/** All that a stream needs to go on; JSON. */
export interface RandomState {
  readonly key: readonly [number, number];
  /** How many 32-bit words have been drawn. */
  readonly position: number;
}

/**
 * A stream of random numbers that is the same on every platform, bit for bit: Philox4x32-10 (Salmon et al., Parallel
 * Random Numbers: As Easy as 1, 2, 3, SC 2011) under a key made of a seed and a label, so that every use has its own
 * stream and drawing more for one changes no other. Uses only what IEEE 754 fixes; see decision record 0003.
 */
export class RandomStream {
  readonly #key: readonly [number, number];
  #position: number;
  #block: readonly number[] = [];

  private constructor({ key, position }: RandomState) {
    this.#key = key;
    this.#position = position;
    if (position % 4 !== 0) this.#block = philox(this.#key, Math.floor(position / 4));
  }

  /**
   * @param seed  0 to 2^53 - 1
   * @param label what the stream is for, e.g. 'noise'
   * @throws InputError when the seed is not such a number
   */
  static create(seed: number, label: string): RandomStream {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new InputError(`seed ${seed}: expected a whole number from 0 to 2^53 - 1`);
    }
    const digest = createHash('sha256').update(`${seed}/${label}`).digest();
    return new RandomStream({ key: [digest.readUInt32LE(0), digest.readUInt32LE(4)], position: 0 });
  }

  static restore(state: RandomState): RandomStream {
    return new RandomStream(state);
  }

  state(): RandomState {
    return { key: this.#key, position: this.#position };
  }

  /** A number in [0, 1), one of 2^52 evenly spaced ones. */
  uniform(): number {
    return this.#bits52() / 2 ** 52;
  }

  /** Independent numbers of mean 0 and variance 1. */
  normal(count: number): Float32Array {
    // Half a spacing off, so that neither 0 nor 1 occurs.
    return Float32Array.from({ length: count }, () =>
      inverseNormal((this.#bits52() + 0.5) / 2 ** 52),
    );
  }

  /** A whole number from 0 to count - 1, each equally likely. @param count 1 to 2^32 */
  integer(count: number): number {
    if (!Number.isInteger(count) || count < 1 || count > 2 ** 32) {
      throw new Error(`internal: a random whole number below ${count}`);
    }
    // Words beyond the last whole multiple of count would favour the small numbers.
    const limit = 2 ** 32 - (2 ** 32 % count);
    let word = this.#word();
    while (word >= limit) word = this.#word();
    return word % count;
  }

  /** The same elements in random order (Fisher and Yates). */
  shuffle<T>(elements: readonly T[]): T[] {
    const shuffled = [...elements];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
    }
    return shuffled;
  }

  #bits52(): number {
    return (this.#word() >>> 6) * 2 ** 26 + (this.#word() >>> 6);
  }

  #word(): number {
    const lane = this.#position % 4;
    if (lane === 0) this.#block = philox(this.#key, this.#position / 4);
    this.#position++;
    return this.#block[lane];
  }
}

/** Ten rounds of Philox4x32: four random words of a 64-bit key and a counter below 2^53. */
export function philox(key: readonly [number, number], counter: number): readonly number[] {
  return philoxRounds(key, [counter >>> 0, Math.floor(counter / 2 ** 32), 0, 0]);
}

/** {@link philox} for a counter of 128 bits, lowest word first. */
export function philoxRounds(
  key: readonly [number, number],
  counter: readonly [number, number, number, number],
): readonly number[] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  // Products of 32 by 16 bits are exact in a double.
  const low = a * (b & 0xffff);
  const high = a * (b >>> 16);
  return Math.floor((high + Math.floor(low / 2 ** 16)) / 2 ** 16);
}
