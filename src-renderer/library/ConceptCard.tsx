// biome-ignore-all lint/a11y/useSemanticElements: rows of a table cannot stand at positions of their own
// biome-ignore-all lint/a11y/useFocusableInteractive: the links of the cards take the focus
import { CircleAlert, Heart, ImageOff, Sparkles } from 'lucide-react';
import { memo } from 'react';
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
import { appearing, SelectBox, type TileSelection } from '../ui/SelectBox.tsx';
import type { TilePlace } from '../ui/TileGrid.tsx';

/** Pixels under the cover, at the usual size of text. */
export const captionHeight = 92;

interface ConceptCardProps extends TilePlace, TileSelection {
  concept: ConceptSummary | undefined;
  job: JobStatus | undefined;
  inTrash: boolean;
  /** The same object at every drawing. */
  actions: CardActions;
}

export interface CardActions {
  /** It is left to the link that leads there. */
  open(concept: ConceptSummary, index: number): void;
  select(concept: ConceptSummary, index: number, reach: boolean): void;
  favour(concept: ConceptSummary, favourite: boolean): void;
}

/**
 * A concept in the grid: its cover and what is worth knowing at a glance. One that is still on its way has its link
 * already, so that the focus can wait on it.
 */
export const ConceptCard = memo(function ConceptCard(props: ConceptCardProps) {
  const { concept, index, active, selected, top, left, width, height, actions } = props;
  return (
    <div
      role="gridcell"
      aria-selected={selected}
      style={{ position: 'absolute', top, left, width, height }}
      className={classes(
        'group overflow-hidden rounded-lg border transition-shadow hover:shadow-raised',
        concept ? 'bg-surface' : 'bg-sunken',
        selected ? 'border-accent ring-2 ring-accent' : 'border-line',
      )}
    >
      <Link
        href={concept ? linkTo.concept(concept.id) : routes.library}
        onClick={(event) => {
          if (concept) actions.open(concept, index);
          else event.preventDefault();
        }}
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
});

function nameOf(concept: ConceptSummary | undefined, index: number): string {
  return concept ? `${concept.name}, ${concept.classWord}` : `Concept ${index + 1}, on its way`;
}

type Known = ConceptCardProps & { concept: ConceptSummary };

function Cover({ concept: { cover, method }, job }: Pick<Known, 'concept' | 'job'>) {
  const Icon = job && job.state !== 'failed' ? Sparkles : ImageOff;
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
  const { name, token, classWord } = concept;
  return (
    <div className="flex flex-col gap-0.5 p-3" style={{ height: `${captionHeight / 16}rem` }}>
      <span dir="auto" className="truncate text-left font-medium">
        {name}
      </span>
      <span className="truncate text-xs text-muted">
        <bdi className="font-mono">{token}</bdi> <bdi>{classWord}</bdi>
      </span>
      <span className="mt-auto flex h-5 items-center">
        <Standing {...{ concept, job }} />
      </span>
    </div>
  );
}

/** What is most worth knowing of it now. */
function Standing({ concept: { problem, drift, versions }, job }: Pick<Known, 'concept' | 'job'>) {
  if (job) return <TrainingLine job={job} />;
  if (problem !== undefined) {
    return <span className="text-xs text-danger">Cannot be used: rename it</span>;
  }
  if (versions === 0) return <span className="text-xs text-muted">Not trained yet</span>;
  if (drift) return <DriftBar drift={drift} />;
  return <span className="text-xs text-muted">Drift not measured</span>;
}

function TrainingLine({ job }: { job: JobStatus }) {
  if (job.state === 'failed') {
    return (
      <span className="flex items-center gap-1.5 text-xs text-danger">
        <CircleAlert size={14} className="shrink-0" aria-hidden="true" />
        Training failed
      </span>
    );
  }
  return (
    <span className="flex w-full flex-col gap-1">
      <span className="truncate text-xs text-accent first-letter:uppercase">
        {shortJobLine(job)}
      </span>
      <JobProgress compact job={job} />
    </span>
  );
}

function CardControls(props: Known) {
  const { concept, index, active, inTrash, actions } = props;
  const { name, favourite } = concept;
  return (
    <>
      <SelectBox
        {...props}
        name={name}
        onSelect={(reach) => actions.select(concept, index, reach)}
      />
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
          onClick={() => actions.favour(concept, !favourite)}
          className={classes('absolute top-2 right-2 bg-raised/90', !favourite && appearing)}
        />
      )}
    </>
  );
}
