import { MoveHorizontal } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import type { ComposedPicture } from '../../src-shared/composition.ts';
import { useStore } from '../compose/createStore.ts';
import { Picture } from '../ui/Picture.tsx';
import { compareStore } from './compareStore.ts';
import { NothingYet } from './FourWays.tsx';
import { clipOf, middleShare, shareAfterKey, shareAt } from './sliderGeometry.ts';
import { WayPair } from './WayPair.tsx';
import { wayNames } from './ways.ts';

/** Two of the ways on each other, with a line between them that is moved. */
export function BeforeAfter() {
  const { pictures, first, second } = useStore(compareStore);
  const [before, after] = [pictures[first], pictures[second]];
  if (Object.keys(pictures).length === 0) return <NothingYet />;
  return (
    <div className="flex flex-col gap-4">
      <WayPair {...{ first, second }} labels={['Left', 'Right']} />
      {before && after ? (
        <Slider {...{ before, after }} names={[wayNames[first], wayNames[second]]} />
      ) : (
        <p className="text-sm text-muted">One of the two has not been composed.</p>
      )}
    </div>
  );
}

interface SliderProps {
  before: ComposedPicture;
  after: ComposedPicture;
  names: readonly [string, string];
}

function Slider({ before, after, names }: SliderProps) {
  const [share, setShare] = useState(middleShare);
  const frame = useRef<HTMLDivElement>(null);
  const follow = ({ clientX, buttons }: PointerEvent) => {
    const edges = frame.current?.getBoundingClientRect();
    if (edges && buttons !== 0) setShare(shareAt(clientX, edges));
  };
  const handleKey = (event: KeyboardEvent) => {
    const next = shareAfterKey(share, event.key, event.shiftKey);
    if (next === undefined) return;
    event.preventDefault();
    setShare(next);
  };
  const aspect = before.width / before.height;
  const percent = Math.round(share * 100);
  return (
    <div
      ref={frame}
      className="relative cursor-ew-resize touch-none overflow-hidden rounded-md border border-line select-none"
      style={{ width: `min(100%, calc((100vh - 18rem) * ${aspect}))` }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        follow(event);
      }}
      onPointerMove={follow}
    >
      <Picture blob={before.picture} alt={`Left: ${names[0]}`} aspect={aspect} />
      <div className="absolute inset-0" style={{ clipPath: clipOf(share) }}>
        <Picture blob={after.picture} alt={`Right: ${names[1]}`} aspect={aspect} />
      </div>
      <Caption side="left">{names[0]}</Caption>
      <Caption side="right">{names[1]}</Caption>
      <div
        role="slider"
        tabIndex={0}
        aria-label={`Line between ${names[0]} and ${names[1]}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={`${percent} % ${names[0]}`}
        onKeyDown={handleKey}
        className="group absolute inset-y-0 flex w-8 -translate-x-1/2 items-center justify-center outline-none"
        style={{ left: `${share * 100}%` }}
      >
        <span className="absolute inset-y-0 w-0.5 bg-white shadow-[0_0_3px_#000]" />
        <span className="relative flex size-8 items-center justify-center rounded-full bg-raised text-ink shadow-floating outline-accent group-focus-visible:outline-3">
          <MoveHorizontal size={16} aria-hidden="true" />
        </span>
      </div>
    </div>
  );
}

function Caption({ side, children }: { side: 'left' | 'right'; children: string }) {
  return (
    <span
      className={`pointer-events-none absolute top-2 rounded-sm bg-surface/90 px-2 py-0.5 text-sm font-medium ${side === 'left' ? 'left-2' : 'right-2'}`}
    >
      {children}
    </span>
  );
}
