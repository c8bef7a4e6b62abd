/**
 * Two-sided sign test (Dixon and Mood 1946): the probability of a split at least this uneven if both sides were equally
 * good, 2 P(X <= min) for X ~ B(n, 1/2), at most 1. Ties are left out.
 */
export function signTest(firstWins: number, secondWins: number): number {
  const trials = firstWins + secondWins;
  let logChoose = 0; // log of "trials choose wins", which alone would overflow
  let tail = 0;
  for (let wins = 0; wins <= Math.min(firstWins, secondWins); wins++) {
    if (wins > 0) logChoose += Math.log((trials - wins + 1) / wins);
    tail += Math.exp(logChoose - trials * Math.LN2);
  }
  return Math.min(1, 2 * tail);
}
