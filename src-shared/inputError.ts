/**
 * Something the user gave us cannot be used: a file, a key, a word, a number.
 * The message names it, says what was expected and what to do. Shells print it without a stack and exit with 2;
 * every other error is a fault of ours.
 */
export class InputError extends Error {
  override name = 'InputError';
}

/** A field of what a call was given is not as expected. Shells in which it has another name can put that in its place. */
export class MisfitError extends InputError {
  readonly path: readonly PropertyKey[];
  /** What it is instead, and what was expected. */
  readonly fault: string;

  /** @param source names the call in messages */
  constructor(source: string, path: readonly PropertyKey[], fault: string) {
    super(`${[source, fieldPath(path)].filter(Boolean).join(': ')} ${fault}`);
    this.path = path;
    this.fault = fault;
  }
}

/** As in JavaScript: photos[0].file. */
export function fieldPath(path: readonly PropertyKey[]): string {
  const parts = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return parts.join('').replace(/^\./, '');
}
