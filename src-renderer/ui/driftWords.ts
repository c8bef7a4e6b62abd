import type { ConceptDrift, TrainingMethod } from '../../src-shared/concept.ts';
import { formatNumber } from './format.ts';

/** How far a concept lies from the words that a model knows, in words and in a colour. */

export type DriftTone = 'accent' | 'warn' | 'danger';

export interface DriftReading {
  /** How far out, 0 to 1: fills a gauge. */
  readonly share: number;
  /** "3.9×", in mean lengths of the model's words */
  readonly length: string;
  /** To the class word; undefined where the concept has none. */
  readonly cosine?: string;
  readonly tone: DriftTone;
  /** One word, for a card. */
  readonly verdict: string;
  /** What it means for pictures, and what helps. */
  readonly advice: string;
}

/**
 * Lengths at which a word leaves the others, and at which it is far from them: halfway, as factors, between what was
 * measured on the built-in model (docs/results.md). A word that it knows has 2.5 mean lengths, one that was trained with
 * anchors 9, one that was trained plainly 24.
 */
const driftLimits = { apart: 5, far: 15 } as const;

/** The longest word that a gauge can tell from a longer one. */
const longestShown = 64;

/**
 * Reads the length. It tells trainings apart: an angle to the class word of 80 degrees and more is what all trainings of
 * a word come to, with anchors or without, and the rank among all words is 100 for nearly every one.
 */
export function readDrift({ classCosine, normRatio }: ConceptDrift): DriftReading {
  const { apart, far } = driftLimits;
  return {
    share: shareOf(normRatio),
    length: `${formatNumber(normRatio, 2)}×`,
    ...(classCosine !== undefined && { cosine: classCosine.toFixed(2) }),
    ...(normRatio < apart ? close : normRatio < far ? outside : farOut),
  };
}

/** Where the reading changes, as shares of a gauge. */
export const driftMarks = Object.values(driftLimits).map(shareOf);

/** Each doubling of the length is as far as the one before. */
function shareOf(normRatio: number): number {
  return Math.min(1, Math.max(0, Math.log(normRatio) / Math.log(longestShown)));
}

const close = {
  tone: 'accent',
  verdict: 'close',
  advice: 'About as strong as the words that the model knows: it leaves room for other things.',
} as const;

const outside = {
  tone: 'warn',
  verdict: 'apart',
  advice:
    'Stronger than the words that the model knows: it may push other things out of a picture.',
} as const;

const farOut = {
  tone: 'danger',
  verdict: 'far',
  advice:
    'So much stronger than the words that the model knows that it tends to take a picture over. ' +
    'Anchors, an earlier step, less strength or a layout help.',
} as const;

/** Of these the word hardly moves, whatever they do to pictures. */
export function isLearnedInWeights(method: TrainingMethod): boolean {
  return method !== 'textual-inversion';
}

/** "Drift: far, 24× as long as the model's average word" */
export function driftSummary(drift: ConceptDrift): string {
  const { verdict, length, cosine } = readDrift(drift);
  const closeness = cosine === undefined ? '' : `; cosine to its class word ${cosine}`;
  return `Drift: ${verdict}, ${length} as long as the model’s average word${closeness}`;
}
