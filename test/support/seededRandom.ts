/** Uniform numbers in [0, 1), the same for the same seed: a linear congruential generator, plenty for test data. */
export function seededRandom(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next(); // nearby seeds start alike
  return next;
}

/** Normally distributed numbers by the method of Box and Muller. */
export function normals(random: () => number, count: number): number[] {
  return Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random());
  });
}

/** The values in a random order (Fisher and Yates). */
export function shuffled(random: () => number, values: readonly number[]): number[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

/** The seed of property tests: TESSERA_SEED of the environment, else a fixed one. Failures print it. */
export const testSeed = Number(process.env.TESSERA_SEED ?? 20);
