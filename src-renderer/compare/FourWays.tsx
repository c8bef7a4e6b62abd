import { Columns2 } from 'lucide-react';
import {
  type ComparisonWay,
  type ComposedPicture,
  comparisonWays,
} from '../../src-shared/composition.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Notes } from '../ui/Notes.tsx';
import { Picture } from '../ui/Picture.tsx';
import { PictureFigures } from '../ui/PictureFigures.tsx';
import type { CompareTask, Pictures } from './compareStore.ts';
import { wayMeanings, wayNames } from './ways.ts';

interface FourWaysProps {
  pictures: Pictures;
  task: CompareTask | undefined;
}

/** The four pictures as a square: anchors from left to right, a layout from top to bottom. */
export function FourWays({ pictures, task }: FourWaysProps) {
  if (!task && Object.keys(pictures).length === 0) return <NothingYet />;
  const shape = Object.values(pictures)[0];
  const aspect = shape ? shape.width / shape.height : 1;
  // one prompt and one layout: what is said of one picture is mostly said of all
  const notes = new Set(Object.values(pictures).flatMap(({ notes = [] }) => notes));
  return (
    <div className="flex flex-col gap-4">
      <Notes notes={[...notes]} />
      <div className="grid grid-cols-2 gap-5 max-sm:grid-cols-1">
        {comparisonWays.map((way) => (
          <WayCell
            key={way}
            {...{ way, aspect }}
            picture={pictures[way]}
            among={Object.values(pictures)}
            busy={task !== undefined}
          />
        ))}
      </div>
    </div>
  );
}

interface WayCellProps {
  way: ComparisonWay;
  picture: ComposedPicture | undefined;
  /** All that there are. */
  among: readonly ComposedPicture[];
  aspect: number;
  busy: boolean;
}

function WayCell({ way, picture, among, aspect, busy }: WayCellProps) {
  return (
    <figure className="m-0 flex min-w-0 flex-col gap-2">
      <figcaption className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-semibold">{wayNames[way]}</span>
        <span className="text-sm text-muted">{wayMeanings[way]}</span>
      </figcaption>
      <div className="grid grid-cols-[minmax(0,3fr)_minmax(0,2fr)] gap-3">
        <Picture
          blob={picture?.picture}
          alt={picture ? `${wayNames[way]}: ${picture.settings.prompt}` : ''}
          aspect={aspect}
          className="self-start rounded-md border border-line"
          style={{ maxHeight: 'max(14rem, (100vh - 16rem) / 2)' }}
        >
          {!picture && (
            <p className="absolute inset-0 flex items-center justify-center text-sm text-muted">
              {busy ? 'To come' : 'Not composed'}
            </p>
          )}
        </Picture>
        {/* keeps the place of the usual figures while they are awaited */}
        <PictureFigures {...{ picture, among }} className="min-h-70" />
      </div>
    </figure>
  );
}

export function NothingYet() {
  return (
    <EmptyState icon={<Columns2 size={26} aria-hidden="true" />} title="Nothing is compared yet">
      Write a prompt with a concept and press "Compare four ways": the same seed, trained with and
      without anchors, composed with and without a layout.
    </EmptyState>
  );
}
