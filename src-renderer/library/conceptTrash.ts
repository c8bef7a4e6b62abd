import { call } from '../studioApi.ts';
import { type Trash, type TrashOf, useTrash } from '../ui/useTrash.ts';

const concepts: TrashOf = {
  noun: 'concept',
  goesWith: 'Versions, photos and previews are deleted with it.',
  calls: { trash: 'trashConcepts', untrash: 'untrashConcepts', delete: 'deleteConcepts' },
  read: async (offset, limit) => {
    const { concepts } = await call('listConcepts', { trash: true, offset, limit });
    return concepts.map(({ id }) => id);
  },
};

/** Throwing concepts away and taking them back. @param onDone after each of it */
export function useConceptTrash(onDone: () => void): Trash {
  return useTrash(concepts, onDone);
}
