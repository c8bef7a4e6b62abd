import { type UseQueryResult, useQueries } from '@tanstack/react-query';
import { useRef } from 'react';
import type { KeptComposition } from '../../src-shared/composition.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { call } from '../studioApi.ts';
import { studioQueryKey } from '../studioQueries.ts';
import { type GalleryFilter, queryOf } from './galleryFilter.ts';
import { slicesFor } from './gridLayout.ts';

/** Pictures that are read at once. */
const sliceSize = 100;

export type ShownRange = { readonly first: number; readonly last: number };

export interface Compositions {
  readonly total: number;
  /** Undefined while its slice is on its way. Without attention: see `getComposition`. */
  at(index: number): KeptComposition | undefined;
  /** Place of a picture among those that are known; -1 where it is not. */
  indexOf(id: string): number;
  /** Whether nothing at all is known yet. */
  readonly isLoading: boolean;
  readonly error?: Error;
}

type Slices = ReadonlyMap<number, StudioOutput<'listCompositions'>>;

/** The pictures of a filter, read in slices as they come into sight. Until a new filter is answered, the old answer stays. */
export function useCompositions(
  filter: GalleryFilter,
  ranges: readonly ShownRange[],
): Compositions {
  const known = useRef<Slices>(new Map());
  const total = known.current.get(0)?.total ?? 0;
  const wanted = ranges.flatMap(({ first, last }) => slicesFor(first, last, total, sliceSize));
  const offsets = [...new Set([0, ...wanted])];
  const { answers, error } = useQueries({
    queries: offsets.map((offset) => {
      const input = queryOf(filter, offset, sliceSize);
      return {
        queryKey: studioQueryKey('listCompositions', input),
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          call('listCompositions', input, { signal }),
      };
    }),
    combine: answersOf,
  });
  const slices = new Map(
    offsets.flatMap((offset, place) => {
      const answer = answers[place];
      return answer ? [[offset, answer] as const] : [];
    }),
  );
  if (slices.has(0)) known.current = slices;
  return { ...readerOf(known.current), ...(error && { error }) };
}

function answersOf(queries: readonly UseQueryResult<StudioOutput<'listCompositions'>, Error>[]) {
  return {
    answers: queries.map(({ data }) => data),
    error: queries.find((query) => query.error)?.error ?? undefined,
  };
}

function readerOf(slices: Slices): Omit<Compositions, 'error'> {
  return {
    total: slices.get(0)?.total ?? 0,
    isLoading: !slices.has(0),
    at: (index) => slices.get(index - (index % sliceSize))?.compositions[index % sliceSize],
    indexOf: (id) => {
      for (const [offset, { compositions }] of slices) {
        const place = compositions.findIndex((composition) => composition.id === id);
        if (place >= 0) return offset + place;
      }
      return -1;
    },
  };
}
