import type { ReactNode } from 'react';
import type { ComposedPicture } from '../../src-shared/composition.ts';
import { Tooltip } from '../ui/Tooltip.tsx';
import { figuresOf } from './pictureFigureList.ts';

/** What was measured on a picture, each figure with what it means. Keeps the place of the usual ones while they are awaited. */
export function PictureFigures({ picture }: { picture: ComposedPicture | undefined }) {
  const figures = figuresOf(picture);
  return (
    <dl className="flex min-h-62 flex-col gap-1.5 text-sm">
      {figures.map(({ label, meaning, value }) => (
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
