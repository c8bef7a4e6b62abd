import type * as z from 'zod';

/** What a window remembers over a reload, and forgets when it is closed: its session storage, read with a parser. */

/** @returns undefined where nothing was remembered, or nothing that still fits */
export function recall<Value>(key: string, parser: z.ZodType<Value>): Value | undefined {
  try {
    return parser.safeParse(JSON.parse(sessionStorage.getItem(key) ?? 'null')).data;
  } catch {
    return undefined;
  }
}

/** @param value undefined to forget it. What is too large to be remembered is forgotten as well. */
export function remember(key: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    sessionStorage.removeItem(key);
  }
}
