import { useState } from 'react';
import type { KeptComposition } from '../../src-shared/composition.ts';
import { call } from '../studioApi.ts';
import { useToast } from '../ui/Toast.tsx';
import { type GalleryFilter, queryOf } from './galleryFilter.ts';
import { nothingSelected, reachedTo, toggled } from './selection.ts';

/** Pictures that one call of the studio takes: no more can be selected with Shift. */
const longestReach = 10_000;
const sliceSize = 500;

/** The chosen pictures of the gallery. With Shift a choice reaches over pictures that were never in sight. */
export function useSelection(filter: GalleryFilter) {
  const [selection, setSelection] = useState(nothingSelected);
  const toast = useToast();

  async function reach(index: number): Promise<void> {
    const { anchor = 0 } = selection;
    try {
      const ids = await idsBetween(filter, Math.min(anchor, index), Math.max(anchor, index));
      setSelection((old) => reachedTo(old, index, (at) => ids.get(at)));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      toast({ tone: 'bad', title: 'Not selected', detail });
    }
  }

  return {
    ids: selection.ids,
    select: ({ id }: KeptComposition, index: number, isReach: boolean) => {
      if (isReach) void reach(index);
      else setSelection((old) => toggled(old, id, index));
    },
    clear: () => setSelection(nothingSelected),
  };
}

/** Ids by their place in the list. */
async function idsBetween(
  filter: GalleryFilter,
  first: number,
  last: number,
): Promise<Map<number, string>> {
  const ids = new Map<number, string>();
  const end = Math.min(last, first + longestReach - 1);
  for (let offset = first; offset <= end; offset += sliceSize) {
    const limit = Math.min(sliceSize, end - offset + 1);
    const { compositions } = await call('listCompositions', queryOf(filter, offset, limit));
    for (const [place, { id }] of compositions.entries()) ids.set(offset + place, id);
  }
  return ids;
}
