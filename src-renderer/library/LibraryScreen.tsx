import { type KeyboardEvent, useCallback, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import { type ReadIds, useSelection } from '../gallery/useSelection.ts';
import { call } from '../studioApi.ts';
import { useStudioMutation } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatCount } from '../ui/format.ts';
import { Screen } from '../ui/Panel.tsx';
import { routes } from '../ui/routes.ts';
import { useToast } from '../ui/Toast.tsx';
import { ConceptGrid } from './ConceptGrid.tsx';
import { EmptyLibrary } from './EmptyLibrary.tsx';
import { LibraryActions } from './LibraryActions.tsx';
import { LibraryToolbar } from './LibraryToolbar.tsx';
import {
  addressOfFilter,
  filterFromAddress,
  isFiltered,
  type LibraryFilter,
  noFilter,
  queryOf,
} from './libraryFilter.ts';
import { SelectionBar } from './SelectionBar.tsx';
import { useConcepts } from './useConcepts.ts';
import { useTrash } from './useTrash.ts';

/** All concepts: found, filtered, chosen, and begun. */
export function LibraryScreen() {
  const [filter, setFilter] = useLibraryFilter();
  const [shown, setShown] = useState({ first: 0, last: 0 });
  const selection = useSelection(readIds(filter));
  const concepts = useConcepts(filter, shown);
  const favour = useFavourite();
  const trash = useTrash(selection.clear);
  const empty = !concepts.loading && concepts.total === 0;
  const bare = empty && !filter.trash && !isFiltered(filter);

  function handleKey(event: KeyboardEvent, concept: ConceptSummary): void {
    if (event.key === 'Escape') selection.clear();
    if (event.key === 'Delete' && !filter.trash) trash.move([concept.id]);
    if (event.key === 'f' && !event.ctrlKey) favour(concept, !concept.favourite);
    if (event.key !== ' ' || (event.target as HTMLElement).tagName !== 'A') return;
    event.preventDefault();
    const index = Number((event.target as HTMLElement).dataset.index);
    selection.select(concept, index, event.shiftKey);
  }

  const reportShown = useCallback((first: number, last: number) => setShown({ first, last }), []);
  return (
    <Screen
      filled
      title={filter.trash ? 'Trash' : 'Library'}
      subtitle={<Subtitle total={concepts.total} loading={concepts.loading} />}
      actions={<LibraryActions />}
    >
      <div className="flex h-full flex-col">
        {!bare && !concepts.loading && (
          <div className="shrink-0 px-8 pb-4">
            {selection.ids.size > 0 ? (
              <SelectionBar
                {...{ trash, inTrash: filter.trash, ids: selection.ids }}
                onClear={selection.clear}
              />
            ) : (
              <LibraryToolbar {...{ filter, trash }} total={concepts.total} onChange={setFilter} />
            )}
          </div>
        )}
        {concepts.error && (
          <div className="px-8 pb-4">
            <ErrorNote title="The library could not be read" cause={concepts.error} />
          </div>
        )}
        <div className="min-h-0 grow">
          {concepts.loading ? null : empty ? (
            <Nothing {...{ filter, bare }} onReset={() => setFilter(noFilter)} />
          ) : (
            <ConceptGrid
              {...{ concepts, selected: selection.ids, inTrash: filter.trash }}
              onShown={reportShown}
              onSelect={selection.select}
              onFavourite={favour}
              onKey={handleKey}
            />
          )}
        </div>
      </div>
    </Screen>
  );
}

function readIds(filter: LibraryFilter): ReadIds {
  return async (offset, limit) => {
    const { concepts } = await call('listConcepts', queryOf(filter, offset, limit));
    return concepts.map(({ id }) => id);
  };
}

function Subtitle({ total, loading }: { total: number; loading: boolean }) {
  // a space keeps the height
  return <>{loading ? '\u00a0' : formatCount(total, 'concept')}</>;
}

function Nothing(props: { filter: LibraryFilter; bare: boolean; onReset: () => void }) {
  if (props.bare) return <EmptyLibrary />;
  if (props.filter.trash && !isFiltered(props.filter)) {
    return (
      <EmptyState
        title="The trash is empty"
        actions={<Button onClick={props.onReset}>Back to the library</Button>}
      >
        Concepts that you throw away stay here until you delete them for good.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No concept fits"
      actions={<Button onClick={props.onReset}>Show all concepts</Button>}
    >
      Search and filters are over names, tokens, class words, notes and tags.
    </EmptyState>
  );
}

/** The filter in the address. */
function useLibraryFilter(): [LibraryFilter, (filter: LibraryFilter) => void] {
  const address = useSearch();
  const [, navigate] = useLocation();
  const set = useCallback(
    (filter: LibraryFilter) => {
      const query = addressOfFilter(filter);
      navigate(query ? `${routes.library}?${query}` : routes.library, { replace: true });
    },
    [navigate],
  );
  return [filterFromAddress(address), set];
}

function useFavourite(): (concept: ConceptSummary, favourite: boolean) => void {
  const change = useStudioMutation('changeConcept');
  const toast = useToast();
  return ({ id }, favourite) =>
    change.mutate(
      { id, favourite },
      {
        onError: ({ message }) =>
          toast({ tone: 'bad', title: 'The concept was not changed', detail: message }),
      },
    );
}
