import type { KeyboardEvent } from 'react';
import { describeRect, type Handle, handlePoint, handles } from './boxGeometry.ts';
import { editBoxes } from './composeStore.ts';
import type { EditorEvent } from './layoutEditor.ts';
import { percentages } from './percentages.ts';
import { tileColour } from './phraseColours.ts';
import type { PlacedBox } from './placedBoxes.ts';

interface BoxShapeProps {
  box: PlacedBox;
  tile: string;
  selected: boolean;
  /** "box 2 of 3" */
  place: string;
}

const cursors: Readonly<Record<Handle, string>> = {
  nw: 'nwse-resize',
  n: 'ns-resize',
  ne: 'nesw-resize',
  e: 'ew-resize',
  se: 'nwse-resize',
  s: 'ns-resize',
  sw: 'nesw-resize',
  w: 'ew-resize',
};

/** A box on the canvas, with handles while it is selected. */
export function BoxShape({ box, tile, selected, place }: BoxShapeProps) {
  const colour = tileColour(tile);
  return (
    // biome-ignore lint/a11y/useSemanticElements: there are no buttons inside SVG
    <g
      data-box={box.id}
      role="button"
      tabIndex={0}
      aria-pressed={selected}
      aria-label={`${box.phrase}, ${place}: ${describeRect(box.rect)}`}
      aria-describedby="layout-keys"
      onFocus={() => editBoxes({ type: 'select', id: box.id })}
      onKeyDown={(event) => handleKey(event, box.id)}
      className="group cursor-move outline-none"
    >
      <rect {...percentages(box.rect)} fill={colour} fillOpacity={selected ? 0.22 : 0.12} />
      <rect
        {...percentages(box.rect)}
        fill="none"
        stroke="var(--color-paper)"
        strokeOpacity={0.85}
        strokeWidth={4}
      />
      <rect {...percentages(box.rect)} fill="none" stroke={colour} strokeWidth={2} />
      <rect
        {...percentages(box.rect)}
        fill="none"
        stroke="var(--color-ink)"
        strokeWidth={2}
        strokeDasharray="2 4"
        className="hidden group-focus-visible:block"
      />
      <Label box={box} colour={colour} />
      {selected &&
        handles.map((handle) => <HandleShape key={handle} {...{ box, handle, colour }} />)}
    </g>
  );
}

/** The words of the box on a plate of its colour, cut where the box ends. */
function Label({ box, colour }: { box: PlacedBox; colour: string }) {
  return (
    <foreignObject {...percentages(box.rect)} pointerEvents="none">
      <div className="flex p-1">
        <span
          className="max-w-full truncate rounded-sm px-1.5 text-xs font-medium text-paper"
          style={{ background: colour }}
        >
          {box.phrase}
        </span>
      </div>
    </foreignObject>
  );
}

function HandleShape({ box, handle, colour }: { box: PlacedBox; handle: Handle; colour: string }) {
  const { x, y } = handlePoint(box.rect, handle);
  return (
    <svg x={`${x * 100}%`} y={`${y * 100}%`} overflow="visible" aria-hidden="true">
      <rect
        x={-5}
        y={-5}
        width={10}
        height={10}
        rx={2}
        fill="#ffffff"
        stroke={colour}
        strokeWidth={2}
      />
      <rect
        data-handle={handle}
        x={-10}
        y={-10}
        width={20}
        height={20}
        fill="transparent"
        style={{ cursor: cursors[handle] }}
      />
    </svg>
  );
}

/** Shares of the picture that one press moves: usually, and with Alt. */
const step = { usual: 0.01, fine: 0.0025 };

function handleKey(event: KeyboardEvent, id: number): void {
  const action = keyEvent(event, id);
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  editBoxes(action);
}

function keyEvent(event: KeyboardEvent, id: number): EditorEvent | undefined {
  const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
  if (ctrlKey || metaKey) {
    return key.toLowerCase() === 'd' ? { type: 'duplicate', id } : undefined;
  }
  const distance = altKey ? step.fine : step.usual;
  const [dx, dy] = directions[key] ?? [0, 0];
  if (dx !== 0 || dy !== 0) {
    return { type: shiftKey ? 'resize' : 'move', id, dx: dx * distance, dy: dy * distance };
  }
  if (key === 'Delete' || key === 'Backspace') return { type: 'remove', id };
  if (key === ']') return { type: 'raise', id };
  if (key === '[') return { type: 'lower', id };
  return key === 'Escape' ? { type: 'cancel' } : undefined;
}

const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
