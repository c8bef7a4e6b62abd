import { CircleAlert, ListTodo } from 'lucide-react';
import { Link } from 'wouter';
import { jobProgress } from '../../src-shared/jobProgress.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { formatRounded } from './format.ts';
import { JobActions } from './JobActions.tsx';
import { JobProgress } from './JobProgress.tsx';
import { JobRing } from './JobRing.tsx';
import { jobLine, nextJob, shortJobLine } from './jobWords.ts';
import { Popover } from './Popover.tsx';
import { linkTo } from './routes.ts';
import { useOpenJobs } from './useOpenJobs.ts';

/** What the queue is doing, at the foot of the navigation. It keeps its height, so that nothing moves. */
export function JobTray() {
  const jobs = useOpenJobs();
  const current = nextJob(jobs);
  return (
    <section
      aria-label="Jobs"
      className="h-24 shrink-0 border-t border-line px-3 py-3 max-xl:px-2 max-sm:flex max-sm:h-auto max-sm:items-center max-sm:border-t-0 max-sm:border-l max-sm:p-1"
    >
      {current ? (
        <Popover
          label="Jobs"
          side="right"
          align="end"
          className="w-88 max-w-[calc(100vw-2rem)]"
          trigger={
            <button
              type="button"
              className="block w-full rounded-md p-2 text-left transition-colors hover:bg-sunken max-xl:px-1"
            >
              <span className="max-xl:sr-only">
                <TrayLines job={current} others={jobs.filter((job) => job !== current)} />
              </span>
              <span aria-hidden="true" className="flex justify-center xl:hidden">
                <JobRing job={current} />
              </span>
            </button>
          }
        >
          <JobList jobs={jobs} />
        </Popover>
      ) : (
        <p
          title="No jobs running"
          className="flex items-center gap-2 p-2 text-sm text-muted max-xl:justify-center"
        >
          <ListTodo size={16} aria-hidden="true" />
          <span className="max-xl:sr-only">No jobs running</span>
        </p>
      )}
    </section>
  );
}

interface TrayLinesProps {
  job: JobStatus;
  /** Those that there is no room for. */
  others: readonly JobStatus[];
}

function TrayLines({ job, others }: TrayLinesProps) {
  const { timeLeft } = jobProgress(job);
  if (job.state === 'failed') return <FailedLines {...{ job, others }} />;
  return (
    <>
      <TrayTitle {...{ title: job.title, others }} />
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

function FailedLines({ job: { title }, others }: TrayLinesProps) {
  return (
    <>
      <TrayTitle {...{ title, others }} />
      <span className="mt-1 flex items-center gap-1.5 text-xs text-danger">
        <CircleAlert size={14} className="shrink-0" aria-hidden="true" />
        Failed. See why, or resume it.
      </span>
    </>
  );
}

function TrayTitle({ title, others }: { title: string } & Pick<TrayLinesProps, 'others'>) {
  const failed = others.filter(({ state }) => state === 'failed').length;
  return (
    <span className="flex items-baseline justify-between gap-2 text-sm">
      <span className="truncate font-medium">{title}</span>
      <span className="shrink-0 text-xs text-muted">
        {failed > 0 && <span className="text-danger">{failed} failed</span>}
        {failed < others.length && ` +${others.length - failed}`}
      </span>
    </span>
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
              {job.state === 'failed' ? (
                <p className="text-xs break-words text-danger first-letter:uppercase">
                  {job.error?.message ?? 'Failed'}
                </p>
              ) : (
                <p className="truncate text-xs text-muted first-letter:uppercase">{jobLine(job)}</p>
              )}
            </div>
            <JobActions compact job={job} />
          </div>
          {job.state !== 'failed' && <JobProgress compact className="mt-1.5" job={job} />}
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
