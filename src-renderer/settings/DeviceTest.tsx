import { CircleCheck, CircleX, Gauge } from 'lucide-react';
import { useState } from 'react';
import type { DeviceName } from '../../src-shared/api.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import type { DeviceStatus } from '../../src-shared/modelRecord.ts';
import { useStudioMutation, useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { hasEnded, jobLine } from '../ui/jobWords.ts';
import { Progress } from '../ui/Progress.tsx';
import { testResult } from './deviceWords.ts';

interface DeviceTestProps {
  device: DeviceStatus;
  name: DeviceName;
}

/** Measures a device and compares it with the processor; keeps its height, whatever it shows. */
export function DeviceTest({ device, name }: DeviceTestProps) {
  const [startedId, setStartedId] = useState<string>();
  const runningId = useRunningTest(device.name);
  const jobId = startedId ?? runningId;
  const start = useStudioMutation('testDevice');
  const cancel = useStudioMutation('cancelJob');
  const { data: job } = useStudioQuery(
    'getJob',
    { id: jobId ?? '' },
    { enabled: jobId !== undefined },
  );
  const isRunning = start.isPending || (jobId !== undefined && !(job && hasEnded(job)));
  const failure = start.error ?? cancel.error;
  return (
    <div className="mt-2">
      <div className="flex min-h-9 items-center gap-3">
        {isRunning ? (
          <Progress
            className="grow"
            label={job ? jobLine(job) : 'Starting the self-test'}
            step={job?.progress?.step}
            total={job?.progress?.total}
            timeLeft={job?.progress?.timeLeft}
            onCancel={jobId ? () => cancel.mutate({ id: jobId }) : undefined}
          />
        ) : (
          <>
            <Button
              size="small"
              icon={<Gauge size={15} aria-hidden="true" />}
              onClick={() =>
                start.mutate(
                  { device: name },
                  { onSuccess: (started) => setStartedId(started.jobId) },
                )
              }
            >
              {device.selfTest ? 'Test again' : 'Test it'}
            </Button>
            <Result device={device} />
          </>
        )}
      </div>
      {failure && <ErrorNote className="mt-2" title="The test did not start" cause={failure} />}
      {job && <JobFailure job={job} />}
    </div>
  );
}

/** Of a test that was started before this screen was opened. */
function useRunningTest(device: string): string | undefined {
  const { data } = useStudioQuery('listJobs', {});
  return data?.jobs.find((job) => job.kind === 'selfTest' && job.device === device)?.id;
}

function Result({ device: { selfTest } }: { device: DeviceStatus }) {
  if (!selfTest)
    return (
      <span className="text-sm text-muted">
        Measures its speed and compares its numbers with the processor's.
      </span>
    );
  const Icon = selfTest.passed ? CircleCheck : CircleX;
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-sm" aria-live="polite">
      <Icon
        size={16}
        aria-hidden="true"
        className={selfTest.passed ? 'shrink-0 text-accent' : 'shrink-0 text-danger'}
      />
      {testResult(selfTest)}
    </span>
  );
}

function JobFailure({ job }: { job: JobStatus }) {
  if (!job.error) return null;
  return (
    <ErrorNote
      className="mt-2"
      title="The test was not finished"
      cause={job.error.message}
      nextStep={job.error.advice}
    />
  );
}
