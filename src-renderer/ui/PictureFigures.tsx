import type { ComposedPicture } from '../../src-shared/composition.ts';
import { classes } from './classes.ts';
import {
  type FigureBar,
  figuresOf,
  isLongest,
  type Measured,
  type PictureFigure,
} from './pictureFigureList.ts';
import { Tooltip } from './Tooltip.tsx';

interface PictureFiguresProps {
  picture: Pick<ComposedPicture, 'attention' | 'drifts' | 'evaluation'> | undefined;
  /** Pictures that it is compared with, itself included: the longest bar of each figure stands out. */
  among?: readonly Measured[];
  className?: string;
}

/** What was measured on a picture, each figure with what it means, as bars where they can be looked at. */
export function PictureFigures({ picture, among = [], className }: PictureFiguresProps) {
  return (
    <dl className={classes('m-0 flex flex-col gap-1.5 text-sm', className)}>
      {figuresOf(picture).map((figure) => (
        <Figure key={figure.label} {...{ figure, among }} />
      ))}
    </dl>
  );
}

interface FigureProps {
  figure: PictureFigure;
  among: readonly Measured[];
}

function Figure({ figure: { label, meaning, value, bars }, among }: FigureProps) {
  return (
    <div>
      <dt className="text-xs">
        <Tooltip text={meaning}>
          <button
            type="button"
            aria-description={meaning}
            className="cursor-help! text-left text-muted underline decoration-dotted underline-offset-3"
          >
            {label}
          </button>
        </Tooltip>
      </dt>
      <dd className="m-0 flex flex-col gap-0.5 tabular-nums">
        {bars.length === 0 ? <span className="wrap-anywhere">{value}</span> : null}
        {bars.map((bar) => (
          <Bar key={bar.name ?? ''} bar={bar} stands={isLongest(label, bar, among)} />
        ))}
      </dd>
    </div>
  );
}

function Bar({ bar: { name, share, text }, stands }: { bar: FigureBar; stands: boolean }) {
  return (
    <div>
      <div className="flex items-baseline justify-between gap-2">
        {name !== undefined && <span className="min-w-0 wrap-anywhere">{name}</span>}
        <span className={classes('shrink-0', stands && 'font-semibold')}>{text}</span>
      </div>
      <div aria-hidden="true" className="mb-0.5 h-1 overflow-hidden rounded-full bg-line">
        <div
          className={classes('h-full rounded-full', stands ? 'bg-accent' : 'bg-edge')}
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}
