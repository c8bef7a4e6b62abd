import { Images } from 'lucide-react';
import { type KeyboardEvent, useCallback, useState } from 'react';
import { Link } from 'wouter';
import type { KeptComposition } from '../../src-shared/composition.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { call } from '../studioApi.ts';
import { useStudioMutation } from '../studioQueries.ts';
import { Button, buttonClasses } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatCount } from '../ui/format.ts';
import { Screen } from '../ui/Panel.tsx';
import { linkTo } from '../ui/routes.ts';
import type { ShownRange } from '../ui/TileGrid.tsx';
import { useToast } from '../ui/Toast.tsx';
import { type ReadIds, useSelection } from '../ui/useSelection.ts';
import { type SlicedList, useSlicedList } from '../ui/useSlicedList.ts';
import type { Trash } from '../ui/useTrash.ts';
import { CompositionGrid } from './CompositionGrid.tsx';
import { GallerySelectionBar } from './GallerySelectionBar.tsx';
import { GalleryToolbar } from './GalleryToolbar.tsx';
import { type GalleryFilter, isFiltered, noFilter, queryOf } from './galleryFilter.ts';
import { type Opened, OpenPicture } from './OpenPicture.tsx';
import { usePictureTrash } from './pictureTrash.ts';
import { isRatingKey } from './ratingKeys.ts';
import { useGalleryFilter } from './useGalleryFilter.ts';

/** Everything that was composed and kept. */
export function GalleryScreen() {
  const [filter, change] = useGalleryFilter();
  const [shown, setShown] = useState<ShownRange>({ first: 0, last: 0 });
  const [active, setActive] = useState(0);
  const [opened, setOpened] = useState<Opened>();
  // A dialog gives the focus back to what opened it only if that was a trigger of its own.
  const [returnTo, setReturnTo] = useState<{ index: number; focus: boolean }>();
  const selection = useSelection(readIds(filter));
  const around = opened ? [{ first: opened.index - 1, last: opened.index + 1 }] : [];
  const compositions = useCompositions(filter, [shown, ...around]);
  const trash = usePictureTrash(selection.clear);
  const rate = useRate();

  const onKey = (event: KeyboardEvent, index: number) => {
    const composition = compositions.at(index);
    if (!composition || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isRatingKey(event.key)) rate(composition, Number(event.key));
    else if (event.key === 'Escape') selection.clear();
    else if (event.key === 'Delete') throwAway(composition, selection.ids, filter, trash);
    else if (event.key === ' ') selection.select(composition, index, event.shiftKey);
    else return;
    event.preventDefault();
  };
  const isEmpty = !compositions.isLoading && compositions.total === 0;
  const isBare = isEmpty && !filter.trash && !isFiltered(filter);
  const open = ({ id }: KeptComposition, index: number) => setOpened({ id, index });
  const onShown = useCallback((range: ShownRange) => setShown(range), []);
  return (
    <Screen
      filled
      title={filter.trash ? 'Trash of the gallery' : 'Gallery'}
      subtitle={compositions.isLoading ? '\u00a0' : formatCount(compositions.total, 'picture')}
    >
      <div className="flex h-full flex-col">
        {!isBare && (
          <div className="shrink-0 px-8 pb-4 max-sm:px-4">
            {selection.ids.size > 0 ? (
              <GallerySelectionBar
                {...{ trash, inTrash: filter.trash, ids: selection.ids }}
                onClear={selection.clear}
              />
            ) : (
              <GalleryToolbar {...{ filter, trash, total: compositions.total }} onChange={change} />
            )}
          </div>
        )}
        {compositions.error && (
          <div className="shrink-0 px-8 pb-4 max-sm:px-4">
            <ErrorNote
              title="The pictures could not be read"
              cause={compositions.error}
              nextStep="If it happens again, copy the diagnostics in Settings into a bug report."
            />
          </div>
        )}
        <div className="min-h-0 grow">
          {isEmpty ? (
            <Nothing {...{ filter, isBare }} onClear={() => change(noFilter)} />
          ) : (
            <CompositionGrid
              {...{ compositions, active, returnTo, onShown, onKey }}
              selected={selection.ids}
              onActive={setActive}
              actions={{ open, select: selection.select, rate }}
            />
          )}
        </div>
      </div>
      {opened && (
        <OpenPicture
          {...{ compositions, opened, trash, onRate: rate }}
          onOpen={(next) => {
            setOpened(next);
            setReturnTo(next ? undefined : { index: opened.index, focus: true });
          }}
        />
      )}
    </Screen>
  );
}

/** Without their attention: see `getComposition`. */
function useCompositions(
  filter: GalleryFilter,
  ranges: readonly ShownRange[],
): SlicedList<KeptComposition> {
  const source = {
    name: 'listCompositions',
    inputOf: (offset: number, limit: number) => queryOf(filter, offset, limit),
    itemsOf: ({ compositions }: StudioOutput<'listCompositions'>) => compositions,
  } as const;
  return useSlicedList(source, ranges);
}

/** What is selected, or else the picture that has the focus. */
function throwAway(
  { id }: KeptComposition,
  selected: ReadonlySet<string>,
  filter: GalleryFilter,
  trash: Trash,
): void {
  if (!filter.trash) trash.move(selected.size > 0 ? [...selected] : [id]);
}

function useRate(): (composition: KeptComposition, rating: number) => void {
  const mutation = useStudioMutation('rateComposition');
  const toast = useToast();
  return ({ id }, rating) =>
    mutation.mutate(
      { id, rating },
      {
        onError: ({ message }) =>
          toast({ tone: 'bad', title: 'The picture was not rated', detail: message }),
      },
    );
}

interface NothingProps {
  filter: GalleryFilter;
  isBare: boolean;
  onClear: () => void;
}

function Nothing({ filter, isBare, onClear }: NothingProps) {
  if (isBare)
    return (
      <EmptyState
        icon={<Images size={26} aria-hidden="true" />}
        title="No pictures yet"
        actions={
          <Link href={linkTo.compose()} className={buttonClasses('primary')}>
            Compose a picture
          </Link>
        }
      >
        What you compose and keep is gathered here, with everything that is needed to make it again.
      </EmptyState>
    );
  if (filter.trash && !isFiltered(filter))
    return (
      <EmptyState
        title="The trash is empty"
        actions={<Button onClick={onClear}>Back to the gallery</Button>}
      >
        Pictures that you throw away stay here until you delete them for good.
      </EmptyState>
    );
  return (
    <EmptyState
      title="No picture fits"
      actions={<Button onClick={onClear}>Show all pictures</Button>}
    >
      The search is over the words of prompts.
    </EmptyState>
  );
}

function readIds(filter: GalleryFilter): ReadIds {
  return async (offset, limit) => {
    const { compositions } = await call('listCompositions', queryOf(filter, offset, limit));
    return compositions.map(({ id }) => id);
  };
}
