// biome-ignore-all lint/a11y/useSemanticElements: cells of a table cannot stand at positions of their own
// biome-ignore-all lint/a11y/useFocusableInteractive: the button in the cell takes the focus
import { type MouseEvent, memo } from 'react';
import type { KeptComposition } from '../../src-shared/composition.ts';
import { wayNames } from '../compare/ways.ts';
import { classes } from '../ui/classes.ts';
import { Picture } from '../ui/Picture.tsx';
import { SelectBox, type TileSelection } from '../ui/SelectBox.tsx';
import type { TilePlace } from '../ui/TileGrid.tsx';
import { startDragOut } from './dragOut.ts';
import { RatingStars, ratingWords } from './RatingStars.tsx';

/** Pixels under each picture, at the usual size of text. */
export const captionHeight = 60;

interface CompositionTileProps extends TilePlace, TileSelection {
  composition: KeptComposition | undefined;
  /** The same object at every drawing. */
  actions: TileActions;
}

export interface TileActions {
  open(composition: KeptComposition, index: number): void;
  select(composition: KeptComposition, index: number, reach: boolean): void;
  rate(composition: KeptComposition, rating: number): void;
}

/** A picture in the grid. One that is still on its way has its button already, so that the focus can wait on it. */
export const CompositionTile = memo(function CompositionTile(props: CompositionTileProps) {
  const { composition, selected, top, left, width, height } = props;
  return (
    <div
      role="gridcell"
      aria-selected={selected}
      style={{ position: 'absolute', top, left, width, height }}
      draggable={composition !== undefined}
      onDragStart={(event) => composition && startDragOut(event, composition)}
      className={classes(
        'group overflow-hidden rounded-lg border bg-surface transition-shadow hover:shadow-raised',
        selected ? 'border-accent ring-2 ring-accent' : 'border-line',
      )}
    >
      <OpenButton {...props} />
      {composition && (
        <SelectBox
          {...props}
          name={composition.settings.prompt}
          onSelect={(reach) => props.actions.select(composition, props.index, reach)}
        />
      )}
      {composition && (
        <div className="absolute bottom-1.5 left-2">
          <RatingStars
            outOfTabOrder
            size={15}
            rating={composition.rating}
            onRate={(rating) => props.actions.rate(composition, rating)}
          />
        </div>
      )}
    </div>
  );
});

function OpenButton(props: CompositionTileProps) {
  const { composition, index, active, selecting, actions } = props;
  const act = (event: MouseEvent) => {
    const wantsSelection = event.shiftKey || event.ctrlKey || event.metaKey;
    // A click that comes from a key has no detail: Enter opens, whatever is selected.
    if (!composition) return;
    if (wantsSelection || (selecting && event.detail > 0))
      actions.select(composition, index, event.shiftKey);
    else actions.open(composition, index);
  };
  return (
    <button
      type="button"
      data-index={index}
      tabIndex={active ? 0 : -1}
      aria-label={composition ? nameOf(composition) : `Picture ${index + 1}, on its way`}
      onClick={act}
      className="flex size-full flex-col justify-start rounded-lg text-left focus-visible:-outline-offset-2"
    >
      <Picture blob={composition?.thumbnail} alt="" className="w-full shrink-0">
        {composition?.way && (
          <span className="absolute right-2 bottom-2 rounded-full bg-raised/90 px-2 py-0.5 text-xs font-medium">
            {wayNames[composition.way]}
          </span>
        )}
      </Picture>
      <span dir="auto" className="w-full truncate px-2.5 pt-1.5 text-left text-sm">
        {composition?.settings.prompt}
      </span>
    </button>
  );
}

function nameOf({ settings, way, rating }: KeptComposition): string {
  return [settings.prompt, way && wayNames[way], ratingWords(rating)].filter(Boolean).join(', ');
}
