import type { Weights } from '../nn/weights.ts';
import { concat } from '../tensor/ops/concat.ts';
import type { Concept } from './conceptFile.ts';

/**
 * Several concepts of Custom Diffusion in one picture. Each was trained with keys and values of its own for all tokens;
 * together, a concept's tokens get its keys and values, and every other token the model's. Both are linear in the token's
 * hidden state: a state is put into its concept's part of a wider one, weights stand side by side in the same order, and
 * the UNet notices nothing. (Ours. Kumari et al. 2023, arXiv 2212.04488, section 3.2, seek one weight that does the same for
 * the concepts' words and changes little for others, by least squares over captions.)
 */

/** Keys and values of cross-attention. */
const keysAndValues = /\.attn2\.to_[kv]\.weight$/;

/** Whether nothing but these is replaced by a concept. */
export function replacesKeysAndValuesOnly({ replaced }: Concept): boolean {
  return [...replaced.keys()].every((key) => keysAndValues.test(key));
}

/**
 * Weights for states that {@link separateStates} makes: keys and values are [out, (1 + concepts) * width]. A layer that a
 * concept leaves alone is the model's in its part.
 *
 * @param own of each concept: the model's weights with those that it replaces
 */
export function placeSideBySide(weights: Weights, own: readonly Weights[]): Weights {
  const parts = [weights, ...own];
  return {
    get: (key, shape) => {
      if (!keysAndValues.test(key)) return weights.get(key, shape);
      const [out, width] = shape;
      return concat(
        parts.map((part) => part.get(key, [out, width / parts.length])),
        1,
      );
    },
    // a state stands in one part alone: a change of rank r sees the same, wherever it is
    lora: (layer) => {
      const factors = weights.lora(layer);
      if (!factors || !keysAndValues.test(`${layer}.weight`)) return factors;
      return { ...factors, down: concat(new Array(parts.length).fill(factors.down), 1) };
    },
  };
}

/** A concept's words in a prompt. */
export interface ConceptWords {
  /** Ids of its rows. */
  readonly first: number;
  readonly end: number;
  /** What follows them where the prompt says what it is: "cat" in "a <minka> cat". */
  readonly classIds: readonly number[];
}

/**
 * Hidden states [prompts, tokens, width] of padded prompts, each in the part of the concept that its token belongs to, the
 * first part being nobody's: [prompts, tokens, (1 + concepts) * width].
 */
export function separateStates(
  hiddenStates: Float32Array,
  ids: readonly (readonly number[])[],
  concepts: readonly ConceptWords[],
): Float32Array {
  const owners = ids.flatMap((prompt) => ownersOf(prompt, concepts));
  const width = hiddenStates.length / owners.length;
  const wide = new Float32Array(hiddenStates.length * (1 + concepts.length));
  for (const [token, owner] of owners.entries()) {
    const state = hiddenStates.subarray(token * width, (token + 1) * width);
    wide.set(state, (token * (1 + concepts.length) + owner) * width);
  }
  return wide;
}

/** For each token 0, or the place of its concept, counted from 1. */
export function ownersOf(ids: readonly number[], concepts: readonly ConceptWords[]): number[] {
  const owners = ids.map(
    (id) => 1 + concepts.findIndex(({ first, end }) => id >= first && id < end),
  );
  for (const [position, owner] of owners.entries()) {
    if (owner === 0 || owners[position + 1] !== 0) continue;
    const { classIds } = concepts[owner - 1];
    const isNamed = classIds.every((id, index) => ids[position + 1 + index] === id);
    if (isNamed) owners.fill(owner, position + 1, position + 1 + classIds.length);
  }
  return owners;
}
