import { InputError } from '../../../src-shared/inputError.ts';
import type { PromptEncoding, Tokenizer } from '../models/tokenizer.ts';

const letter = /\p{L}/u;
const digit = /\p{N}/u;

/**
 * Positions, in the text encoder's sequence (begin token = 0), of every occurrence of a phrase, in the order of the
 * prompt: the phrase's tokens in sequence, as whole words. Case, kind of blanks and Unicode composition do not matter,
 * except inside added tokens. Give a concept of several vectors in its expanded form.
 *
 * @throws InputError when the phrase does not occur among the visible tokens.
 */
export function phraseOccurrences(
  tokenizer: Tokenizer,
  prompt: string,
  phrase: string,
): number[][] {
  const wanted = tokenizer.encode(phrase).ids;
  if (wanted.length === 0) throw new InputError(`phrase "${phrase}" has no tokens; name a word`);
  const encoding = tokenizer.encode(prompt);
  const starts = encoding.ids
    .keys()
    .filter((start) => isPhraseAt(encoding, prompt, wanted, start))
    .toArray();
  if (starts.length === 0) {
    throw new InputError(`phrase "${phrase}" is not in the prompt "${prompt}"; write it as there`);
  }
  const visible = starts.filter((start) => start + wanted.length <= tokenizer.maxLength - 2);
  if (visible.length === 0) throw hiddenText(phrase, tokenizer);
  return visible.map((start) => wanted.map((_, index) => start + index + 1));
}

function isPhraseAt(
  { ids, offsets }: PromptEncoding,
  prompt: string,
  wanted: readonly number[],
  start: number,
): boolean {
  if (wanted.some((id, index) => ids[start + index] !== id)) return false;
  return (
    isWordEdge(prompt, offsets[start]![0]) &&
    isWordEdge(prompt, offsets[start + wanted.length - 1]![1])
  );
}

/** Whether no word or number of the prompt runs on over this place: "king" is not in "viking", nor 2 in 24. */
function isWordEdge(prompt: string, place: number): boolean {
  const before = Array.from(prompt.slice(0, place)).at(-1) ?? '';
  const after = Array.from(prompt.slice(place)).at(0) ?? '';
  return [letter, digit].every((kind) => !(kind.test(before) && kind.test(after)));
}

function hiddenText(text: string, tokenizer: Tokenizer): InputError {
  return new InputError(
    `"${text}" lies behind the ${tokenizer.maxLength - 2} tokens that the model sees; shorten the prompt`,
  );
}

/**
 * Positions as the released code finds them (`Pharse2idx`, utils/layout_control.py of
 * zhangxulu1996/Compositional-Inversion at 63af729): the prompt split on single blanks after a blank before every
 * comma, each word's first match, counted as if every word were one token.
 * @param identifier phrases divided by ";", the words of a phrase by "_"
 * @returns one list per phrase
 * @throws InputError where the released code stops with a ValueError.
 */
export function officialTokenPositions(prompt: string, identifier: string): number[][] {
  const words = stripDots(prompt.replaceAll(',', ' ,')).split(' ');
  return identifier.split(';').map((phrase) =>
    phrase
      .trim()
      .split('_')
      .map((word) => firstPosition(words, word, prompt)),
  );
}

function stripDots(text: string): string {
  return text.replace(/^\.+/, '').replace(/\.+$/, '');
}

function firstPosition(words: readonly string[], word: string, prompt: string): number {
  const index = words.indexOf(word);
  if (index >= 0) return index + 1;
  throw new InputError(
    `"${word}" is not among the blank-separated words of "${prompt}"; the official token positions need it so`,
  );
}
