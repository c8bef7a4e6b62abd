import { useCallback, useSyncExternalStore } from 'react';
import { type ConceptDraft, emptyDraft } from './conceptDraft.ts';

/** The draft outlives its screen: one can look at the models or the library and come back. */

let draft: ConceptDraft = emptyDraft;
const listeners = new Set<() => void>();

export type ChangeDraft = (
  change: Partial<ConceptDraft> | ((draft: ConceptDraft) => ConceptDraft),
) => void;

export function useConceptDraft(): [ConceptDraft, ChangeDraft] {
  const current = useSyncExternalStore(subscribe, () => draft);
  const change = useCallback<ChangeDraft>((next) => {
    draft = typeof next === 'function' ? next(draft) : { ...draft, ...next };
    for (const listener of listeners) listener();
  }, []);
  return [current, change];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
