import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { demo } from '../../src-shared/demo.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { JobProgress } from '../ui/JobProgress.tsx';
import { hasEnded } from '../ui/jobWords.ts';
import { Progress } from '../ui/Progress.tsx';
import { linkTo } from '../ui/routes.ts';
import type { Tour } from './tourState.ts';

/** Waits for the training, and says what is to be seen meanwhile. */
export function TrainStep({ tour }: { tour: Tour }) {
  const { jobId } = tour.state;
  const [location, navigate] = useLocation();
  const { data: job, error } = useStudioQuery(
    'getJob',
    { id: jobId ?? '' },
    { enabled: jobId !== undefined },
  );
  const state = job?.state;
  const { change } = tour;
  useEffect(() => {
    if (state === 'done') change({ step: 'compare' });
  }, [state, change]);
  const lost = jobId === undefined || error !== null;
  const failed = job !== undefined && hasEnded(job) && state !== 'done';
  if (lost || failed) return <Gone {...{ tour, error: error ?? job?.error?.message }} />;
  const place = linkTo.training(jobId);
  return (
    <>
      {job ? <JobProgress job={job} /> : <Progress label="starting" step={0} total={1} />}
      <p>
        The plain twin learns first, then the one with anchors. Look at the right picture of each
        pair, which asks for a {demo.object} as well: when the {demo.object} goes missing, the word
        has overfitted.
      </p>
      <p className="text-sm text-muted">
        The length says how far the word drifts from those that the model knows: a long word takes
        pictures over.
      </p>
      {location !== place && (
        <div className="flex justify-end">
          <Button onClick={() => navigate(place)}>Show the training</Button>
        </div>
      )}
    </>
  );
}

function Gone({ tour, error }: { tour: Tour; error: unknown }) {
  return (
    <>
      <ErrorNote
        title="The training did not come to its end"
        {...(error !== undefined && { cause: error })}
        nextStep="Pick a sample and try once more."
      />
      <div className="flex justify-end">
        <Button
          look="primary"
          onClick={() => tour.change({ step: 'sample', jobId: undefined, conceptId: undefined })}
        >
          Pick a sample
        </Button>
      </div>
    </>
  );
}
