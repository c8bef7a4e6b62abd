import { Bell, Blocks, Columns2, SquareCheckBig } from 'lucide-react';
import { Link } from 'wouter';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { useNotices } from '../settings/useNotices.ts';
import { useStudioMutation, useStudioQuery } from '../studioQueries.ts';
import { Button, buttonClasses } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatBytes } from '../ui/format.ts';
import { JobActions } from '../ui/JobActions.tsx';
import { JobProgress } from '../ui/JobProgress.tsx';
import { hasEnded } from '../ui/jobWords.ts';
import { Panel, Screen } from '../ui/Panel.tsx';
import { linkTo } from '../ui/routes.ts';
import { Spinner } from '../ui/Spinner.tsx';
import { useToast } from '../ui/Toast.tsx';
import { AnchorBars } from './AnchorBars.tsx';
import { methodWords } from './methodWords.ts';
import { PreviewStrip } from './PreviewStrip.tsx';
import { previewPrompts } from './previewPrompts.ts';
import { TrainingCharts } from './TrainingCharts.tsx';
import { keptStepsOf, type TrainingRun } from './trainingRuns.ts';
import { useLiveTraining } from './useLiveTraining.ts';
import { canCompare } from './versionLineage.ts';

type Training = StudioOutput<'getTraining'>;

/** A training while it runs, and what has come of it. */
export function TrainingScreen({ jobId }: { jobId: string }) {
  const { training, runs, error } = useLiveTraining(jobId);
  if (error && !training) {
    return (
      <Screen title="Training">
        <ErrorNote title="This training could not be opened" cause={error} />
      </Screen>
    );
  }
  if (!training) {
    return (
      <Screen title="Training">
        <Spinner label="Opening the training" />
      </Screen>
    );
  }
  return <Shown {...{ training, runs }} />;
}

function Shown({ training, runs }: { training: Training; runs: TrainingRun[] }) {
  const { job, request } = training;
  const naming = useNaming(training);
  const { name, token, classWord } = naming;
  const ended = hasEnded(job);
  const prompts = previewPrompts(token, classWord, request.previewObject);
  const semantic = runs.findLast(({ anchors }) => anchors.length > 0);
  return (
    <Screen
      title={ended ? name || job.title : job.title}
      subtitle={
        <>
          {methodWords[request.settings.method].name}
          {name && ` of ${name}`}, {request.photos.length} photos
        </>
      }
      actions={<JobActions job={job} />}
    >
      <div className="flex flex-col gap-5">
        <Standing {...{ job, runs }} />
        <div className="grid grid-cols-[minmax(0,1fr)_19rem] items-start gap-5 max-lg:grid-cols-1">
          <Panel title="Previews">
            <PreviewStrip
              {...{ runs, prompts, following: !ended }}
              actions={(step) => <KeepStep {...{ job, runs, step }} />}
            />
          </Panel>
          <Panel title="Anchors">
            {semantic ? (
              <AnchorBars {...semantic} />
            ) : (
              <p className="text-sm text-muted">
                {request.settings.anchors?.kind === 'none'
                  ? 'No anchors: it is trained plainly.'
                  : 'They show as soon as the training with anchors is under way.'}
              </p>
            )}
          </Panel>
        </div>
        <Panel title="Progress of learning">
          <TrainingCharts curves={runs} />
        </Panel>
      </div>
    </Screen>
  );
}

/** The request of a new version names its concept by its id alone. */
function useNaming({ job, request: { concept } }: Training) {
  const id = 'id' in concept ? concept.id : undefined;
  const { data } = useStudioQuery(
    'getConcept',
    { id: id ?? job.id },
    { enabled: id !== undefined },
  );
  if ('id' in concept) return data ?? { name: '', token: '', classWord: '' };
  return concept;
}

function Standing({ job, runs }: { job: JobStatus; runs: readonly TrainingRun[] }) {
  const { state, progress, error, notes } = job;
  return (
    <>
      {state === 'done' && <Done job={job} />}
      {state === 'cancelled' && (
        <ErrorNote
          tone="warn"
          title="This training was cancelled"
          nextStep={runs.length > 0 ? 'What it showed until then stays below.' : undefined}
        />
      )}
      {error && (
        <ErrorNote title="The training stopped" cause={error.message} nextStep={error.advice} />
      )}
      {!hasEnded(job) && (
        <Panel>
          <div className="flex flex-wrap items-end gap-x-8 gap-y-3">
            <JobProgress className="grow basis-96" job={job} />
            <p className="w-28 text-sm">
              <span className="block text-xs text-muted">Memory</span>
              {progress ? formatBytes(progress.memory) : '-'}
            </p>
            <AskForNotices />
          </div>
        </Panel>
      )}
      {notes
        .filter(({ level }) => level === 'warning')
        .map(({ message }) => (
          <p key={message} className="text-sm text-warn">
            {message}
          </p>
        ))}
    </>
  );
}

/** As long as the browser has not been asked. */
function AskForNotices() {
  const { unasked, turn } = useNotices();
  if (!unasked) return null;
  return (
    <Button look="quiet" icon={<Bell size={16} aria-hidden="true" />} onClick={() => turn(true)}>
      Tell me when it ends
    </Button>
  );
}

function Done({ job: { id, conceptId } }: { job: JobStatus }) {
  const { data } = useStudioQuery(
    'getConcept',
    { id: conceptId ?? id },
    { enabled: conceptId !== undefined },
  );
  const comparable = data !== undefined && canCompare(data.versionList);
  return (
    <section
      aria-label="Done"
      className="flex flex-wrap items-center justify-between gap-4 rounded-lg bg-accent-soft px-5 py-4"
    >
      <p>
        <strong className="font-semibold">The concept is trained.</strong>
        {comparable && ' See what the anchors did to it.'}
      </p>
      {conceptId && data && (
        <div className="flex flex-wrap gap-2">
          {comparable && (
            <Link href={linkTo.compare([conceptId])} className={buttonClasses('primary')}>
              <Columns2 size={16} aria-hidden="true" />
              Compare plain and semantic
            </Link>
          )}
          <Link
            href={linkTo.compose([conceptId])}
            className={buttonClasses(comparable ? 'secondary' : 'primary')}
          >
            <Blocks size={16} aria-hidden="true" />
            Compose with it
          </Link>
          <Link href={linkTo.concept(conceptId)} className={buttonClasses()}>
            Open the concept
          </Link>
        </div>
      )}
    </section>
  );
}

interface KeepStepProps {
  job: JobStatus;
  runs: readonly TrainingRun[];
  step: number;
}

/** Ends the training early, with the concept of the step that looks best. */
function KeepStep({ job, runs, step }: KeepStepProps) {
  const keep = useStudioMutation('stopAndKeep');
  const toast = useToast();
  const possible = keptStepsOf(runs).includes(step);
  if (job.state === 'done' || job.state === 'cancelled') return null;
  return (
    <Button
      icon={<SquareCheckBig size={16} />}
      disabled={!possible}
      title={possible ? undefined : 'Nothing was kept of this step'}
      busy={keep.isPending}
      onClick={() =>
        keep.mutate(
          { id: job.id, step },
          {
            onSuccess: ({ number }) =>
              toast({ tone: 'good', title: `Step ${step} was kept as version ${number}` }),
            onError: ({ message }) =>
              toast({ tone: 'bad', title: 'The step was not kept', detail: message }),
          },
        )
      }
    >
      Stop here and keep step {step}
    </Button>
  );
}
