import { parseLayout } from '../../src-shared/layout.ts';
import { compareStore } from '../compare/compareStore.ts';
import { loadConcepts } from '../compose/composeActions.ts';
import { editBoxes } from '../compose/composeStore.ts';
import { promptFor } from '../compose/compositionDraft.ts';
import { call } from '../studioApi.ts';

/** The concept on the left, the other thing on the right: drawn boxes save the tour the sampling of a layout. */
const places = { concept: [0.04, 0.3, 0.5, 0.95], other: [0.54, 0.35, 0.97, 0.93] };

/** Puts the tour's comparison on the desk: its prompt, its boxes, and no pictures of an earlier one. */
export async function prepareTourComparison(conceptId: string): Promise<void> {
  const concept = await call('getConcept', { id: conceptId });
  const { token, classWord } = concept;
  const other = promptFor(concept).split(' ').at(-1) ?? '';
  compareStore.set({ pictures: {}, isKept: false, failure: undefined, view: 'grid' });
  loadConcepts([concept], []);
  const layout = parseLayout({
    objects: [
      { phrase: `${token} ${classWord}`, boxes: [places.concept] },
      { phrase: other, boxes: [places.other] },
    ],
  });
  editBoxes({ type: 'replace', layout });
}
