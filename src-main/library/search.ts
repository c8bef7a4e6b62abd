/** Full-text search: what the user typed becomes an expression of SQLite's FTS5. */

/** What the tokenizer `unicode61` makes words of. */
const wordCharacter = /[\p{L}\p{N}\p{Co}]/u;

/**
 * Every word must occur; the last one may be the beginning of one, unless a space follows it. Punctuation inside a word
 * means neighbours: `<my-cat>` finds "my" next to "cat". Nothing that is typed is read as an operator.
 *
 * @returns undefined where there is no word to look for
 */
export function matchExpression(search: string): string | undefined {
  const words = search.split(/\s+/).filter((word) => wordCharacter.test(word));
  if (words.length === 0) return undefined;
  const quoted = words.map((word) => `"${word.replaceAll('"', ' ').replaceAll('\0', ' ')}"`);
  return quoted.join(' AND ') + (/\s$/.test(search) ? '' : ' *');
}
