import { demo, demoLayout, demoPrompt } from '../../src-shared/demo.ts';
import { compareStore } from '../compare/compareStore.ts';
import { loadConcepts } from '../compose/composeActions.ts';
import { changeDraft, editBoxes } from '../compose/composeStore.ts';
import { firstDraft } from '../compose/compositionDraft.ts';
import { call } from '../studioApi.ts';

/**
 * Puts the tour's comparison on the desk: the demo's prompt, seed and settings, its boxes, which save the sampling of a
 * layout, and no pictures of an earlier one.
 */
export async function prepareTourComparison(conceptId: string): Promise<void> {
  const concept = await call('getConcept', { id: conceptId });
  compareStore.set({ pictures: {}, isKept: false, failure: undefined, view: 'grid' });
  changeDraft(firstDraft);
  loadConcepts([concept], []);
  changeDraft({ ...demo.sampling, seed: demo.seed, prompt: demoPrompt(concept, demo.object) });
  editBoxes({ type: 'replace', layout: demoLayout(concept, demo.object) });
}
