import { createStore } from '../compose/createStore.ts';
import { type ConceptDraft, type DraftPhoto, emptyDraft } from './conceptDraft.ts';

/** The draft outlives its screen: one can look at the models or the library and come back. */

export interface DraftState {
  readonly draft: ConceptDraft;
  /** What the form was filled with, before anything was changed. */
  readonly begun: ConceptDraft;
}

export const draftStore = createStore<DraftState>({ draft: emptyDraft, begun: emptyDraft });

export type ChangeDraft = (
  change: Partial<ConceptDraft> | ((draft: ConceptDraft) => ConceptDraft),
) => void;

export const changeDraft: ChangeDraft = (change) =>
  draftStore.set(({ draft }) => ({
    draft: typeof change === 'function' ? change(draft) : { ...draft, ...change },
  }));

export function changePhotos(change: (photos: readonly DraftPhoto[]) => DraftPhoto[]): void {
  changeDraft((draft) => ({ ...draft, photos: change(draft.photos) }));
}

/** Fills the form; nothing of what it held is left. */
export function beginDraft(draft: ConceptDraft): void {
  draftStore.set({ draft, begun: draft });
}

/** Whether something would be lost with what the form holds. */
export function isEdited({ draft, begun }: DraftState): boolean {
  return !isSame(draft, begun);
}

/** Whether there is nothing to start over from. */
export function isEmpty(draft: ConceptDraft): boolean {
  return isSame(draft, emptyDraft);
}

/** Field by field: a draft that was kept over a reload has them in another order. */
function isSame(one: ConceptDraft, other: ConceptDraft): boolean {
  const fields = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof ConceptDraft>;
  return [...fields].every((field) => JSON.stringify(one[field]) === JSON.stringify(other[field]));
}
