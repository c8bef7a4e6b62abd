import { type KeyboardEvent, useCallback, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { call } from '../studioApi.ts';
import { useStudioMutation } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatCount } from '../ui/format.ts';
import { Screen } from '../ui/Panel.tsx';
import { routes } from '../ui/routes.ts';
import type { ShownRange } from '../ui/TileGrid.tsx';
import { useToast } from '../ui/Toast.tsx';
import { type ReadIds, useSelection } from '../ui/useSelection.ts';
import { type SlicedList, useSlicedList } from '../ui/useSlicedList.ts';
import { ConceptGrid } from './ConceptGrid.tsx';
import { useConceptTrash } from './conceptTrash.ts';
import { EmptyLibrary } from './EmptyLibrary.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { ImportProgress } from './ImportProgress.tsx';
import { LibraryActions } from './LibraryActions.tsx';
import { LibrarySelectionBar } from './LibrarySelectionBar.tsx';
import { LibraryToolbar } from './LibraryToolbar.tsx';
import { rememberOpened, takeOpened } from './lastOpened.ts';
import {
  addressOfFilter,
  filterFromAddress,
  isFiltered,
  type LibraryFilter,
  noFilter,
  queryOf,
} from './libraryFilter.ts';
import { useConceptImport } from './useConceptImport.ts';
import { useReturn } from './useReturn.ts';

/** All concepts: found, filtered, chosen, and begun. */
export function LibraryScreen() {
  const [filter, setFilter] = useLibraryFilter();
  const [opened] = useState(() => takeOpened(addressOfFilter(filter)));
  const [active, setActive] = useState(opened?.index ?? 0);
  const [shown, setShown] = useState<ShownRange>({ first: active, last: active });
  const selection = useSelection(readIds(filter));
  const concepts = useConcepts(filter, shown);
  const returnTo = useReturn(opened, concepts);
  const favour = useFavour();
  const trash = useConceptTrash(selection.clear);
  const imports = useConceptImport();
  const isEmpty = !concepts.isLoading && concepts.total === 0;
  const bare = isEmpty && !filter.trash && !isFiltered(filter);

  function handleKey(event: KeyboardEvent, index: number): void {
    const concept = concepts.at(index);
    if (!concept || event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = selection.ids.size > 0 ? [...selection.ids] : [concept.id];
    if (event.key === 'Escape') selection.clear();
    else if (event.key === 'Delete' && !filter.trash) trash.move(chosen);
    else if (event.key === 'f' && !filter.trash) favour(concept, !concept.favourite);
    else if (event.key === ' ' && (event.target as HTMLElement).tagName === 'A') {
      selection.select(concept, index, event.shiftKey);
    } else return;
    event.preventDefault();
  }

  const open = ({ id }: ConceptSummary, index: number) =>
    rememberOpened({ id, index, filter: addressOfFilter(filter) });
  const onShown = useCallback((range: ShownRange) => setShown(range), []);
  return (
    <Screen
      filled
      title={filter.trash ? 'Trash' : 'Library'}
      subtitle={<Subtitle total={concepts.total} hidden={bare || concepts.isLoading} />}
      actions={<LibraryActions onFiles={imports.importFiles} />}
    >
      <div className="flex h-full flex-col" {...imports.dropHandlers}>
        <ImportProgress />
        {!bare && !concepts.isLoading && (
          <div className="shrink-0 px-8 pb-4 max-sm:px-4">
            {selection.ids.size > 0 ? (
              <LibrarySelectionBar
                {...{ trash, inTrash: filter.trash, ids: selection.ids }}
                onClear={selection.clear}
              />
            ) : (
              <LibraryToolbar {...{ filter, trash }} total={concepts.total} onChange={setFilter} />
            )}
          </div>
        )}
        {concepts.error && (
          <div className="px-8 pb-4 max-sm:px-4">
            <ErrorNote title="The library could not be read" cause={concepts.error} />
          </div>
        )}
        <div className="min-h-0 grow">
          {concepts.isLoading ? null : isEmpty ? (
            <Nothing {...{ filter, bare }} onReset={() => setFilter(noFilter)} />
          ) : (
            <ConceptGrid
              {...{ concepts, active, returnTo, onShown, inTrash: filter.trash }}
              selected={selection.ids}
              onActive={setActive}
              actions={{ open, select: selection.select, favour }}
              onKey={handleKey}
            />
          )}
        </div>
      </div>
      {imports.asked && (
        <ImportDialog key={imports.asked.blob} file={imports.asked} onDone={imports.answered} />
      )}
    </Screen>
  );
}

function useConcepts(filter: LibraryFilter, shown: ShownRange): SlicedList<ConceptSummary> {
  const source = {
    name: 'listConcepts',
    inputOf: (offset: number, limit: number) => queryOf(filter, offset, limit),
    itemsOf: ({ concepts }: StudioOutput<'listConcepts'>) => concepts,
  } as const;
  return useSlicedList(source, [shown]);
}

function readIds(filter: LibraryFilter): ReadIds {
  return async (offset, limit) => {
    const { concepts } = await call('listConcepts', queryOf(filter, offset, limit));
    return concepts.map(({ id }) => id);
  };
}

function Subtitle({ total, hidden }: { total: number; hidden: boolean }) {
  // a space keeps the height
  return <>{hidden ? '\u00a0' : formatCount(total, 'concept')}</>;
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

function useFavour(): (concept: ConceptSummary, favourite: boolean) => void {
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
