/** What the tokenizer `unicode61` makes words of. */
const wordCharacter = /[\p{L}\p{N}\p{Co}]/u;

/**
 * Scripts without spaces between words: a run of them is one word to the tokenizer, which finds it by its beginning alone.
 * Thai and Lao, Burmese, Khmer, Chinese and Japanese; the ranges are those of the migration 0006-unspaced-prompts.sql.
 */
const unspaced =
  /[\u0E01-\u0EDF\u1000-\u109F\u1780-\u17FF\u2E80-\uA4CF\uF900-\uFAFF\uFF66-\uFF9F\u{20000}-\u{3FFFF}]/u;

/** What is looked for. */
export interface SearchTerms {
  /** For the full-text search; absent where it has no word to look for. */
  readonly match?: string;
  /** Patterns for LIKE, each of which must fit. */
  readonly patterns: readonly string[];
}

/**
 * Every word must occur; the last one may be the beginning of one, unless a space follows it. Punctuation inside a word
 * means neighbours: `<my-cat>` finds "my" next to "cat". Of scripts that do not part words by spaces, what lies between
 * punctuation is found inside others too. Nothing that is typed is read as an operator.
 */
export function searchTerms(search: string): SearchTerms {
  const words = search.split(/\s+/).filter((word) => wordCharacter.test(word));
  const parted = words.filter((word) => !unspaced.test(word));
  const pieces = words
    .filter((word) => unspaced.test(word))
    .flatMap((word) => word.split(/[^\p{L}\p{M}\p{N}\p{Co}]+/u))
    .filter(Boolean);
  const mayGoOn = !/\s$/.test(search) && words.at(-1) === parted.at(-1);
  return {
    ...(parted.length > 0 && { match: matchExpression(parted, mayGoOn) }),
    patterns: pieces.map((piece) => `%${piece}%`), // letters and digits: no sign that LIKE reads
  };
}

function matchExpression(words: readonly string[], mayGoOn: boolean): string {
  const quoted = words.map((word) => `"${word.replaceAll('"', ' ').replaceAll('\0', ' ')}"`);
  return quoted.join(' AND ') + (mayGoOn ? ' *' : '');
}
