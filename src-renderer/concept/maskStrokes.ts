/** Strokes of a mask, in shares of the photo's longer side, so that they fit a canvas of any size. */

export interface Stroke {
  readonly kind: 'paint' | 'erase';
  readonly radius: number;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** What was painted, and what was taken back and can be had again. */
export interface MaskHistory {
  /** Whether the strokes lie on the mask that the photo had before. */
  readonly keepsFormer: boolean;
  readonly strokes: readonly Stroke[];
  readonly undone: readonly Step[];
}

/** A step that can be taken back: a stroke, or clearing everything before it. */
type Step = { readonly stroke: Stroke } | { readonly cleared: MaskHistory };

interface Steps extends MaskHistory {
  readonly done: readonly Step[];
}

export type MaskState = Steps;

export const untouchedMask: MaskState = { keepsFormer: true, strokes: [], undone: [], done: [] };

export function withStroke(state: MaskState, stroke: Stroke): MaskState {
  return {
    ...state,
    strokes: [...state.strokes, stroke],
    done: [...state.done, { stroke }],
    undone: [],
  };
}

/** Nothing is painted any more, not even what was there before. */
export function cleared(state: MaskState): MaskState {
  const { keepsFormer, strokes } = state;
  const step: Step = { cleared: { keepsFormer, strokes, undone: [] } };
  return { keepsFormer: false, strokes: [], done: [...state.done, step], undone: [] };
}

export function undone(state: MaskState): MaskState {
  const step = state.done.at(-1);
  if (!step) return state;
  const rest = { done: state.done.slice(0, -1), undone: [...state.undone, step] };
  if ('stroke' in step) return { ...state, ...rest, strokes: state.strokes.slice(0, -1) };
  return { ...step.cleared, ...rest };
}

export function redone(state: MaskState): MaskState {
  const step = state.undone.at(-1);
  if (!step) return state;
  const rest = { done: [...state.done, step], undone: state.undone.slice(0, -1) };
  if ('stroke' in step) return { ...state, ...rest, strokes: [...state.strokes, step.stroke] };
  return { keepsFormer: false, strokes: [], ...rest };
}

/** Draws a stroke: round, and a dot where the brush only touched. */
export function drawStroke(
  context: Pick<
    CanvasRenderingContext2D,
    'beginPath' | 'moveTo' | 'lineTo' | 'stroke' | 'lineCap' | 'lineJoin' | 'lineWidth'
  > & { globalCompositeOperation: string },
  { kind, radius, points }: Stroke,
  scale: number,
): void {
  const [first, ...others] = points;
  if (!first) return;
  context.globalCompositeOperation = kind === 'paint' ? 'source-over' : 'destination-out';
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.lineWidth = Math.max(1, 2 * radius * scale);
  context.beginPath();
  context.moveTo(first.x * scale, first.y * scale);
  // a line without length is painted as a dot because its ends are round
  for (const { x, y } of others.length > 0 ? others : [first]) context.lineTo(x * scale, y * scale);
  context.stroke();
}
