/** What something that was caught says of itself. */

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** As Node, SQLite and others give it: ENOENT, SQLITE_FULL. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
