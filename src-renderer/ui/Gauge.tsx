import type { ConceptDrift } from '../../src-shared/concept.ts';
import { classes } from './classes.ts';
import { readDrift } from './driftWords.ts';

const strokes = { accent: 'text-accent', warn: 'text-warn', danger: 'text-danger' } as const;
const arc = 'M 8 44 A 36 36 0 0 1 80 44';

/** How far a concept drifted from the model's words: a half circle with the percentile inside. */
export function Gauge({ drift, size = 88 }: { drift: ConceptDrift; size?: number }) {
  const percentile = Math.round(drift.percentile);
  const { tone, short } = readDrift(drift.percentile);
  return (
    <div
      role="img"
      aria-label={`Drift ${percentile} of 100: ${short}`}
      className="inline-flex flex-col items-center"
    >
      <svg
        width={size}
        height={(size * 52) / 88}
        viewBox="0 0 88 52"
        fill="none"
        aria-hidden="true"
      >
        <path d={arc} stroke="var(--color-line)" strokeWidth="7" strokeLinecap="round" />
        <path
          d={arc}
          pathLength="100"
          strokeDasharray={`${Math.max(0.1, drift.percentile)} 200`}
          stroke="currentColor"
          strokeWidth="7"
          strokeLinecap="round"
          className={strokes[tone]}
        />
        <text
          x="44"
          y="43"
          textAnchor="middle"
          className="fill-ink text-[20px] font-semibold tabular-nums"
        >
          {percentile}
        </text>
      </svg>
      <span className={classes('text-xs font-medium', strokes[tone])}>{short}</span>
    </div>
  );
}

/** The same as a short bar, for cards and tables. */
export function DriftBar({ drift }: { drift: ConceptDrift }) {
  const percentile = Math.round(drift.percentile);
  const { tone, short } = readDrift(drift.percentile);
  return (
    <span
      role="img"
      aria-label={`Drift ${percentile} of 100: ${short}`}
      className={classes(
        'inline-flex shrink-0 items-center gap-1.5 text-xs whitespace-nowrap',
        strokes[tone],
      )}
    >
      <span className="h-1.5 w-10 overflow-hidden rounded-full bg-line">
        <span
          className="block h-full rounded-full bg-current"
          style={{ width: `${Math.max(4, drift.percentile)}%` }}
        />
      </span>
      {short}
    </span>
  );
}
