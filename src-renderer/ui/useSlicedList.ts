import { type UseQueryResult, useQueries } from '@tanstack/react-query';
import { useRef } from 'react';
import type { StudioCallName, StudioInput, StudioOutput } from '../../src-shared/studioApi.ts';
import { call, type StudioCallError } from '../studioApi.ts';
import { studioQueryKey } from '../studioQueries.ts';
import { slicesFor } from './gridLayout.ts';
import type { ShownRange } from './TileGrid.tsx';

/** Entries that are read at once. */
const sliceSize = 100;

/** A long list of which only some is known. */
export interface SlicedList<Item> {
  readonly total: number;
  /** Undefined while its slice is on its way. */
  at(index: number): Item | undefined;
  /** Place of an entry among those that are known; -1 where it is not. */
  indexOf(id: string): number;
  /** Whether nothing at all is known yet. */
  readonly isLoading: boolean;
  readonly error?: StudioCallError;
}

interface ListSource<Name extends StudioCallName, Item> {
  readonly name: Name;
  readonly inputOf: (offset: number, limit: number) => StudioInput<Name>;
  readonly itemsOf: (answer: StudioOutput<Name>) => readonly Item[];
}

/** A list in slices, as they come into sight. Until another question is answered, the old answer stays. */
export function useSlicedList<
  Name extends 'listConcepts' | 'listCompositions',
  Item extends { readonly id: string },
>(source: ListSource<Name, Item>, ranges: readonly ShownRange[]): SlicedList<Item> {
  const known = useRef<ReadonlyMap<number, StudioOutput<Name>>>(new Map());
  const total = known.current.get(0)?.total ?? Number.MAX_SAFE_INTEGER;
  const wanted = ranges.flatMap(({ first, last }) => slicesFor(first, last, total, sliceSize));
  const offsets = [...new Set([0, ...wanted])];
  const { answers, error } = useQueries({
    queries: offsets.map((offset) => {
      const input = source.inputOf(offset, sliceSize);
      return {
        queryKey: studioQueryKey(source.name, input),
        queryFn: ({ signal }: { signal: AbortSignal }) => call(source.name, input, { signal }),
      };
    }),
    combine: answersOf<StudioOutput<Name>>,
  });
  const slices = new Map(
    offsets.flatMap((offset, place) => {
      const answer = answers[place];
      return answer ? [[offset, answer] as const] : [];
    }),
  );
  if (slices.has(0)) known.current = slices;
  return { ...readerOf(known.current, source.itemsOf), ...(error && { error }) };
}

function answersOf<Answer>(queries: readonly UseQueryResult<Answer, Error>[]) {
  return {
    answers: queries.map(({ data }) => data),
    error: queries.find((query) => query.error)?.error as StudioCallError | undefined,
  };
}

function readerOf<Answer extends { readonly total: number }, Item extends { readonly id: string }>(
  slices: ReadonlyMap<number, Answer>,
  itemsOf: (answer: Answer) => readonly Item[],
): Omit<SlicedList<Item>, 'error'> {
  const itemsAt = (offset: number) => {
    const answer = slices.get(offset);
    return answer ? itemsOf(answer) : [];
  };
  return {
    total: slices.get(0)?.total ?? 0,
    isLoading: !slices.has(0),
    at: (index) => itemsAt(index - (index % sliceSize))[index % sliceSize],
    indexOf: (id) => {
      for (const offset of slices.keys()) {
        const place = itemsAt(offset).findIndex((item) => item.id === id);
        if (place >= 0) return offset + place;
      }
      return -1;
    },
  };
}
