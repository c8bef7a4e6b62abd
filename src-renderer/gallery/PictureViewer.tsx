import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useState } from 'react';
import { comparisonWays, type KeptComposition } from '../../src-shared/composition.ts';
import { wayNames } from '../compare/ways.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { IconButton } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { overlayClasses } from '../ui/Dialog.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { focusSheet } from '../ui/focusSheet.ts';
import { Picture } from '../ui/Picture.tsx';
import type { Overlay } from './AttentionPanel.tsx';
import { isRatingKey } from './ratingKeys.ts';
import { ViewerDetails } from './ViewerDetails.tsx';
import { ViewerPicture } from './ViewerPicture.tsx';

interface PictureViewerProps {
  /** As it stands in the list. */
  composition: KeptComposition;
  /** "3 of 120" */
  place: string;
  onClose: () => void;
  /** To the picture before or after; absent at the ends. */
  onBefore?: () => void;
  onAfter?: () => void;
  /** To another picture of the same comparison. */
  onShow: (composition: KeptComposition) => void;
  onRate: (composition: KeptComposition, rating: number) => void;
  onTrash: (composition: KeptComposition) => void;
}

/** One picture, large, with all that made it. */
export function PictureViewer(props: PictureViewerProps) {
  const { composition: listed, place, onClose } = props;
  const [overlay, setOverlay] = useState<Overlay>({ boxes: false });
  // Lists leave the attention out: until it is here, the rest is shown.
  const { data, error } = useStudioQuery('getComposition', { id: listed.id });
  const composition = data ?? listed;
  const rate = (rating: number) => props.onRate(composition, rating);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={classes(overlayClasses, 'z-40')} />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={focusSheet}
          onKeyDown={(event) => handleKey(event, props, rate)}
          className="fixed inset-6 z-40 flex overflow-hidden max-md:inset-2 max-md:flex-col max-md:overflow-y-auto rounded-lg border border-line bg-surface shadow-floating outline-none"
        >
          <div className="flex min-w-0 grow flex-col gap-4 bg-sunken p-5 max-md:h-[70vh] max-md:shrink-0 max-md:grow-0 max-md:p-2">
            <div className="relative min-h-0 grow px-12">
              <ViewerPicture {...{ composition, overlay }} />
              <Turn side="left" label="The picture before" onTurn={props.onBefore} />
              <Turn side="right" label="The picture after" onTurn={props.onAfter} />
            </div>
            <ComparisonStrip {...props} composition={composition} />
          </div>
          <aside className="flex w-88 shrink-0 flex-col border-l border-line max-md:w-full max-md:border-t max-md:border-l-0">
            <header className="flex shrink-0 items-center justify-between px-5 pt-4 pb-3">
              <Dialog.Title className="text-sm font-medium text-muted">{place}</Dialog.Title>
              <Dialog.Close asChild>
                <IconButton label="Close" size="small" icon={<X size={18} />} />
              </Dialog.Close>
            </header>
            <section
              aria-label="Details"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
              tabIndex={0}
              className="grow overflow-y-auto px-5 pb-6"
            >
              {error && (
                <ErrorNote className="mb-4" title="The attention could not be read" cause={error} />
              )}
              <ViewerDetails
                {...{ composition, overlay }}
                onOverlay={setOverlay}
                onRate={rate}
                onTrash={() => props.onTrash(composition)}
              />
            </section>
          </aside>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Arrows turn the page, digits rate, Delete throws away; a slider keeps its arrows. */
function handleKey(
  event: KeyboardEvent,
  { composition, onBefore, onAfter, onTrash }: PictureViewerProps,
  rate: (rating: number) => void,
): void {
  const isInSlider = (event.target as HTMLElement).getAttribute('role') === 'slider';
  if (event.ctrlKey || event.metaKey || event.altKey || isInSlider) return;
  if (event.key === 'ArrowLeft') onBefore?.();
  else if (event.key === 'ArrowRight') onAfter?.();
  else if (event.key === 'Delete' && composition.trashedAt === undefined) onTrash(composition);
  else if (isRatingKey(event.key)) rate(Number(event.key));
  else return;
  event.preventDefault();
}

interface TurnProps {
  side: 'left' | 'right';
  label: string;
  onTurn?: () => void;
}

function Turn({ side, label, onTurn }: TurnProps) {
  const Icon = side === 'left' ? ChevronLeft : ChevronRight;
  return (
    <IconButton
      label={label}
      icon={<Icon size={22} />}
      disabled={!onTurn}
      onClick={onTurn}
      className={classes(
        'absolute top-1/2 -translate-y-1/2',
        side === 'left' ? 'left-0' : 'right-0',
      )}
    />
  );
}

/** The pictures of the same comparison side by side, from the same seed. */
function ComparisonStrip({ composition, onShow }: PictureViewerProps) {
  const { comparisonId, trashedAt } = composition;
  const { data } = useStudioQuery(
    'listCompositions',
    { comparisonId: comparisonId ?? '', limit: 10, trash: trashedAt !== undefined },
    { enabled: comparisonId !== undefined },
  );
  if (comparisonId === undefined) return null;
  const ways = comparisonWays.flatMap((way) => {
    const found = data?.compositions.find((one) => one.way === way);
    return found ? [found] : [];
  });
  return (
    <section
      aria-label="The same seed, other ways"
      className="flex h-37 shrink-0 justify-center gap-3 max-sm:h-auto max-sm:gap-1.5"
    >
      {ways.map((one) => (
        <button
          key={one.id}
          type="button"
          aria-pressed={one.id === composition.id}
          onClick={() => onShow(one)}
          className={classes(
            'flex h-full w-30 min-w-0 flex-col overflow-hidden rounded-md border bg-surface',
            one.id === composition.id ? 'border-accent ring-2 ring-accent' : 'border-line',
          )}
        >
          <Picture blob={one.thumbnail} alt="" className="w-full" />
          <span className="flex min-w-0 grow items-center px-1 py-0.5 text-xs">
            <span className="w-full truncate text-center">{one.way && wayNames[one.way]}</span>
          </span>
        </button>
      ))}
    </section>
  );
}
