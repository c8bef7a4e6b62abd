import { CircleAlert, Pause } from 'lucide-react';
import { jobProgress } from '../../src-shared/jobProgress.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';

/** How far a job is, where there is room for no more than a ring with the share in it. */
export function JobRing({ job }: { job: JobStatus }) {
  const { share } = jobProgress(job);
  if (job.state === 'failed') return <CircleAlert size={24} className="my-2 text-danger" />;
  return (
    <span className="relative flex size-10 items-center justify-center text-xs">
      <svg
        viewBox="0 0 40 40"
        fill="none"
        strokeWidth="3"
        aria-hidden="true"
        className="absolute inset-0 -rotate-90"
      >
        <circle cx="20" cy="20" r="17" stroke="var(--color-line)" />
        <circle
          cx="20"
          cy="20"
          r="17"
          pathLength="100"
          strokeDasharray={`${share * 100} 200`}
          stroke="var(--color-accent)"
          className="transition-[stroke-dasharray] duration-300"
        />
      </svg>
      {job.state === 'paused' ? <Pause size={14} /> : `${Math.floor(share * 100)}%`}
    </span>
  );
}
