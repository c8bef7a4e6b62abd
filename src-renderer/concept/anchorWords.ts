import type { AnchorShare } from '../../src-shared/concept.ts';

/** Anchors as a sentence: "0.71 cat, 0.18 fox, 0.06 plush". Words with less than half a hundredth are left out. */
export function describeAnchors(anchors: readonly AnchorShare[]): string {
  const kept = survivingAnchors(anchors);
  return kept.map(({ word, share }) => `${share.toFixed(2)} ${word}`).join(', ');
}

/** Those that still pull, the strongest first. */
export function survivingAnchors(anchors: readonly AnchorShare[]): AnchorShare[] {
  return anchors
    .filter(({ share }) => share >= 0.005)
    .toSorted((one, other) => other.share - one.share);
}
