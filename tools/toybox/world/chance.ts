import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';

/** Random choices of an artist, the same on every machine for a seed and a label. */
export class Chance {
  readonly #stream: RandomStream;

  constructor(seed: number, label: string) {
    this.#stream = RandomStream.create(seed, label);
  }

  /** A number from low to high. */
  between(low: number, high: number): number {
    return low + (high - low) * this.#stream.uniform();
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.#stream.uniform() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.#stream.integer(choices.length)];
  }

  /** A whole number below count. */
  integer(count: number): number {
    return this.#stream.integer(count);
  }
}
