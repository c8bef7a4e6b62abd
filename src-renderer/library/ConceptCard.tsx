// biome-ignore-all lint/a11y/useSemanticElements: rows of a table cannot stand at positions of their own
// biome-ignore-all lint/a11y/useFocusableInteractive: the links of the cards take the focus
import { Check, Heart, ImageOff, Sparkles } from 'lucide-react';
import type { CSSProperties } from 'react';
import { Link } from 'wouter';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { methodWords } from '../concept/methodWords.ts';
import { IconButton } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { DriftBar } from '../ui/Gauge.tsx';
import { JobProgress } from '../ui/JobProgress.tsx';
import { shortJobLine } from '../ui/jobWords.ts';
import { Picture } from '../ui/Picture.tsx';
import { linkTo, routes } from '../ui/routes.ts';

/** Pixels under the cover. */
export const captionHeight = 92;

interface ConceptCardProps {
  concept: ConceptSummary | undefined;
  job: JobStatus | undefined;
  index: number;
  /** Whether the grid's keyboard focus is here. */
  active: boolean;
  selected: boolean;
  /** Whether any card is selected: then all show their boxes. */
  selecting: boolean;
  inTrash: boolean;
  onSelect: (reach: boolean) => void;
  onFavourite: (favourite: boolean) => void;
  style: CSSProperties;
}

/**
 * A concept in the grid: its cover and what is worth knowing at a glance. One that is still on its way has its link
 * already, so that the focus can wait on it.
 */
export function ConceptCard(props: ConceptCardProps) {
  const { concept, index, active, selected, style } = props;
  return (
    <div
      role="gridcell"
      aria-selected={selected}
      style={style}
      className={classes(
        'group relative overflow-hidden rounded-lg border transition-shadow hover:shadow-raised',
        concept ? 'bg-surface' : 'bg-sunken',
        selected ? 'border-accent ring-2 ring-accent' : 'border-line',
      )}
    >
      <Link
        href={concept ? linkTo.concept(concept.id) : routes.library}
        onClick={(event) => !concept && event.preventDefault()}
        data-index={index}
        tabIndex={active ? 0 : -1}
        aria-label={nameOf(concept, index)}
        className="block size-full rounded-lg focus-visible:-outline-offset-2"
      >
        {concept && <Cover concept={concept} job={props.job} />}
        {concept && <Caption {...props} concept={concept} />}
      </Link>
      {concept && <CardControls {...props} concept={concept} />}
    </div>
  );
}

function nameOf(concept: ConceptSummary | undefined, index: number): string {
  return concept ? `${concept.name}, ${concept.classWord}` : `Concept ${index + 1}, on its way`;
}

type Known = ConceptCardProps & { concept: ConceptSummary };

function Cover({ concept: { cover, method }, job }: Pick<Known, 'concept' | 'job'>) {
  const Icon = job ? Sparkles : ImageOff;
  return (
    <Picture blob={cover} alt="" className="w-full">
      {!cover && (
        <Icon
          size={28}
          strokeWidth={1.5}
          aria-hidden="true"
          className="absolute inset-0 m-auto text-muted"
        />
      )}
      {method && (
        <span className="absolute right-2 bottom-2 rounded-full bg-raised/90 px-2 py-0.5 text-xs font-medium">
          {methodWords[method].short}
        </span>
      )}
    </Picture>
  );
}

function Caption({ concept, job }: Known) {
  const { name, token, classWord, drift, versions } = concept;
  return (
    <div className="flex flex-col gap-0.5 p-3" style={{ height: captionHeight }}>
      <span className="truncate font-medium">{name}</span>
      <span className="truncate text-xs text-muted">
        <span className="font-mono">{token}</span> {classWord}
      </span>
      <span className="mt-auto flex h-5 items-center">
        {job ? <TrainingLine job={job} /> : drift && <DriftBar drift={drift} />}
        {!job && versions === 0 && <span className="text-xs text-muted">Not trained yet</span>}
      </span>
    </div>
  );
}

function TrainingLine({ job }: { job: JobStatus }) {
  return (
    <span className="flex w-full flex-col gap-1">
      <span className="truncate text-xs text-accent first-letter:uppercase">
        {shortJobLine(job)}
      </span>
      <JobProgress compact job={job} />
    </span>
  );
}

const appearing =
  'opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100';

function CardControls({ concept, active, selected, selecting, inTrash, ...on }: Known) {
  const { name, favourite } = concept;
  return (
    <>
      <button
        type="button"
        aria-label={`Select ${name}`}
        aria-pressed={selected}
        tabIndex={active ? 0 : -1}
        onClick={(event) => on.onSelect(event.shiftKey)}
        className={classes(
          'absolute top-2 left-2 flex size-7 items-center justify-center rounded-sm bg-raised/90',
          !selected && !selecting && appearing,
        )}
      >
        <span
          className={classes(
            'flex size-4.5 items-center justify-center rounded-sm border',
            selected ? 'border-accent bg-accent text-on-accent' : 'border-edge bg-surface',
          )}
        >
          {selected && <Check size={14} strokeWidth={3} aria-hidden="true" />}
        </span>
      </button>
      {!inTrash && (
        <IconButton
          label={favourite ? 'Take out of the favourites' : 'Add to the favourites'}
          size="small"
          tabIndex={active ? 0 : -1}
          icon={
            <Heart
              size={16}
              aria-hidden="true"
              className={favourite ? 'fill-danger text-danger' : undefined}
            />
          }
          onClick={() => on.onFavourite(!favourite)}
          className={classes('absolute top-2 right-2 bg-raised/90', !favourite && appearing)}
        />
      )}
    </>
  );
}
