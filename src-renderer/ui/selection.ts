/** Which of a list are chosen, and where the last choice was made: Shift reaches from there. */
export type Selection = { readonly ids: ReadonlySet<string>; readonly anchor?: number };

export const nothingSelected: Selection = { ids: new Set() };

/** Adds one, or takes it out again. */
export function toggled({ ids }: Selection, id: string, index: number): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: index };
}

/**
 * Adds everything from the anchor to `index`.
 *
 * @param idAt undefined where one is not known yet: it is left out
 */
export function reachedTo(
  { ids, anchor = 0 }: Selection,
  index: number,
  idAt: (index: number) => string | undefined,
): Selection {
  const next = new Set(ids);
  for (let at = Math.min(anchor, index); at <= Math.max(anchor, index); at++) {
    const id = idAt(at);
    if (id) next.add(id);
  }
  return { ids: next, anchor };
}
