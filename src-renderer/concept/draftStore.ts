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
  return JSON.stringify(draft) !== JSON.stringify(begun);
}
