import { Brush, Eraser, Redo2, Trash2, Undo2 } from 'lucide-react';
import {
  forwardRef,
  type KeyboardEvent,
  type PointerEvent,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import type { BlobHash } from '../../src-shared/ids.ts';
import type { TrainingPhoto } from '../../src-shared/photo.ts';
import { blobUrl } from '../studioApi.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { causeText } from '../ui/ErrorNote.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import { SliderField } from '../ui/SliderField.tsx';
import type { PhotoSize, Point } from './cropGeometry.ts';
import { canvasSize, maskColor, readMask, storeMask } from './maskPicture.ts';
import {
  cleared,
  drawStroke,
  type MaskState,
  redone,
  type Stroke,
  undone,
  untouchedMask,
  withStroke,
} from './maskStrokes.ts';

export interface MaskEditorHandle {
  /**
   * The mask as it is painted now, in the library; the photo's own where nothing was done, undefined where everything
   * counts. Fails where the photo's own is needed and cannot be read, or the library does not take the new one.
   */
  store: () => Promise<BlobHash | undefined>;
}

interface MaskEditorProps {
  photo: TrainingPhoto;
}

/** Paints what counts. With a brush of the pointer, or of the keys: arrows move it, the space bar holds it down. */
export const MaskEditor = forwardRef<MaskEditorHandle, MaskEditorProps>(function MaskEditor(
  { photo },
  ref,
) {
  const size = canvasSize(photo);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [kind, setKind] = useState<Stroke['kind']>('paint');
  const [radius, setRadius] = useState(0.04);
  const [mask, setMask] = useState<MaskState>(untouchedMask);
  const { former, failure } = useFormerMask(photo, size);
  const open = useRef<{ points: Point[] }>(undefined);
  const [brush, setBrush] = useState<Point>();
  const [held, setHeld] = useState(false);

  /** All strokes, with the one that is being drawn. */
  const strokes = (): readonly Stroke[] =>
    open.current ? [...mask.strokes, { kind, radius, points: open.current.points }] : mask.strokes;
  useEffect(() =>
    redraw(canvas.current, mask.keepsFormer ? former : undefined, strokes(), size.scale),
  );
  useImperativeHandle(ref, () => ({
    store: async () => {
      const isTouched = mask.done.length > 0 || open.current !== undefined;
      if (!isTouched || !canvas.current) return photo.mask;
      // what lies under the strokes may not have been read yet
      const wanted = mask.keepsFormer ? photo.mask : undefined;
      const under = wanted && (former ?? (await readMask(wanted, size, maskColor)));
      redraw(canvas.current, under, strokes(), size.scale);
      return storeMask(canvas.current, photo);
    },
  }));

  function extend(at: Point): void {
    open.current?.points.push(at);
    setBrush(at);
  }

  function finish(): void {
    const stroke = open.current;
    open.current = undefined;
    if (stroke) setMask((old) => withStroke(old, { kind, radius, points: stroke.points }));
  }

  function handleKey(event: KeyboardEvent): void {
    const moves: Readonly<Record<string, Point>> = {
      ArrowLeft: { x: -radius / 2, y: 0 },
      ArrowRight: { x: radius / 2, y: 0 },
      ArrowUp: { x: 0, y: -radius / 2 },
      ArrowDown: { x: 0, y: radius / 2 },
    };
    const middle = { x: size.width / size.scale / 2, y: size.height / size.scale / 2 };
    const at = brush ?? middle;
    const move = moves[event.key];
    if (move) extend({ x: at.x + move.x, y: at.y + move.y });
    else if (event.key === ' ') {
      if (held) finish();
      else open.current = { points: [at] };
      setHeld(!held);
      setBrush(at);
    } else if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)) {
      setMask(event.shiftKey ? redone : undone);
    } else return;
    event.preventDefault();
  }

  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <div className="flex flex-wrap items-end gap-4">
        <Segmented
          hideLabel
          label="Brush"
          value={kind}
          options={[
            { value: 'paint', label: <Tool icon={<Brush size={15} />} name="Paint" /> },
            { value: 'erase', label: <Tool icon={<Eraser size={15} />} name="Erase" /> },
          ]}
          onChange={setKind}
        />
        <SliderField
          label="Brush size"
          className="w-44"
          {...{ value: radius, onChange: setRadius, min: 0.005, max: 0.2, step: 0.005 }}
          format={(value) => `${(value * 200).toFixed(0)} %`}
        />
        <div className="flex gap-1">
          <IconButton
            {...{ label: 'Undo', icon: <Undo2 size={17} />, disabled: mask.done.length === 0 }}
            onClick={() => setMask(undone)}
          />
          <IconButton
            {...{ label: 'Redo', icon: <Redo2 size={17} />, disabled: mask.undone.length === 0 }}
            onClick={() => setMask(redone)}
          />
          <Button look="quiet" icon={<Trash2 size={16} />} onClick={() => setMask(cleared)}>
            Clear
          </Button>
        </div>
        {failure !== undefined && mask.keepsFormer && (
          <p role="alert" className="grow self-center text-sm text-danger">
            {causeText(failure)}
          </p>
        )}
      </div>
      <div
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys
        tabIndex={0}
        aria-label={`Mask of ${photo.name}. Arrow keys move the brush, the space bar puts it down and lifts it.`}
        onKeyDown={handleKey}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          open.current = { points: [canvasPoint(event, size)] };
          setBrush(canvasPoint(event, size));
        }}
        onPointerMove={(event) => extend(canvasPoint(event, size))}
        onPointerUp={finish}
        onPointerCancel={finish}
        onPointerLeave={() => !open.current && setBrush(undefined)}
        className="relative min-h-0 grow cursor-crosshair touch-none"
      >
        <svg
          viewBox={`0 0 ${photo.width} ${photo.height}`}
          className="absolute inset-0 size-full"
          aria-hidden="true"
        >
          <image href={blobUrl(photo.blob)} width={photo.width} height={photo.height} />
        </svg>
        <canvas
          ref={canvas}
          width={size.width}
          height={size.height}
          className="pointer-events-none absolute inset-0 size-full object-contain opacity-55"
        />
        <BrushCircle {...{ brush, radius, photo, held }} />
      </div>
    </div>
  );
});

function Tool({ icon, name }: { icon: React.ReactNode; name: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      {icon}
      {name}
    </span>
  );
}

interface BrushCircleProps {
  brush: Point | undefined;
  radius: number;
  photo: TrainingPhoto;
  held: boolean;
}

function BrushCircle({ brush, radius, photo: { width, height }, held }: BrushCircleProps) {
  const longer = Math.max(width, height);
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className="pointer-events-none absolute inset-0 size-full"
      aria-hidden="true"
    >
      {brush && (
        <circle
          cx={brush.x * longer}
          cy={brush.y * longer}
          r={radius * longer}
          fill={held ? '#ffffff' : 'none'}
          fillOpacity="0.3"
          stroke="#ffffff"
          strokeWidth={longer / 250}
          style={{ filter: 'drop-shadow(0 0 1px #000)' }}
        />
      )}
    </svg>
  );
}

/** The mask that the photo had before; undefined as long as it has not been read. */
function useFormerMask(
  { mask }: TrainingPhoto,
  { width, height }: PhotoSize,
): { former: OffscreenCanvas | undefined; failure: unknown } {
  const [former, setFormer] = useState<OffscreenCanvas>();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    let wanted = true;
    if (mask) {
      readMask(mask, { width, height }, maskColor).then(
        (canvas) => wanted && setFormer(canvas),
        (error: unknown) => wanted && setFailure(error),
      );
    }
    return () => {
      wanted = false;
    };
  }, [mask, width, height]);
  return { former, failure };
}

function redraw(
  canvas: HTMLCanvasElement | null,
  former: OffscreenCanvas | undefined,
  strokes: readonly Stroke[],
  scale: number,
): void {
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return;
  context.globalCompositeOperation = 'source-over';
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (former) context.drawImage(former, 0, 0);
  context.strokeStyle = maskColor;
  for (const stroke of strokes) drawStroke(context, stroke, scale);
}

/** Where the pointer is, in shares of the longer side; the canvas is fitted into its element. */
function canvasPoint(
  event: PointerEvent<HTMLElement>,
  { width, height, scale }: { width: number; height: number; scale: number },
): Point {
  const frame = event.currentTarget.getBoundingClientRect();
  const shown = Math.min(frame.width / width, frame.height / height);
  const left = frame.left + (frame.width - width * shown) / 2;
  const top = frame.top + (frame.height - height * shown) / 2;
  return {
    x: (event.clientX - left) / shown / scale,
    y: (event.clientY - top) / shown / scale,
  };
}
