import type { Layout } from '../../src-shared/layout.ts';
import {
  type Handle,
  isLargeEnough,
  moved,
  type Point,
  type Rect,
  resized,
  sameRect,
  spanned,
} from './boxGeometry.ts';
import { boxesOf, type PlacedBox } from './placedBoxes.ts';
import { type SnapField, type SnapLine, snapMove, snapPoint, snapResize } from './snapping.ts';

/**
 * The layout editor as a state machine: what it holds, and what each event makes of it. Knows neither screen nor mouse:
 * points are shares of the picture's sides, and the view says what lies under the pointer.
 */

/** What the pointer is doing. `before` is the stack as it was, for undo and for a change of mind. */
export type Interaction =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'drawing';
      readonly start: Point;
      readonly rect: Rect;
      /** The box under the start: a click without a way selects it. */
      readonly over?: number;
      readonly lines: readonly SnapLine[];
    }
  | {
      readonly kind: 'dragging';
      readonly id: number;
      readonly start: Point;
      readonly from: Rect;
      readonly before: readonly PlacedBox[];
      readonly lines: readonly SnapLine[];
    }
  | {
      readonly kind: 'resizing';
      readonly id: number;
      readonly handle: Handle;
      readonly start: Point;
      readonly from: Rect;
      readonly before: readonly PlacedBox[];
      readonly lines: readonly SnapLine[];
    };

export interface EditorState {
  /** From the bottom to the top. */
  readonly boxes: readonly PlacedBox[];
  readonly selected: number | undefined;
  /** Words that the next box is drawn for. */
  readonly phrase: string;
  readonly interaction: Interaction;
  readonly past: readonly (readonly PlacedBox[])[];
  readonly future: readonly (readonly PlacedBox[])[];
  /** Small steps of one kind on one box count as one for undo. */
  readonly lastNudge: string | undefined;
  readonly nextId: number;
}

/** What lies under the pointer when it goes down. */
export type PointerTarget =
  | { readonly kind: 'canvas' }
  | { readonly kind: 'box'; readonly id: number }
  | { readonly kind: 'handle'; readonly id: number; readonly handle: Handle };

/** How much of the picture a few pixels are, and whether lines catch. */
export interface SnapSettings {
  readonly on: boolean;
  readonly reach: number;
  readonly cells: number;
}

export type EditorEvent =
  | { readonly type: 'pointerDown'; readonly point: Point; readonly target: PointerTarget }
  | { readonly type: 'pointerMove'; readonly point: Point; readonly snap: SnapSettings }
  | { readonly type: 'pointerUp' }
  /** A change of mind in the middle of a gesture. */
  | { readonly type: 'cancel' }
  | { readonly type: 'select'; readonly id: number | undefined }
  | { readonly type: 'setPhrase'; readonly phrase: string }
  /** Adds a box without a pointer, where there is room. */
  | { readonly type: 'add'; readonly phrase: string }
  | { readonly type: 'rename'; readonly id: number; readonly phrase: string }
  | { readonly type: 'setRect'; readonly id: number; readonly rect: Rect }
  | { readonly type: 'move'; readonly id: number; readonly dx: number; readonly dy: number }
  | { readonly type: 'resize'; readonly id: number; readonly dx: number; readonly dy: number }
  | { readonly type: 'remove'; readonly id: number }
  | { readonly type: 'raise'; readonly id: number }
  | { readonly type: 'lower'; readonly id: number }
  | { readonly type: 'duplicate'; readonly id: number }
  | { readonly type: 'replace'; readonly layout: Layout | undefined }
  | { readonly type: 'undo' }
  | { readonly type: 'redo' };

export const emptyEditor: EditorState = {
  boxes: [],
  selected: undefined,
  phrase: '',
  interaction: { kind: 'idle' },
  past: [],
  future: [],
  lastNudge: undefined,
  nextId: 1,
};

const idle: Interaction = { kind: 'idle' };
/** Steps that can be undone. */
const historyLength = 200;

/** The state after an event. Never changes the one before. */
export function editLayout(state: EditorState, event: EditorEvent): EditorState {
  switch (event.type) {
    case 'pointerDown':
      return state.interaction.kind === 'idle' ? begin(state, event.point, event.target) : state;
    case 'pointerMove':
      return follow(state, event.point, event.snap);
    case 'pointerUp':
      return finish(state);
    case 'cancel':
      return abandon(state);
    case 'select':
      return { ...state, selected: known(state, event.id), lastNudge: undefined };
    case 'setPhrase':
      return choosePhrase(state, event.phrase);
    case 'undo':
      return undo(state);
    case 'redo':
      return redo(state);
    case 'replace':
      return replaceAll(state, event.layout);
    case 'add':
      return addBox(state, { phrase: event.phrase, rect: freePlace(state.boxes) });
    default:
      return changeOne(state, event);
  }
}

/** Choosing words means to draw: what is selected of other words steps back. */
function choosePhrase(state: EditorState, phrase: string): EditorState {
  const own = state.boxes.find(({ id }) => id === state.selected);
  const selected = phrase === '' || own?.phrase === phrase ? state.selected : undefined;
  return { ...state, phrase, selected };
}

type BoxEvent = Extract<EditorEvent, { readonly id: number }>;

function changeOne(state: EditorState, event: BoxEvent): EditorState {
  const box = state.boxes.find(({ id }) => id === event.id);
  if (!box || state.interaction.kind !== 'idle') return state;
  switch (event.type) {
    case 'rename':
      return commit(state, replaced(state, { id: box.id, rect: box.rect, phrase: event.phrase }));
    case 'setRect':
      return isLargeEnough(event.rect) ? place(state, box, event.rect) : state;
    case 'move':
      return nudge(state, box, moved(box.rect, event.dx, event.dy), 'move');
    case 'resize':
      return nudge(state, box, resized(box.rect, 'se', event.dx, event.dy), 'resize');
    case 'remove':
      return removeBox(state, box);
    case 'raise':
      return restack(state, box, 1);
    case 'lower':
      return restack(state, box, -1);
    case 'duplicate':
      return addBox(state, { ...box, rect: shiftedCopy(box.rect) });
  }
}

function begin(state: EditorState, point: Point, target: PointerTarget): EditorState {
  const plain = { ...state, lastNudge: undefined };
  if (target.kind === 'canvas' || drawsOver(state, target)) {
    const drawing = { kind: 'drawing' as const, start: point, rect: spanned(point, point) };
    const over = target.kind === 'canvas' ? {} : { over: target.id };
    return { ...plain, selected: undefined, interaction: { ...drawing, ...over, lines: [] } };
  }
  const box = state.boxes.find(({ id }) => id === target.id);
  if (!box) return state;
  const shared = { id: box.id, start: point, from: box.rect, before: state.boxes, lines: [] };
  const interaction: Interaction =
    target.kind === 'box'
      ? { kind: 'dragging', ...shared }
      : { kind: 'resizing', handle: target.handle, ...shared };
  return { ...plain, selected: box.id, interaction };
}

/** Boxes may overlap: with other words chosen, a box that is not selected is ground to draw on. */
function drawsOver({ boxes, phrase, selected }: EditorState, target: PointerTarget): boolean {
  if (target.kind !== 'box' || phrase === '' || target.id === selected) return false;
  return boxes.some(({ id, phrase: own }) => id === target.id && own !== phrase);
}

function follow(state: EditorState, point: Point, snap: SnapSettings): EditorState {
  const { interaction } = state;
  switch (interaction.kind) {
    case 'idle':
      return state;
    case 'drawing': {
      const field = snapField(state, snap, undefined);
      const end = snapPoint(point, field);
      const rect = spanned(snapPoint(interaction.start, field).point, end.point);
      return { ...state, interaction: { ...interaction, rect, lines: end.lines } };
    }
    case 'dragging': {
      const field = snapField(state, snap, interaction.id);
      const raw = moved(interaction.from, ...between(interaction.start, point));
      return showing(state, interaction, snapMove(raw, field));
    }
    case 'resizing': {
      const { handle, from, id } = interaction;
      const raw = resized(from, handle, ...between(interaction.start, point));
      return showing(state, interaction, snapResize(raw, handle, snapField(state, snap, id)));
    }
  }
}

function showing(
  state: EditorState,
  interaction: Extract<Interaction, { readonly id: number }>,
  { rect, lines }: { readonly rect: Rect; readonly lines: readonly SnapLine[] },
): EditorState {
  const boxes = state.boxes.map((box) => (box.id === interaction.id ? { ...box, rect } : box));
  return { ...state, boxes, interaction: { ...interaction, lines } };
}

function finish(state: EditorState): EditorState {
  const { interaction } = state;
  if (interaction.kind === 'idle') return state;
  const resting = { ...state, interaction: idle };
  if (interaction.kind === 'drawing') {
    const { rect, over } = interaction;
    const drawn = isLargeEnough(rect) && state.phrase !== '';
    if (drawn) return addBox(resting, { phrase: state.phrase, rect });
    return { ...resting, selected: known(state, over) };
  }
  const box = state.boxes.find(({ id }) => id === interaction.id);
  if (!box || sameRect(box.rect, interaction.from))
    return { ...resting, boxes: interaction.before };
  return commit({ ...resting, boxes: interaction.before }, state.boxes);
}

function abandon(state: EditorState): EditorState {
  const { interaction } = state;
  if (interaction.kind === 'idle') return { ...state, selected: undefined };
  const boxes = 'before' in interaction ? interaction.before : state.boxes;
  return { ...state, boxes, interaction: idle };
}

/** A new stack, and the old one to go back to. */
function commit(state: EditorState, boxes: readonly PlacedBox[]): EditorState {
  const past = [...state.past, state.boxes].slice(-historyLength);
  return { ...state, boxes, past, future: [], lastNudge: undefined };
}

function undo(state: EditorState): EditorState {
  const boxes = state.past.at(-1);
  if (!boxes || state.interaction.kind !== 'idle') return state;
  return visit(state, boxes, state.past.slice(0, -1), [state.boxes, ...state.future]);
}

function redo(state: EditorState): EditorState {
  const [boxes, ...future] = state.future;
  if (!boxes || state.interaction.kind !== 'idle') return state;
  return visit(state, boxes, [...state.past, state.boxes], future);
}

function visit(
  state: EditorState,
  boxes: readonly PlacedBox[],
  past: EditorState['past'],
  future: EditorState['future'],
): EditorState {
  const selected = known({ boxes }, state.selected);
  return { ...state, boxes, past, future, selected, lastNudge: undefined };
}

function replaceAll(state: EditorState, layout: Layout | undefined): EditorState {
  const boxes = boxesOf(layout, state.nextId);
  const resting = { ...state, interaction: idle, selected: undefined };
  if (boxes.length === 0 && state.boxes.length === 0) return resting;
  return { ...commit(resting, boxes), nextId: state.nextId + boxes.length };
}

function addBox(state: EditorState, box: Omit<PlacedBox, 'id'>): EditorState {
  if (box.phrase === '') return state;
  const added = { ...box, id: state.nextId };
  const next = commit(state, [...state.boxes, added]);
  return { ...next, selected: added.id, nextId: state.nextId + 1 };
}

/** The box below takes over, so that the keyboard does not lose its place. */
function removeBox(state: EditorState, box: PlacedBox): EditorState {
  const index = state.boxes.indexOf(box);
  const boxes = state.boxes.filter(({ id }) => id !== box.id);
  return { ...commit(state, boxes), selected: boxes[Math.max(index - 1, 0)]?.id };
}

function restack(state: EditorState, box: PlacedBox, steps: 1 | -1): EditorState {
  const index = state.boxes.indexOf(box);
  const neighbour = state.boxes[index + steps];
  if (!neighbour) return state;
  const swapped = state.boxes.with(index, neighbour).with(index + steps, box);
  return commit(state, swapped);
}

function nudge(state: EditorState, box: PlacedBox, rect: Rect, kind: string): EditorState {
  if (sameRect(rect, box.rect)) return state;
  const boxes = replaced(state, { ...box, rect });
  const name = `${kind} ${box.id}`;
  if (state.lastNudge === name) return { ...state, boxes };
  return { ...commit(state, boxes), lastNudge: name };
}

function place(state: EditorState, box: PlacedBox, rect: Rect): EditorState {
  return sameRect(rect, box.rect) ? state : commit(state, replaced(state, { ...box, rect }));
}

function replaced({ boxes }: EditorState, box: PlacedBox): PlacedBox[] {
  return boxes.map((other) => (other.id === box.id ? box : other));
}

function known({ boxes }: Pick<EditorState, 'boxes'>, id: number | undefined) {
  return boxes.some((box) => box.id === id) ? id : undefined;
}

function snapField(state: EditorState, snap: SnapSettings, moving: number | undefined): SnapField {
  const others = state.boxes.filter(({ id }) => id !== moving).map(({ rect }) => rect);
  return { others, cells: snap.cells, reach: snap.on ? snap.reach : -1 };
}

function between(start: Point, point: Point): [number, number] {
  return [point.x - start.x, point.y - start.y];
}

/** Places for boxes that come without a pointer: the halves, then the quarters, then the middle. */
const places: readonly Rect[] = [
  [0.05, 0.25, 0.48, 0.95],
  [0.52, 0.25, 0.95, 0.95],
  [0.05, 0.05, 0.48, 0.48],
  [0.52, 0.05, 0.95, 0.48],
];
const middle: Rect = [0.25, 0.25, 0.75, 0.75];

function freePlace(boxes: readonly PlacedBox[]): Rect {
  return places.find((rect) => boxes.every((box) => overlap(box.rect, rect) < 0.001)) ?? middle;
}

function overlap(first: Rect, second: Rect): number {
  const width = Math.min(first[2], second[2]) - Math.max(first[0], second[0]);
  const height = Math.min(first[3], second[3]) - Math.max(first[1], second[1]);
  return Math.max(width, 0) * Math.max(height, 0);
}

/** Beside the original where there is room, so that it is seen. */
function shiftedCopy(rect: Rect): Rect {
  const copy = moved(rect, 0.06, 0.06);
  return sameRect(copy, rect) ? moved(rect, -0.06, -0.06) : copy;
}
