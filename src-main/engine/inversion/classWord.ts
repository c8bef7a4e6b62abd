import { InputError } from '../../../src-shared/inputError.ts';
import type { Tokenizer } from '../models/tokenizer.ts';

/** How a class word reads as tokens. */
export interface ClassWordTokens {
  /** Tokens of the whole class word, as they follow the placeholders in a prompt. */
  ids: number[];
  /** Tokens of its last word; the mean of their rows is the anchor of every placeholder. */
  anchorIds: number[];
  /** What to tell the user when the class word is more than one token. */
  note: string | undefined;
}

/**
 * Tokens of a class word and the ones that its anchor is made of. The released code anchors to the last word of the
 * class ("teddy bear": "bear"); a last word of several tokens is anchored to the mean of their rows, because a
 * placeholder's slot holds one row.
 * @throws InputError when the class word has no tokens.
 */
export function classWordTokens(tokenizer: Tokenizer, classWord: string): ClassWordTokens {
  const ids = tokenizer.idsOfWord(classWord);
  const lastWord = classWord.trim().split(/\s+/u).at(-1) ?? '';
  const anchorIds = tokenizer.idsOfWord(lastWord);
  if (anchorIds.length === 0) {
    throw new InputError(
      `class word "${classWord}" has no tokens; expected a word that says what the concept is, such as "cat"`,
    );
  }
  return { ids, anchorIds, note: describeTokens(classWord, lastWord, ids, anchorIds) };
}

function describeTokens(
  classWord: string,
  lastWord: string,
  ids: readonly number[],
  anchorIds: readonly number[],
): string | undefined {
  if (ids.length === 1) return undefined;
  const anchor =
    anchorIds.length === 1
      ? `"${lastWord}" is the anchor of each vector`
      : `the anchor of each vector is the mean of the ${anchorIds.length} tokens of "${lastWord}"`;
  return `class word "${classWord}" is ${ids.length} tokens: all of them follow the placeholder in every prompt, ${anchor}`;
}
