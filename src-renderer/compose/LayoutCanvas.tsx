import { type PointerEvent, type RefObject, useEffect, useRef } from 'react';
import type { ComposedPicture } from '../../src-shared/composition.ts';
import { HeatMap } from '../ui/HeatMap.tsx';
import { Picture } from '../ui/Picture.tsx';
import { BoxShape } from './BoxShape.tsx';
import { type Handle, handles, type Point } from './boxGeometry.ts';
import { type CanvasView, composeStore, editBoxes } from './composeStore.ts';
import type { EditorState, PointerTarget } from './layoutEditor.ts';
import { percentages } from './percentages.ts';
import { phraseTile, tileColour } from './phraseColours.ts';
import type { PictureSize } from './pictureSize.ts';
import { phrasesOf } from './placedBoxes.ts';
import type { PriorHeat } from './priorHeat.ts';
import { TintedHeat } from './TintedHeat.tsx';

interface LayoutCanvasProps {
  editor: EditorState;
  view: CanvasView;
  picture: ComposedPicture | undefined;
  size: PictureSize;
  /** Where the model puts what, under the boxes. */
  heat: readonly PriorHeat[];
}

/** How near lines catch, in pixels of the screen, and cells of the grid along a side. */
const reachPixels = 8;
export const gridCells = 16;

/**
 * The last picture with the boxes of the next one over it. Boxes are drawn, dragged and resized with the pointer; with
 * the keyboard they are reached by Tab, moved by arrows and resized by arrows with Shift.
 */
export function LayoutCanvas({ editor, view, picture, size, heat }: LayoutCanvasProps) {
  const frame = useRef<SVGSVGElement>(null);
  const pointer = usePointer(frame, view.snap);
  useFocusAfterRemoval(frame, editor);
  const attention = picture?.attention.find(({ phrase }) => phrase === view.attention);
  return (
    <div className="@container-size flex min-h-0 grow items-center justify-center">
      <div
        className="relative overflow-hidden rounded-md border border-line bg-sunken"
        style={fittedStyle(size)}
      >
        {picture ? (
          <Picture
            blob={picture.picture}
            alt={`Composed picture: ${picture.settings.prompt}`}
            aspect={size.width / size.height}
            fit="contain"
            className="size-full!"
          />
        ) : (
          <Grid />
        )}
        {attention && (
          <div className="absolute inset-0">
            <HeatMap
              map={attention.heatMap}
              overlay
              label={`Attention of ${attention.phrase}: ${Math.round(attention.inside * 100)} % inside its box`}
            />
          </div>
        )}
        {heat.map(({ phrase, map, tile }) => (
          <TintedHeat key={phrase} map={map} tile={tile} />
        ))}
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a drawing */}
        <svg
          ref={frame}
          role="group"
          aria-label="Layout: boxes on the picture"
          aria-describedby="layout-keys"
          className={`absolute inset-0 size-full touch-none select-none ${editor.phrase ? 'cursor-crosshair' : ''}`}
          {...pointer}
        >
          {view.boxes && <Boxes editor={editor} />}
          <Lines editor={editor} />
        </svg>
        {!picture && editor.boxes.length === 0 && editor.interaction.kind === 'idle' && (
          <Invitation />
        )}
      </div>
    </div>
  );
}

/** As large as the room allows, without knowing the room: the frame is there before any picture. */
function fittedStyle({ width, height }: PictureSize) {
  const aspect = width / height;
  return {
    width: `min(100cqw, calc(100cqh * ${aspect}))`,
    aspectRatio: String(aspect),
  };
}

function Boxes({ editor }: { editor: EditorState }) {
  const phrases = phrasesOf(editor.boxes);
  const { interaction } = editor;
  return (
    <>
      {editor.boxes.map((box) => (
        <BoxShape
          key={box.id}
          box={box}
          tile={phraseTile(phrases.indexOf(box.phrase))}
          selected={box.id === editor.selected}
          place={placeAmong(editor, box.id)}
        />
      ))}
      {interaction.kind === 'drawing' && (
        <rect
          {...percentages(interaction.rect)}
          fill="none"
          stroke={tileColour(phraseTile(indexOrNew(phrases, editor.phrase)))}
          strokeWidth={2}
          strokeDasharray="5 4"
        />
      )}
    </>
  );
}

function indexOrNew(phrases: readonly string[], phrase: string): number {
  const index = phrases.indexOf(phrase);
  return index < 0 ? phrases.length : index;
}

/** "box 2 of 3" among those of its phrase. */
function placeAmong({ boxes }: EditorState, id: number): string {
  const box = boxes.find((one) => one.id === id);
  const same = boxes.filter(({ phrase }) => phrase === box?.phrase);
  const index = [...same].sort((a, b) => a.id - b.id).findIndex((one) => one.id === id);
  return same.length > 1 ? `box ${index + 1} of ${same.length}` : 'box';
}

function Lines({ editor: { interaction } }: { editor: EditorState }) {
  const lines = interaction.kind === 'idle' ? [] : interaction.lines;
  return (
    <g stroke="var(--color-danger)" strokeWidth={1} pointerEvents="none">
      {lines.map(({ axis, at }) => {
        const place = `${at * 100}%`;
        return axis === 'x' ? (
          <line key={`x${at}`} x1={place} x2={place} y1="0" y2="100%" />
        ) : (
          <line key={`y${at}`} x1="0" x2="100%" y1={place} y2={place} />
        );
      })}
    </g>
  );
}

/** While there is no picture: the grid on which boxes catch. */
function Grid() {
  const inner = Array.from(
    { length: gridCells - 1 },
    (_, index) => `${((index + 1) / gridCells) * 100}%`,
  );
  return (
    <svg className="absolute inset-0 size-full" aria-hidden="true" stroke="var(--color-line)">
      {inner.map((place) => (
        <g key={place}>
          <line x1={place} x2={place} y1="0" y2="100%" />
          <line x1="0" x2="100%" y1={place} y2={place} />
        </g>
      ))}
    </svg>
  );
}

function Invitation() {
  return (
    <div className="pointer-events-none absolute inset-0 flex items-center justify-center p-8 text-center">
      <p className="max-w-72 rounded-md bg-surface/90 p-4 text-sm text-muted">
        Compose a picture, or draw first where things belong: choose a word of the prompt and draw a
        box here.
      </p>
    </div>
  );
}

/** Where a box with the focus was taken away, the next one gets the focus that would be lost with it. */
function useFocusAfterRemoval(
  frame: RefObject<SVGSVGElement | null>,
  { boxes, selected }: EditorState,
): void {
  const before = useRef(boxes.length);
  useEffect(() => {
    const removed = boxes.length < before.current;
    before.current = boxes.length;
    if (!removed || document.activeElement !== document.body) return;
    boxElement(frame, selected)?.focus();
  }, [frame, boxes, selected]);
}

function boxElement(frame: RefObject<SVGSVGElement | null>, id: number | undefined) {
  return frame.current?.querySelector<SVGElement>(`[data-box="${id}"]`);
}

/** What the pointer does, as events of the editor. Ctrl, Cmd or Alt held: lines do not catch. */
function usePointer(frame: RefObject<SVGSVGElement | null>, snap: boolean) {
  const pointAt = ({ clientX, clientY }: PointerEvent): Point & { reach: number } => {
    const edges = frame.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    const x = (clientX - edges.left) / edges.width;
    const y = (clientY - edges.top) / edges.height;
    return { x, y, reach: reachPixels / Math.max(edges.width, 1) };
  };
  return {
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0) return;
      frame.current?.setPointerCapture(event.pointerId);
      const { x, y } = pointAt(event);
      editBoxes({ type: 'pointerDown', point: { x, y }, target: targetOf(event) });
    },
    onPointerMove(event: PointerEvent) {
      if (event.buttons === 0) return;
      const { x, y, reach } = pointAt(event);
      const on = snap && !(event.ctrlKey || event.metaKey || event.altKey);
      editBoxes({ type: 'pointerMove', point: { x, y }, snap: { on, reach, cells: gridCells } });
    },
    onPointerUp() {
      editBoxes({ type: 'pointerUp' });
      // The arrows go on with what the pointer made.
      requestAnimationFrame(() => boxElement(frame, composeStore.get().editor.selected)?.focus());
    },
    onPointerCancel: () => editBoxes({ type: 'cancel' }),
  };
}

/** Shapes say by data attributes what they are. */
function targetOf({ target }: PointerEvent): PointerTarget {
  const shape = target instanceof Element ? target.closest<SVGElement>('[data-box]') : null;
  if (!shape) return { kind: 'canvas' };
  const id = Number(shape.dataset.box);
  const handle = (target as SVGElement).dataset.handle;
  return isHandle(handle) ? { kind: 'handle', id, handle } : { kind: 'box', id };
}

function isHandle(name: string | undefined): name is Handle {
  return handles.some((handle) => handle === name);
}
