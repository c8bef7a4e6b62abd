import type { ReactNode } from 'react';
import type { ComposedPicture } from '../../src-shared/composition.ts';
import { classes } from './classes.ts';
import { figuresOf } from './pictureFigureList.ts';
import { Tooltip } from './Tooltip.tsx';

interface PictureFiguresProps {
  picture: Pick<ComposedPicture, 'attention' | 'drifts' | 'evaluation'> | undefined;
  className?: string;
}

/** What was measured on a picture, each figure with what it means. */
export function PictureFigures({ picture, className }: PictureFiguresProps) {
  return (
    <dl className={classes('m-0 flex flex-col gap-1.5 text-sm', className)}>
      {figuresOf(picture).map(({ label, meaning, value }) => (
        <Figure key={label} label={label} meaning={meaning}>
          {value}
        </Figure>
      ))}
    </dl>
  );
}

interface FigureProps {
  label: string;
  meaning: string;
  children: ReactNode;
}

function Figure({ label, meaning, children }: FigureProps) {
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
      <dd className="m-0 wrap-anywhere tabular-nums">{children}</dd>
    </div>
  );
}
