import { useState } from 'react';
import { errorText } from '../../src-shared/parseInput.ts';
import { nothingSelected, reachedTo, toggled } from './selection.ts';
import { useToast } from './Toast.tsx';

/** Ids that one call of the studio takes: no more can be selected with Shift. */
const longestReach = 10_000;
const sliceSize = 500;

/** Reads the ids of a part of the list. @param limit at most 500 */
export type ReadIds = (offset: number, limit: number) => Promise<readonly string[]>;

/** The chosen ones of a list. With Shift a choice reaches over some that were never in sight. */
export function useSelection(read: ReadIds) {
  const [selection, setSelection] = useState(nothingSelected);
  const toast = useToast();

  async function reach(index: number): Promise<void> {
    const { anchor = 0 } = selection;
    try {
      const ids = await idsBetween(read, Math.min(anchor, index), Math.max(anchor, index));
      setSelection((old) => reachedTo(old, index, (at) => ids.get(at)));
    } catch (error) {
      const detail = errorText(error);
      toast({ tone: 'bad', title: 'Not selected', detail });
    }
  }

  return {
    ids: selection.ids,
    select: ({ id }: { readonly id: string }, index: number, isReach: boolean) => {
      if (isReach) void reach(index);
      else setSelection((old) => toggled(old, id, index));
    },
    clear: () => setSelection(nothingSelected),
  };
}

/** Ids by their place in the list. */
export async function idsBetween(
  read: ReadIds,
  first: number,
  last: number,
): Promise<Map<number, string>> {
  const ids = new Map<number, string>();
  const end = Math.min(last, first + longestReach - 1);
  for (let offset = first; offset <= end; offset += sliceSize) {
    const limit = Math.min(sliceSize, end - offset + 1);
    for (const [place, id] of (await read(offset, limit)).entries()) ids.set(offset + place, id);
  }
  return ids;
}
