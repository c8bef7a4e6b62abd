import { Check } from 'lucide-react';
import { classes } from './classes.ts';

interface SelectBoxProps {
  /** What is selected. */
  name: string;
  /** Whether the grid's keyboard focus is on its tile. */
  active: boolean;
  selected: boolean;
  /** Whether anything is selected: then every box shows. */
  selecting: boolean;
  /** @param reach whether all from the last choice to here are meant */
  onSelect: (reach: boolean) => void;
}

/** Of what shows on a tile while the pointer or the focus is in it, and always where nothing hovers; the tile is a `group`. */
export const appearing =
  'opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 ' +
  '[@media(hover:none)]:opacity-100';

/** The box in the corner of a tile. */
export function SelectBox({ name, active, selected, selecting, onSelect }: SelectBoxProps) {
  return (
    <button
      type="button"
      aria-label={`Select ${name}`}
      aria-pressed={selected}
      tabIndex={active ? 0 : -1}
      onClick={(event) => onSelect(event.shiftKey)}
      className={classes(
        'absolute top-2 left-2 flex size-7 items-center justify-center rounded-sm bg-raised/90',
        !selected && !selecting && appearing,
      )}
    >
      <span
        className={classes(
          'flex size-4.5 items-center justify-center rounded-sm border',
          selected ? 'border-accent bg-accent text-on-accent' : 'border-edge bg-surface',
        )}
      >
        {selected && <Check size={14} strokeWidth={3} aria-hidden="true" />}
      </span>
    </button>
  );
}

/** What a grid tells its tiles of the selection. */
export interface TileSelection {
  readonly selected: boolean;
  readonly selecting: boolean;
}
