import { describe, expect, it } from 'vitest';
import {
  cleared,
  drawStroke,
  redone,
  type Stroke,
  undone,
  untouchedMask,
  withStroke,
} from '../../../src-renderer/concept/maskStrokes.ts';

const stroke = (x: number): Stroke => ({ kind: 'paint', radius: 0.1, points: [{ x, y: 0.5 }] });
const painted = withStroke(withStroke(untouchedMask, stroke(0.1)), stroke(0.2));

describe('the strokes of a mask', () => {
  it('are taken back and had again one by one', () => {
    const back = undone(painted);
    expect(back.strokes).toEqual([stroke(0.1)]);
    expect(redone(back).strokes).toEqual(painted.strokes);
    expect(undone(undone(back)).strokes).toEqual([]);
  });

  it('are all taken away at once, and had again at once', () => {
    const empty = cleared(painted);
    expect(empty).toMatchObject({ strokes: [], keepsFormer: false });
    expect(undone(empty)).toMatchObject({ strokes: painted.strokes, keepsFormer: true });
    expect(redone(undone(empty))).toMatchObject({ strokes: [], keepsFormer: false });
  });

  it('that were taken back are forgotten with a new one', () => {
    const other = withStroke(undone(painted), stroke(0.7));
    expect(redone(other)).toEqual(other);
    expect(other.strokes).toEqual([stroke(0.1), stroke(0.7)]);
  });
});

describe('a stroke', () => {
  /** Writes down what a canvas is told. */
  function recorder() {
    const calls: string[] = [];
    const note = (name: string) => () => void calls.push(name);
    const noteAt = (name: string) => (x: number, y: number) => void calls.push(`${name} ${x},${y}`);
    return {
      calls,
      context: {
        globalCompositeOperation: '',
        lineCap: 'butt' as CanvasLineCap,
        lineJoin: 'miter' as CanvasLineJoin,
        lineWidth: 0,
        beginPath: note('begin'),
        moveTo: noteAt('move'),
        lineTo: noteAt('line'),
        stroke: note('stroke'),
      },
    };
  }

  it('is a dot where the brush only touched', () => {
    const { calls, context } = recorder();
    drawStroke(context, stroke(0.5), 100);
    expect(calls).toEqual(['begin', 'move 50,50', 'line 50,50', 'stroke']);
    expect(context).toMatchObject({ lineCap: 'round', lineWidth: 20 });
  });

  it('erases where it is an eraser', () => {
    const { context } = recorder();
    drawStroke(context, { ...stroke(0.5), kind: 'erase' }, 100);
    expect(context.globalCompositeOperation).toBe('destination-out');
  });
});
