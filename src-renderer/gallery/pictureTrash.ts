import { call } from '../studioApi.ts';
import { type Trash, type TrashOf, useTrash } from '../ui/useTrash.ts';

const pictures: TrashOf = {
  noun: 'picture',
  goesWith: 'Its settings go with it.',
  calls: {
    ...{ trash: 'trashCompositions', untrash: 'untrashCompositions' },
    delete: 'deleteCompositions',
  },
  read: async (offset, limit) => {
    const { compositions } = await call('listCompositions', { trash: true, offset, limit });
    return compositions.map(({ id }) => id);
  },
};

/** Throwing pictures away and taking them back. @param onDone after each of it */
export function usePictureTrash(onDone: () => void): Trash {
  return useTrash(pictures, onDone);
}
