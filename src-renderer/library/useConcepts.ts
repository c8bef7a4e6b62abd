import { useQueries } from '@tanstack/react-query';
import { useRef } from 'react';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { slicesFor } from '../gallery/gridLayout.ts';
import { call, type StudioCallError } from '../studioApi.ts';
import { studioQueryKey } from '../studioQueries.ts';
import { type LibraryFilter, queryOf } from './libraryFilter.ts';

const sliceSize = 100;

export interface Concepts {
  total: number;
  /** Undefined while its slice is on its way. */
  at: (index: number) => ConceptSummary | undefined;
  /** Whether nothing at all is known yet. */
  loading: boolean;
  error: StudioCallError | null;
}

/** The concepts of a filter, read in slices as they come into sight. While a new filter is asked, the old answer stays. */
export function useConcepts(
  filter: LibraryFilter,
  shown: { first: number; last: number },
): Concepts {
  const total = useRef(Number.MAX_SAFE_INTEGER);
  const offsets = [
    ...new Set([0, ...slicesFor(shown.first, shown.last, total.current, sliceSize)]),
  ];
  const queries = useQueries({
    queries: offsets.map((offset) => {
      const input = queryOf(filter, offset, sliceSize);
      return {
        queryKey: studioQueryKey('listConcepts', input),
        queryFn: ({ signal }: { signal: AbortSignal }) => call('listConcepts', input, { signal }),
      };
    }),
  });
  const answers = new Map(offsets.map((offset, place) => [offset, queries[place]?.data]));
  const held = useRef<Map<number, StudioOutput<'listConcepts'> | undefined>>(undefined);
  if (answers.get(0)) held.current = answers;
  const known = held.current;
  total.current = known?.get(0)?.total ?? 0;
  return {
    total: total.current,
    at: (index) => {
      const slice = known?.get(Math.floor(index / sliceSize) * sliceSize);
      return slice?.concepts[index % sliceSize];
    },
    loading: !known,
    error: (queries.find(({ error }) => error)?.error as StudioCallError | undefined) ?? null,
  };
}
