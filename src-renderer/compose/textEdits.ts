/** The smallest replacement that makes one text of another. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function replacementBetween(before: string, after: string): Replacement {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

/** Changes a text field as typing would: the browser's own undo knows of it, and listeners hear it. */
export function typeInto(field: HTMLTextAreaElement, after: string, caret: number): void {
  const { start, end, text } = replacementBetween(field.value, after);
  field.focus();
  if (start !== end || text !== '') {
    field.setSelectionRange(start, end);
    document.execCommand(text === '' ? 'delete' : 'insertText', false, text);
  }
  field.setSelectionRange(caret, caret);
}
