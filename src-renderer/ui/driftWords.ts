/** How far a concept lies from the words that a model knows, in words and in a colour. */

export type DriftTone = 'accent' | 'warn' | 'danger';

export interface DriftReading {
  readonly tone: DriftTone;
  /** Short, for a card. */
  readonly short: string;
  /** In a sentence. */
  readonly long: string;
}

/** @param percentile rank among all words of the vocabulary, 0 to 100; see ConceptDrift */
export function readDrift(percentile: number): DriftReading {
  if (percentile < 90) {
    return {
      tone: 'accent',
      short: 'at home',
      long: 'It lies among the words that the model knows, and mixes well with them.',
    };
  }
  if (percentile < 99.5) {
    return {
      tone: 'warn',
      short: 'at the edge',
      long: 'It lies at the edge of what the model knows: it may push other things out of a picture.',
    };
  }
  return {
    tone: 'danger',
    short: 'far out',
    long:
      'It lies farther out than almost any word: it tends to take a picture over. ' +
      'An earlier step, anchors, less strength or a layout help against it.',
  };
}
