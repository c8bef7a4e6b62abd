/**
 * Something the user gave us cannot be used: a file, a key, a word, a number.
 * The message names it, says what was expected and what to do. Shells print it without a stack and exit with 2;
 * every other error is a fault of ours.
 */
export class InputError extends Error {
  override name = 'InputError';
}
