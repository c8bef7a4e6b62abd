/** Values that stand in a file that anybody may have written: how they are told and what is asked of them. */

/** A key or value for a message, never longer than a line and free of control characters. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
}

/** Whether it is a whole number from 0, as counts, sizes and offsets are. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
