import * as z from 'zod';
import { composedPicture, compositionSettings, layoutField } from '../../src-shared/composition.ts';
import { conceptStrength } from '../../src-shared/concept.ts';
import { rowId } from '../../src-shared/ids.ts';
import { recall, remember } from '../ui/windowMemory.ts';
import { type ComposeState, composeStore, editBoxes } from './composeStore.ts';
import { layoutOf } from './placedBoxes.ts';

/** A reload of the window, on purpose or by accident, must not cost what is being composed. */

const choice = z.object({ versionId: rowId.optional(), strength: conceptStrength });

const rememberedDraft = z.object({
  draft: compositionSettings.omit({ concepts: true, layout: true, modelId: true }).extend({
    modelId: rowId.optional(),
    seedLocked: z.boolean(),
    choices: z.record(z.string(), choice),
  }),
  layout: layoutField.optional(),
});
const rememberedPicture = z.object({ picture: composedPicture, isKept: z.boolean() });

const draftKey = 'tessera.compose';
const pictureKey = 'tessera.compose.picture';

/** Goes on from what the window held before it was loaded anew, and remembers what comes. */
export function rememberDraft(): void {
  const found = recall(draftKey, rememberedDraft);
  if (found) composeStore.set({ draft: found.draft });
  if (found?.layout) editBoxes({ type: 'replace', layout: found.layout });
  const shown = recall(pictureKey, rememberedPicture);
  if (shown) composeStore.set(shown);
  let last = composeStore.get();
  composeStore.subscribe(() => {
    const state = composeStore.get();
    store(state, last);
    last = state;
  });
}

function store(state: ComposeState, last: ComposeState): void {
  const { draft, editor, picture, isKept } = state;
  if (draft !== last.draft || editor.boxes !== last.editor.boxes) {
    remember(draftKey, { draft, layout: layoutOf(editor.boxes) });
  }
  if (picture !== last.picture || isKept !== last.isKept) {
    remember(pictureKey, picture && { picture, isKept });
  }
}
