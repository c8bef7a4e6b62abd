import { ListTodo, Pause, Play, X } from 'lucide-react';
import { Link } from 'wouter';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { useStudioMutation, useStudioQuery } from '../studioQueries.ts';
import { IconButton } from './Button.tsx';
import { formatRounded } from './format.ts';
import { JobProgress } from './JobProgress.tsx';
import { jobProgress } from './jobProgress.ts';
import { jobLine, nextJob, shortJobLine } from './jobWords.ts';
import { Popover } from './Popover.tsx';
import { linkTo } from './routes.ts';

/** What the queue is doing, at the foot of the navigation. It keeps its height, so that nothing moves. */
export function JobTray() {
  const { data } = useStudioQuery('listJobs', {});
  const jobs = data?.jobs ?? [];
  const current = nextJob(jobs);
  return (
    <section aria-label="Jobs" className="h-24 border-t border-line px-3 py-3">
      {current ? (
        <Popover
          label="Jobs"
          side="right"
          align="end"
          className="w-88"
          trigger={
            <button
              type="button"
              className="block w-full rounded-md p-2 text-left transition-colors hover:bg-sunken"
            >
              <TrayLines job={current} others={jobs.length - 1} />
            </button>
          }
        >
          <JobList jobs={jobs} />
        </Popover>
      ) : (
        <p className="flex items-center gap-2 p-2 text-sm text-muted">
          <ListTodo size={16} aria-hidden="true" />
          No jobs running
        </p>
      )}
    </section>
  );
}

function TrayLines({ job, others }: { job: JobStatus; others: number }) {
  const { timeLeft } = jobProgress(job);
  return (
    <>
      <span className="flex items-baseline justify-between gap-2 text-sm">
        <span className="truncate font-medium">{job.title}</span>
        {others > 0 && <span className="shrink-0 text-xs text-muted">+{others}</span>}
      </span>
      <span className="mt-0.5 mb-1.5 flex justify-between gap-2 text-xs text-muted">
        <span className="truncate first-letter:uppercase">{shortJobLine(job)}</span>
        {job.state === 'running' && timeLeft !== undefined && (
          <span className="shrink-0">{formatRounded(timeLeft)}</span>
        )}
      </span>
      <JobProgress compact job={job} />
    </>
  );
}

function JobList({ jobs }: { jobs: readonly JobStatus[] }) {
  return (
    <ul className="flex max-h-96 flex-col gap-4 overflow-y-auto">
      {jobs.map((job) => (
        <li key={job.id}>
          <div className="flex items-center gap-1">
            <div className="min-w-0 grow">
              <JobTitle job={job} />
              <p className="truncate text-xs text-muted first-letter:uppercase">{jobLine(job)}</p>
            </div>
            <JobButtons job={job} />
          </div>
          <JobProgress compact className="mt-1.5" job={job} />
        </li>
      ))}
    </ul>
  );
}

function JobTitle({ job }: { job: JobStatus }) {
  if (job.kind !== 'train') return <p className="truncate font-medium">{job.title}</p>;
  return (
    <Link
      href={linkTo.training(job.id)}
      className="block truncate font-medium hover:text-accent hover:underline"
    >
      {job.title}
    </Link>
  );
}

/** Pause or resume, and cancel. */
export function JobButtons({ job: { id, state } }: { job: JobStatus }) {
  const pause = useStudioMutation('pauseJob');
  const resume = useStudioMutation('resumeJob');
  const cancel = useStudioMutation('cancelJob');
  const resting = state === 'paused' || state === 'interrupted';
  return (
    <>
      {resting ? (
        <IconButton
          {...{ label: 'Resume', size: 'small', icon: <Play size={16} /> }}
          busy={resume.isPending}
          onClick={() => resume.mutate({ id })}
        />
      ) : (
        <IconButton
          {...{ label: 'Pause', size: 'small', icon: <Pause size={16} /> }}
          busy={pause.isPending}
          onClick={() => pause.mutate({ id })}
        />
      )}
      <IconButton
        {...{ label: 'Cancel', size: 'small', icon: <X size={16} /> }}
        busy={cancel.isPending}
        onClick={() => cancel.mutate({ id })}
      />
    </>
  );
}
