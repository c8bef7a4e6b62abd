import type { ReactNode } from 'react';
import type { ComposedPicture } from '../../src-shared/composition.ts';
import { Tooltip } from '../ui/Tooltip.tsx';
import { figuresOf } from './pictureFigureList.ts';

/** What was measured on a picture, each figure with what it means. Keeps its room while the picture is made. */
export function PictureFigures({ picture }: { picture: ComposedPicture | undefined }) {
  const figures = figuresOf(picture);
  return (
    <dl className="grid min-h-28 grid-cols-[auto_minmax(0,1fr)] content-start gap-x-4 gap-y-1 text-sm">
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
    <>
      <dt>
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
      <dd className="m-0 min-w-0 tabular-nums">{children}</dd>
    </>
  );
}
