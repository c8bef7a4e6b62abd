import type { AnchorChoice } from '../../src-shared/api.ts';

/** The choice of anchors, as it is edited: a mixture as proposed or of words of one's own, the class word, or none. */

export const anchorModes = ['mixture', 'class-word', 'none'] as const;
export type AnchorMode = (typeof anchorModes)[number];

export function anchorMode(choice: AnchorChoice | undefined): AnchorMode {
  return choice?.kind === 'class-word' || choice?.kind === 'none' ? choice.kind : 'mixture';
}

/** @returns undefined for what the engine takes by itself */
export function choiceOf(mode: AnchorMode): AnchorChoice | undefined {
  return mode === 'mixture' ? undefined : { kind: mode };
}

export function withAnchor(words: readonly string[], word: string): AnchorChoice {
  return { kind: 'only', words: words.includes(word) ? [...words] : [...words, word] };
}

/** The class word stays, whatever is taken away. */
export function withoutAnchor(words: readonly string[], word: string): AnchorChoice {
  return { kind: 'only', words: words.filter((one, index) => index === 0 || one !== word) };
}
