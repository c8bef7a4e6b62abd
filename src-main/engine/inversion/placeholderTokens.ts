import { isToken, longestWord } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import type { Tokenizer } from '../models/tokenizer.ts';

/** A concept's word in prompts: k vectors are spelled `<t> <t>_1 ... <t>_(k-1)`, as diffusers does. */
export interface Placeholder {
  token: string;
  /** Number of vectors, at least 1. */
  vectors: number;
}

/** The tokens of a placeholder's vectors: `<t>`, `<t>_1`, `<t>_2`, ... */
export function placeholderTokens(token: string, vectors: number): string[] {
  return Array.from({ length: vectors }, (_, index) => (index === 0 ? token : `${token}_${index}`));
}

/**
 * Adds a placeholder's tokens to the tokenizer and returns their ids, one per vector. All are added or none.
 * @throws InputError when the token cannot be told apart in a prompt or one of them exists already.
 */
export function addPlaceholderTokens(
  tokenizer: Tokenizer,
  token: string,
  vectors: number,
): number[] {
  requireFreeTokens(tokenizer, token, vectors);
  return placeholderTokens(token, vectors).map((name) => tokenizer.addToken(name));
}

/** Looks whether a placeholder's tokens could be added. @throws InputError as {@link addPlaceholderTokens} */
export function requireFreeTokens(tokenizer: Tokenizer, token: string, vectors: number): void {
  requirePlaceholder(token, vectors, tokenizer.maxLength - 2);
  const existing = placeholderTokens(token, vectors).find((name) => tokenizer.hasToken(name));
  if (existing !== undefined) {
    throw new InputError(
      `token "${existing}" exists already in the model's vocabulary; choose a word that the model does not know, such as "<my-${existing.replaceAll(/[^\p{L}\p{N}]/gu, '') || 'concept'}>"`,
    );
  }
}

function requirePlaceholder(token: string, vectors: number, limit: number): void {
  if (!isToken(token)) {
    throw new InputError(
      `token "${token.slice(0, 2 * longestWord)}": expected one word without blanks of at most ${longestWord} characters, such as "<my-cat>"; it marks the concept in prompts`,
    );
  }
  if (!Number.isInteger(vectors) || vectors < 1 || vectors > limit) {
    throw new InputError(
      `vectors ${vectors}: expected a whole number from 1 to ${limit}, what a prompt can hold`,
    );
  }
}

/**
 * Writes all vectors of each placeholder into a prompt: every `<t>` becomes `<t> <t>_1 ... <t>_(k-1)`.
 * A `<t>` that is part of `<t>_<digit>`, or that its `<t>_1` follows already, is left alone, so that expanding twice
 * changes nothing. Of two tokens that begin alike the longer one is taken.
 */
export function expandPlaceholders(prompt: string, placeholders: readonly Placeholder[]): string {
  const longestFirst = placeholders.toSorted((a, b) => b.token.length - a.token.length);
  const vectorsOf = new Map(longestFirst.map(({ token, vectors }) => [token, vectors]));
  const occurrences = longestFirst.map(({ token }) => occurrencePattern(RegExp.escape(token)));
  if (occurrences.length === 0) return prompt;
  return prompt.replaceAll(new RegExp(occurrences.join('|'), 'gu'), (token) =>
    placeholderTokens(token, vectorsOf.get(token) ?? 1).join(' '),
  );
}

function occurrencePattern(escapedToken: string): string {
  return `${escapedToken}(?!_\\d)(?!\\s*${escapedToken}_1(?!\\d))`;
}

/**
 * Expansion as diffusers 0.17.0 does it (`maybe_convert_prompt`), kept for comparison: a plain text replacement that
 * also rewrites `<t>` inside `<t>_1`, so that a prompt which names its vectors is nested once more.
 */
export function expandPlaceholdersOfficial(prompt: string, tokenizer: Tokenizer): string {
  const ids = new Set(tokenizer.encode(prompt).ids);
  let expanded = prompt;
  for (const [token, id] of tokenizer.addedTokens) {
    if (!ids.has(id)) continue;
    const replacement = placeholderTokens(token, countVectors(token, tokenizer)).join(' ');
    expanded = expanded.replaceAll(token, () => replacement);
  }
  return expanded;
}

function countVectors(token: string, tokenizer: Tokenizer): number {
  let vectors = 1;
  while (tokenizer.addedTokens.has(`${token}_${vectors}`)) vectors++;
  return vectors;
}

/**
 * Ids as the text encoder takes them: its table may have more rows than the tokenizer has words, and placeholders begin
 * behind the table.
 */
export function behindVocabulary(
  ids: readonly number[],
  firstPlaceholderId: number,
  vocabSize: number,
): number[] {
  return ids.map((id) => (id >= firstPlaceholderId ? id + vocabSize - firstPlaceholderId : id));
}

/**
 * The token ids of a prompt with `anchorId` in each placeholder's slot: the reference of the one-anchor loss
 * (Zhang et al. 2024, arXiv 2312.08048, as their training scripts compute it). Every other slot is equal in both, so
 * only the placeholders' rows contribute.
 * @param ids [tokens] of the prompt with its placeholders
 * @param placeholderIds ids of the concept's vectors
 */
export function referenceIds(
  ids: readonly number[],
  placeholderIds: readonly number[],
  anchorId: number,
): number[] {
  const slots = new Set(placeholderIds);
  return ids.map((id) => (slots.has(id) ? anchorId : id));
}

/** Ids of a prompt as the text encoder takes them. */
export function textEncoderIds(
  { tokenizer, configs }: Pick<DiffusionModel, 'tokenizer' | 'configs'>,
  prompt: string,
  firstPlaceholderId: number,
): number[] {
  const { ids } = tokenizer.encodePadded(prompt);
  return behindVocabulary(ids, firstPlaceholderId, configs.textEncoder.vocabSize);
}
