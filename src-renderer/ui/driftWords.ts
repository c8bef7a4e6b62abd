import { type ConceptDrift, isRankTelling } from '../../src-shared/concept.ts';
import { formatNumber } from './format.ts';

/** How far a concept lies from the words that a model knows, in words and in a colour. */

export type DriftTone = 'accent' | 'warn' | 'danger';

export interface DriftReading {
  /** How much is left of the class word, 0 to 1: fills a gauge. */
  readonly share: number;
  /** The same as a number; undefined where the concept has no class word. */
  readonly cosine?: string;
  /** "3.9", in mean lengths of the model's words */
  readonly length: string;
  readonly tone: DriftTone;
  /** Short, for a card. */
  readonly short: string;
  /** In a sentence. */
  readonly long: string;
}

/**
 * Reads the cosine to the class word: with it pictures of two things got better and worse on the built-in model, while
 * the rank among all words says 100 for nearly every concept there (docs/results.md). The limits are ours, from those
 * few measurements. A concept without a class word is read by its rank.
 */
export function readDrift({ classCosine, percentile, normRatio }: ConceptDrift): DriftReading {
  const share = Math.min(1, Math.max(0, classCosine ?? 1 - percentile / 100));
  const figures = {
    share,
    length: formatNumber(normRatio, 2),
    ...(classCosine !== undefined && { cosine: classCosine.toFixed(2) }),
  };
  const near = classCosine === undefined ? percentile < 90 : classCosine >= 0.5;
  const far = classCosine === undefined ? !isRankTelling(percentile) : classCosine < 0.25;
  return { ...figures, ...(near ? nearby : far ? farOut : between) };
}

const nearby = {
  tone: 'accent',
  short: 'near its class',
  long: 'It still means much the same as its class word, and mixes well with other things.',
} as const;

const between = {
  tone: 'warn',
  short: 'leaving its class',
  long: 'It has moved away from its class word: it may push other things out of a picture.',
} as const;

const farOut = {
  tone: 'danger',
  short: 'far from its class',
  long:
    'Little of its class word is left: it tends to take a picture over. ' +
    'An earlier step, anchors, less strength or a layout help against it.',
} as const;

/** "0.58 of 1, near its class; length 3.9 words" */
export function driftSummary(drift: ConceptDrift): string {
  const { cosine, length, short } = readDrift(drift);
  const closeness = cosine === undefined ? '' : `cosine to the class word ${cosine}, `;
  return `Drift: ${closeness}${short}; ${length} times as long as a mean word`;
}
