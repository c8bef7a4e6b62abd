import { jobProgress } from '../../src-shared/jobProgress.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { jobLine } from './jobWords.ts';
import { Progress } from './Progress.tsx';

interface JobProgressProps {
  job: JobStatus;
  /** Before what is being done. */
  title?: string;
  compact?: boolean;
  className?: string;
}

/** How far a job is as a whole. */
export function JobProgress({ job, title, compact = false, className }: JobProgressProps) {
  const { share, timeLeft } = jobProgress(job);
  const line = jobLine(job);
  return (
    <Progress
      {...{ compact }}
      {...(className && { className })}
      label={title ? `${title}: ${line}` : line}
      step={Math.round(share * 1000)}
      total={1000}
      {...(job.state === 'running' && timeLeft !== undefined && { timeLeft })}
    />
  );
}
