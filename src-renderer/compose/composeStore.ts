import type { ComposedPicture } from '../../src-shared/composition.ts';
import type { LayoutPrior } from '../../src-shared/layout.ts';
import type { CallProgress } from '../../src-shared/studioEvent.ts';
import { asTrained, type CompositionDraft, firstDraft } from './compositionDraft.ts';
import { createStore } from './createStore.ts';
import { type EditorEvent, type EditorState, editLayout, emptyEditor } from './layoutEditor.ts';

/** What is being composed. It outlives the screen: Compare works on the same draft. */

export interface ComposeTask {
  readonly kind: 'compose' | 'suggest';
  readonly progress?: CallProgress;
}

export interface TaskFailure {
  readonly title: string;
  readonly cause: unknown;
}

export interface ComposeState {
  readonly draft: CompositionDraft;
  readonly editor: EditorState;
  /** Where the model puts the things of the prompt, as it was harvested last or loaded. */
  readonly prior?: LayoutPrior;
  readonly picture?: ComposedPicture;
  /** Whether the picture is in the gallery. */
  readonly isKept: boolean;
  readonly task?: ComposeTask;
  readonly failure?: TaskFailure;
  /** What the engine had to say about the newest picture or layout. */
  readonly notes: readonly string[];
  readonly view: CanvasView;
}

export interface CanvasView {
  readonly snap: boolean;
  readonly boxes: boolean;
  /** The prior's heat under the boxes. */
  readonly heat: boolean;
  /** Phrase whose attention lies over the picture. */
  readonly attention?: string;
}

export const composeStore = createStore<ComposeState>({
  draft: firstDraft,
  editor: emptyEditor,
  isKept: false,
  notes: [],
  view: { snap: true, boxes: true, heat: true },
});

export function changeDraft(change: Partial<CompositionDraft>): void {
  composeStore.set(({ draft }) => ({ draft: { ...draft, ...change } }));
}

export function changeChoice(
  token: string,
  change: Partial<CompositionDraft['choices'][string]>,
): void {
  composeStore.set(({ draft }) => {
    const choice = { ...(draft.choices[token] ?? asTrained), ...change };
    return { draft: { ...draft, choices: { ...draft.choices, [token]: choice } } };
  });
}

export function changeView(change: Partial<CanvasView>): void {
  composeStore.set(({ view }) => ({ view: { ...view, ...change } }));
}

export function editBoxes(event: EditorEvent): void {
  composeStore.set(({ editor }) => ({ editor: editLayout(editor, event) }));
}
