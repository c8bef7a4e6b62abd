import type { ConceptDrift } from '../../src-shared/concept.ts';
import { classes } from './classes.ts';
import { driftMarks, driftSummary, readDrift } from './driftWords.ts';

const colours = { accent: 'text-accent', warn: 'text-warn', danger: 'text-danger' } as const;
const arc = 'M 8 44 A 36 36 0 0 1 80 44';

/** How far a concept drifted: a half circle that fills the farther it lies out, with its length inside. */
export function Gauge({ drift }: { drift: ConceptDrift }) {
  const { share, length, tone, verdict } = readDrift(drift);
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
        {driftMarks.map((mark) => (
          <path
            key={mark}
            d="M 3 44 h 10"
            stroke="var(--color-surface)"
            strokeWidth="2"
            transform={`rotate(${mark * 180} 44 44)`}
          />
        ))}
        <text
          x="44"
          y="43"
          textAnchor="middle"
          className="fill-ink text-[20px] font-semibold tabular-nums"
        >
          {length}
        </text>
      </svg>
      <span className={classes('text-sm font-medium', colours[tone])}>{verdict}</span>
    </div>
  );
}

/** The same as a short bar, for cards and tables. */
export function DriftBar({ drift }: { drift: ConceptDrift }) {
  const { share, tone, verdict } = readDrift(drift);
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
      Drift: {verdict}
    </span>
  );
}
