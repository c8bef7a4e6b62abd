import { dot, splitRows } from '../numbers.ts';

/** How the shares of a mixture of anchors are trained. */
export interface MixtureSettings {
  /** Length of a step: one over a bound of how fast the gradient turns. */
  readonly stepSize: number;
  /** What each share loses in a step, one per candidate, before all are brought back to the simplex. */
  readonly penalties: Float32Array;
  /** What each share keeps at least, one per candidate: more than 0 only for the class word. */
  readonly least: Float32Array;
}

/**
 * What a candidate beside the class word pays for its share, in mean squared lengths of the candidates: of two words
 * that explain the concept equally well, and of the class word and a neighbour, the sparser mixture wins.
 */
const sparsity = 0.05;

/**
 * What the class word keeps of the mixture. Without it the mixture follows a concept that has left the vocabulary to
 * words that have nothing to do with it, and the concept loses its class (decision 0013).
 */
const leastOfClassWord = 0.5;

/** Candidates of a mixture, and where it starts. */
export interface MixtureCandidates {
  /** [count, size] */
  readonly rows: Float32Array;
  /** One per candidate; what starts above 0 belongs to the class word and pays nothing for its share. */
  readonly initialShares: Float32Array;
}

/**
 * Steps of the proximal gradient method (ISTA) for the shares gamma of
 *
 *     pull * (1/2 |mean of the concept's rows - gamma V|^2 + sparsity * s * sum of the neighbours' gammas),
 *     gamma >= 0, sum of gamma = 1, the class word's at least a half, s the mean squared length of the candidates,
 *
 * whose smooth part is the weighted anchor loss: its gradient in gamma, which the graph gives, turns by at most pull
 * times the largest eigenvalue of V V^T, and that is at most its largest row sum. With the step 1 / (pull * row sum) the
 * objective never grows. The L1 norm itself is 1 everywhere on the simplex and would choose nothing, so the class
 * word is left out of it. Its proximal map is a shift and the projection to the simplex.
 *
 * @param pull factor of |row - attractor|^2 / 2 in the total loss, summed over the rows of the concept
 */
export function planMixture(
  { rows, initialShares }: MixtureCandidates,
  pull: number,
): MixtureSettings {
  const products = gramMatrix(rows, initialShares.length);
  const steepest = Math.max(...products.map((row) => row.reduce((sum, x) => sum + Math.abs(x), 0)));
  const meanSquare = products.reduce((sum, row, i) => sum + row[i], 0) / products.length;
  const penalty = (sparsity * meanSquare) / steepest;
  return {
    stepSize: 1 / (pull * steepest),
    penalties: initialShares.map((share) => (share > 0 ? 0 : penalty)),
    least: initialShares.map((share) => leastOfClassWord * share),
  };
}

/** Products of all pairs of rows. */
function gramMatrix(rows: Float32Array, count: number): number[][] {
  const each = splitRows(rows, count);
  return each.map((row) => each.map((other) => dot(row, other)));
}

/** One step of {@link planMixture}, in place. @param gradient of the total loss, one per share */
export function mixtureStep(
  shares: Float32Array,
  gradient: Float32Array,
  { stepSize, penalties, least }: MixtureSettings,
): void {
  for (let i = 0; i < shares.length; i++) shares[i] -= stepSize * gradient[i] + penalties[i];
  projectAbove(shares, least);
}

/** The nearest point of the simplex that is nowhere below `least`, in place: what lies above it is a smaller simplex. */
function projectAbove(shares: Float32Array, least: Float32Array): void {
  const free = 1 - least.reduce((sum, share) => sum + share, 0);
  for (let i = 0; i < shares.length; i++) shares[i] = (shares[i] - least[i]) / free;
  projectToSimplex(shares);
  for (let i = 0; i < shares.length; i++) shares[i] = shares[i] * free + least[i];
}

/**
 * The nearest point whose coordinates are not negative and sum to 1, in place: all coordinates less one number, cut at
 * 0. That number is found among the sorted coordinates (Held, Wolfe and Crowder 1974).
 */
export function projectToSimplex(values: Float32Array): void {
  const descending = Float64Array.from(values).sort().reverse();
  let sum = 0;
  let excess = 0;
  for (const [index, value] of descending.entries()) {
    sum += value;
    const candidate = (sum - 1) / (index + 1);
    if (value <= candidate) break;
    excess = candidate;
  }
  for (let i = 0; i < values.length; i++) values[i] = Math.max(values[i] - excess, 0);
}
