import { describe, expect, test } from 'vitest';
import { tidy } from '../../src-renderer/compose/boxGeometry.ts';
import {
  type EditorEvent,
  type EditorState,
  editLayout,
  emptyEditor,
  type PointerTarget,
} from '../../src-renderer/compose/layoutEditor.ts';
import { layoutOf } from '../../src-renderer/compose/placedBoxes.ts';
import { parseLayout } from '../../src-shared/layout.ts';
import { seededRandom } from '../support/seededRandom.ts';

const free = { on: false, reach: 0.02, cells: 16 };

function edited(state: EditorState, ...events: EditorEvent[]): EditorState {
  return events.reduce(editLayout, state);
}

type PointerDown = Extract<EditorEvent, { readonly type: 'pointerDown' }>;

function drag(target: PointerDown, x: number, y: number): EditorEvent[] {
  return [target, { type: 'pointerMove', point: { x, y }, snap: free }, { type: 'pointerUp' }];
}

function down(x: number, y: number, target: PointerTarget): PointerDown {
  return { type: 'pointerDown', point: { x, y }, target };
}

const canvas = { kind: 'canvas' as const };

function withCat(): EditorState {
  return edited(
    emptyEditor,
    { type: 'setPhrase', phrase: 'cat' },
    ...drag(down(0.1, 0.1, canvas), 0.4, 0.5),
  );
}

function rects(state: EditorState) {
  return state.boxes.map(({ phrase, rect }) => [phrase, ...tidy(rect)]);
}

describe('drawing', () => {
  test('makes a box of the chosen phrase and selects it', () => {
    const state = withCat();
    expect(rects(state)).toEqual([['cat', 0.1, 0.1, 0.4, 0.5]]);
    expect(state.selected).toBe(state.boxes[0].id);
    expect(state.interaction.kind).toBe('idle');
  });

  test('may begin on a box of other words, where a click selects that box', () => {
    const chosen = edited(
      withCat(),
      { type: 'select', id: undefined },
      { type: 'setPhrase', phrase: 'dog' },
    );
    const [{ id }] = chosen.boxes;
    const onCat = down(0.2, 0.2, { kind: 'box', id });
    expect(edited(chosen, onCat, { type: 'pointerUp' })).toMatchObject({
      boxes: chosen.boxes,
      selected: id,
    });
    expect(rects(edited(chosen, ...drag(onCat, 0.8, 0.9)))).toEqual([
      ['cat', 0.1, 0.1, 0.4, 0.5],
      ['dog', 0.2, 0.2, 0.8, 0.9],
    ]);
    const selected = edited(chosen, { type: 'select', id }, ...drag(onCat, 0.3, 0.3));
    expect(rects(selected)).toEqual([['cat', 0.2, 0.2, 0.5, 0.6]]);
  });

  test('shows the box while it is drawn, and nothing is placed yet', () => {
    const state = edited({ ...emptyEditor, phrase: 'cat' }, down(0.6, 0.6, canvas), {
      type: 'pointerMove',
      point: { x: 0.2, y: 0.9 },
      snap: free,
    });
    expect(state.interaction).toMatchObject({ kind: 'drawing', rect: [0.2, 0.6, 0.6, 0.9] });
    expect(state.boxes).toEqual([]);
  });

  test('makes nothing of a click, of a change of mind, or without a phrase', () => {
    const chosen = { ...emptyEditor, phrase: 'cat' };
    expect(edited(chosen, ...drag(down(0.1, 0.1, canvas), 0.11, 0.5)).boxes).toEqual([]);
    const begun = edited(chosen, ...drag(down(0.1, 0.1, canvas), 0.5, 0.5).slice(0, 2));
    expect(edited(begun, { type: 'cancel' }, { type: 'pointerUp' }).boxes).toEqual([]);
    expect(edited(emptyEditor, ...drag(down(0.1, 0.1, canvas), 0.5, 0.5)).boxes).toEqual([]);
  });
});

describe('dragging', () => {
  test('moves the box and can be undone in one step', () => {
    const state = withCat();
    const target = { kind: 'box' as const, id: state.boxes[0].id };
    const dragged = edited(state, ...drag(down(0.2, 0.2, target), 0.3, 0.1));
    expect(rects(dragged)).toEqual([['cat', 0.2, 0, 0.5, 0.4]]);
    expect(rects(edited(dragged, { type: 'undo' }))).toEqual(rects(state));
  });

  test('returns everything when it is cancelled, and leaves no step to undo', () => {
    const state = withCat();
    const target = { kind: 'box' as const, id: state.boxes[0].id };
    const cancelled = edited(state, ...drag(down(0.2, 0.2, target), 0.9, 0.9).slice(0, 2), {
      type: 'cancel',
    });
    expect(cancelled.boxes).toEqual(state.boxes);
    expect(cancelled.past).toEqual(state.past);
  });

  test('a click selects and leaves no step to undo', () => {
    const state = edited(withCat(), { type: 'select', id: undefined });
    const target = { kind: 'box' as const, id: state.boxes[0].id };
    const clicked = edited(state, down(0.2, 0.2, target), { type: 'pointerUp' });
    expect(clicked.selected).toBe(target.id);
    expect(clicked.past).toEqual(state.past);
  });

  test('catches on lines unless that is switched off', () => {
    const state = withCat();
    const target = { kind: 'box' as const, id: state.boxes[0].id };
    const to = { type: 'pointerMove' as const, point: { x: 0.115, y: 0.3 } };
    const grab = down(0.2, 0.2, target);
    const caught = edited(state, grab, { ...to, snap: { ...free, on: true } });
    expect(tidy(caught.boxes[0].rect)[0]).toBe(0);
    expect(caught.interaction).toMatchObject({ lines: [{ axis: 'x', at: 0 }] });
    expect(tidy(edited(state, grab, { ...to, snap: free }).boxes[0].rect)[0]).toBe(0.015);
  });
});

describe('resizing', () => {
  test('moves the sides of the handle', () => {
    const state = withCat();
    const target = { kind: 'handle' as const, id: state.boxes[0].id, handle: 'ne' as const };
    const resized = edited(state, ...drag(down(0.4, 0.1, target), 0.6, 0.2));
    expect(rects(resized)).toEqual([['cat', 0.1, 0.2, 0.6, 0.5]]);
  });
});

describe('the keyboard', () => {
  test('moves and resizes; a run of one kind is one step to undo', () => {
    const state = withCat();
    const { id } = state.boxes[0];
    const right = { type: 'move' as const, id, dx: 0.01, dy: 0 };
    const wider = { type: 'resize' as const, id, dx: 0.02, dy: 0 };
    const nudged = edited(state, right, right, right, wider, wider);
    expect(rects(nudged)).toEqual([['cat', 0.13, 0.1, 0.47, 0.5]]);
    const once = edited(nudged, { type: 'undo' });
    expect(rects(once)).toEqual([['cat', 0.13, 0.1, 0.43, 0.5]]);
    expect(rects(edited(once, { type: 'undo' }))).toEqual(rects(state));
  });

  test('deletes, and the box below is selected', () => {
    const state = edited(withCat(), { type: 'add', phrase: 'dog' });
    const [cat, dog] = state.boxes;
    const without = edited(state, { type: 'remove', id: dog.id });
    expect(without.boxes).toEqual([cat]);
    expect(without.selected).toBe(cat.id);
  });

  test('changes who lies on top', () => {
    const state = edited(withCat(), { type: 'add', phrase: 'dog' }, { type: 'add', phrase: 'hat' });
    const [cat, dog, hat] = state.boxes;
    expect(edited(state, { type: 'raise', id: cat.id }).boxes).toEqual([dog, cat, hat]);
    expect(edited(state, { type: 'lower', id: hat.id }).boxes).toEqual([cat, hat, dog]);
    expect(edited(state, { type: 'raise', id: hat.id }).boxes).toBe(state.boxes);
  });

  test('adds boxes where there is room', () => {
    const state = edited(
      emptyEditor,
      { type: 'add', phrase: 'cat' },
      { type: 'add', phrase: 'dog' },
    );
    const [first, second] = state.boxes;
    expect(first.rect[2]).toBeLessThan(second.rect[0]);
    expect(edited(state, { type: 'add', phrase: '' })).toBe(state);
  });
});

describe('undo and redo', () => {
  test('walk through all steps, and a new step ends the future', () => {
    const state = edited(withCat(), { type: 'add', phrase: 'dog' });
    const back = edited(state, { type: 'undo' });
    expect(rects(back)).toHaveLength(1);
    expect(edited(back, { type: 'redo' }).boxes).toEqual(state.boxes);
    const other = edited(back, { type: 'add', phrase: 'hat' }, { type: 'redo' });
    expect(other.boxes.map(({ phrase }) => phrase)).toEqual(['cat', 'hat']);
  });

  test('do nothing at either end or while the pointer is down', () => {
    expect(edited(emptyEditor, { type: 'undo' })).toBe(emptyEditor);
    expect(edited(emptyEditor, { type: 'redo' })).toBe(emptyEditor);
    const begun = edited(withCat(), down(0.7, 0.7, canvas));
    expect(edited(begun, { type: 'undo' })).toBe(begun);
  });

  test('take back a layout that was loaded or cleared', () => {
    const state = withCat();
    const layout = parseLayout({ objects: [{ phrase: 'hat', boxes: [[0, 0, 1, 1]] }] });
    const loaded = edited(state, { type: 'replace', layout });
    expect(rects(loaded)).toEqual([['hat', 0, 0, 1, 1]]);
    const cleared = edited(loaded, { type: 'replace', layout: undefined });
    expect(cleared.boxes).toEqual([]);
    expect(edited(cleared, { type: 'undo' }, { type: 'undo' }).boxes).toEqual(state.boxes);
  });
});

test('whatever is done, boxes stay inside, apart by id, and every step can be undone', () => {
  const random = seededRandom(7);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  const point = () => ({ x: random() * 1.4 - 0.2, y: random() * 1.4 - 0.2 });
  let state: EditorState = { ...emptyEditor, phrase: 'cat' };
  for (let step = 0; step < 3000; step++) {
    const id = pick(state.boxes)?.id ?? 0;
    const events: EditorEvent[] = [
      { type: 'pointerDown', point: point(), target: pick([canvas, { kind: 'box', id }] as const) },
      { type: 'pointerDown', point: point(), target: { kind: 'handle', id, handle: 'nw' } },
      { type: 'pointerMove', point: point(), snap: { on: random() < 0.5, reach: 0.03, cells: 8 } },
      { type: 'pointerUp' },
      { type: 'cancel' },
      { type: 'move', id, dx: random() - 0.5, dy: random() - 0.5 },
      { type: 'resize', id, dx: random() - 0.5, dy: random() - 0.5 },
      { type: 'duplicate', id },
      { type: 'raise', id },
      { type: 'undo' },
      { type: 'redo' },
      ...(state.boxes.length > 5 ? [{ type: 'remove' as const, id }] : []),
    ];
    state = editLayout(state, pick(events));
    expect(new Set(state.boxes.map((box) => box.id)).size).toBe(state.boxes.length);
    expect(() => layoutOf(state.boxes)).not.toThrow();
  }
  state = editLayout(state, { type: 'cancel' });
  while (state.past.length > 0) state = editLayout(state, { type: 'undo' });
  while (state.future.length > 0) state = editLayout(state, { type: 'redo' });
  expect(state.interaction.kind).toBe('idle');
});
