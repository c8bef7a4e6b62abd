import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import type { SquareCrop, TrainingPhoto } from '../../src-shared/photo.ts';
import { blobUrl } from '../studioApi.ts';
import {
  type Corner,
  cornerPoint,
  corners,
  cropAfterKey,
  movedCrop,
  type Point,
  resizedCrop,
} from './cropGeometry.ts';

interface CropEditorProps {
  photo: TrainingPhoto;
  onChange: (crop: SquareCrop) => void;
}

/** What the pointer holds. */
type Grip = { kind: 'move'; from: Point; crop: SquareCrop } | { kind: 'resize'; corner: Corner };

const cursors: Readonly<Record<Corner, string>> = {
  'top-left': 'nwse-resize',
  'bottom-right': 'nwse-resize',
  'top-right': 'nesw-resize',
  'bottom-left': 'nesw-resize',
};

/** The square that is trained on: dragged, pulled at its corners, or moved with the keys. */
export function CropEditor({ photo, onChange }: CropEditorProps) {
  const { width, height, crop } = photo;
  const drawing = useRef<SVGSVGElement>(null);
  const [grip, setGrip] = useState<Grip>();
  // a hundredth of the drawing, so that corners look alike on photos of any size
  const unit = Math.max(width, height) / 100;

  function take(event: PointerEvent, next: Grip): void {
    event.preventDefault();
    event.stopPropagation();
    drawing.current?.setPointerCapture(event.pointerId);
    drawing.current?.focus();
    setGrip(next);
  }

  function drag(event: PointerEvent): void {
    const at = photoPoint(drawing.current, event);
    if (!grip || !at) return;
    if (grip.kind === 'resize') onChange(resizedCrop(crop, grip.corner, at, photo));
    else onChange(movedCrop(grip.crop, { x: at.x - grip.from.x, y: at.y - grip.from.y }, photo));
  }

  function handleKey(event: KeyboardEvent): void {
    const next = cropAfterKey(crop, event.key, event.shiftKey, photo);
    if (!next) return;
    event.preventDefault();
    onChange(next);
  }

  return (
    <svg
      ref={drawing}
      viewBox={`0 0 ${width} ${height}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys
      tabIndex={0}
      role="application"
      aria-label={`Crop of ${photo.name}: ${crop.side} pixels wide, ${crop.left} from the left, ${crop.top} from the top. Arrow keys move it, plus and minus resize it.`}
      onKeyDown={handleKey}
      onPointerMove={drag}
      onPointerUp={() => setGrip(undefined)}
      onPointerCancel={() => setGrip(undefined)}
      className="size-full touch-none overflow-visible select-none"
    >
      <image href={blobUrl(photo.blob)} {...{ width, height }} />
      <path d={outside(photo)} fillRule="evenodd" fill="#000000" fillOpacity="0.55" />
      <rect
        {...{ x: crop.left, y: crop.top, width: crop.side, height: crop.side }}
        fill="transparent"
        stroke="#ffffff"
        strokeWidth={unit * 0.4}
        style={{ cursor: 'move' }}
        onPointerDown={(event) => {
          const from = photoPoint(drawing.current, event);
          if (from) take(event, { kind: 'move', from, crop });
        }}
      />
      <Thirds crop={crop} width={unit * 0.12} />
      {corners.map((corner) => {
        const { x, y } = cornerPoint(crop, corner);
        return (
          <circle
            key={corner}
            cx={x}
            cy={y}
            r={unit * 1.8}
            fill="#ffffff"
            stroke="#0f6b5f"
            strokeWidth={unit * 0.5}
            style={{ cursor: cursors[corner] }}
            onPointerDown={(event) => take(event, { kind: 'resize', corner })}
          />
        );
      })}
    </svg>
  );
}

function outside({ width, height, crop: { left, top, side } }: TrainingPhoto): string {
  return `M0 0H${width}V${height}H0ZM${left} ${top}h${side}v${side}h${-side}Z`;
}

function Thirds({ crop: { left, top, side }, width }: { crop: SquareCrop; width: number }) {
  const third = side / 3;
  const lines = [1, 2].map(
    (at) => `M${left + at * third} ${top}v${side}M${left} ${top + at * third}h${side}`,
  );
  return (
    <path
      d={lines.join('')}
      stroke="#ffffff"
      strokeOpacity="0.6"
      strokeWidth={width}
      pointerEvents="none"
    />
  );
}

/** Where the pointer is in the photo, in its pixels. */
function photoPoint(drawing: SVGSVGElement | null, event: PointerEvent): Point | undefined {
  const matrix = drawing?.getScreenCTM();
  if (!matrix) return undefined;
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
  return { x, y };
}
