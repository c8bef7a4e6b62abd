import type { ConceptDrift } from '../../src-shared/concept.ts';
import { classes } from './classes.ts';
import { driftSummary, readDrift } from './driftWords.ts';

const colours = { accent: 'text-accent', warn: 'text-warn', danger: 'text-danger' } as const;
const arc = 'M 8 44 A 36 36 0 0 1 80 44';

/** How much is left of a concept's class word: a half circle with the cosine inside, full for the class word itself. */
export function Gauge({ drift }: { drift: ConceptDrift }) {
  const { share, cosine, tone, short } = readDrift(drift);
  return (
    <div
      role="img"
      aria-label={driftSummary(drift)}
      className="inline-flex flex-col items-center text-center"
    >
      <svg className="w-22" viewBox="0 0 88 52" fill="none" aria-hidden="true">
        <path d={arc} stroke="var(--color-line)" strokeWidth="7" strokeLinecap="round" />
        <path
          d={arc}
          pathLength="100"
          strokeDasharray={`${Math.max(0.1, share * 100)} 200`}
          stroke="currentColor"
          strokeWidth="7"
          strokeLinecap="round"
          className={colours[tone]}
        />
        <text
          x="44"
          y="43"
          textAnchor="middle"
          className="fill-ink text-[20px] font-semibold tabular-nums"
        >
          {cosine ?? '–'}
        </text>
      </svg>
      <span className={classes('text-xs font-medium', colours[tone])}>{short}</span>
    </div>
  );
}

/** The same as a short bar, for cards and tables. */
export function DriftBar({ drift }: { drift: ConceptDrift }) {
  const { share, tone, short } = readDrift(drift);
  const summary = driftSummary(drift);
  return (
    <span
      role="img"
      aria-label={summary}
      title={summary}
      className={classes(
        'inline-flex shrink-0 items-center gap-1.5 text-xs whitespace-nowrap',
        colours[tone],
      )}
    >
      <span className="h-1.5 w-10 overflow-hidden rounded-full bg-line">
        <span
          className="block h-full rounded-full bg-current"
          style={{ width: `${Math.max(4, share * 100)}%` }}
        />
      </span>
      {short}
    </span>
  );
}
