import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { demo } from '../../src-shared/demo.ts';
import type { Sample } from '../concept/useDraftStart.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Picture } from '../ui/Picture.tsx';
import { linkTo } from '../ui/routes.ts';
import { Spinner } from '../ui/Spinner.tsx';
import type { Tour } from './tourState.ts';
import { startTourTraining } from './tourTraining.ts';

/** Chooses a sample and starts its training. */
export function SampleStep({ tour }: { tour: Tour }) {
  const { data, error } = useStudioQuery('listSamples', {});
  const [, navigate] = useLocation();
  const [name, setName] = useState<string>();
  const start = useMutation({
    mutationFn: startTourTraining,
    onSuccess: ({ conceptId, jobId }) => {
      tour.change({ step: 'train', conceptId, jobId });
      navigate(linkTo.training(jobId));
    },
  });
  const { samples = [] } = data ?? {};
  const named = (wanted: string | undefined) => samples.find((one) => one.name === wanted);
  const sample = named(name) ?? named(demo.sample) ?? samples[0];
  return (
    <>
      {error && <ErrorNote title="The samples could not be read" cause={error} />}
      <div className="h-40">
        {data ? (
          <Samples samples={data.samples} chosen={sample?.name} onChoose={setName} />
        ) : (
          !error && <Spinner label="Reading the samples" />
        )}
      </div>
      <p className="h-10 text-sm text-muted">
        {sample && (
          <>
            Five pictures of a {sample.classWord} become the word{' '}
            <span className="font-mono text-ink">{sample.token}</span>.
          </>
        )}
      </p>
      {start.error && <ErrorNote title="The training did not start" cause={start.error} />}
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={() => tour.change({ step: 'welcome' })}>
          Back
        </Button>
        <Button
          look="primary"
          disabled={!sample}
          busy={start.isPending}
          onClick={() => sample && start.mutate(sample)}
        >
          Train it
        </Button>
      </div>
    </>
  );
}

interface SamplesProps {
  samples: readonly Sample[];
  chosen: string | undefined;
  onChoose: (name: string) => void;
}

function Samples({ samples, chosen, onChoose }: SamplesProps) {
  return (
    <ul className="m-0 grid list-none grid-cols-5 gap-2 p-0">
      {samples.map(({ name, photos }) => (
        <li key={name}>
          <button
            type="button"
            aria-label={name}
            aria-pressed={name === chosen}
            onClick={() => onChoose(name)}
            className={classes(
              'block w-full overflow-hidden rounded-md',
              name === chosen && 'ring-3 ring-accent',
            )}
          >
            <Picture {...(photos[0] && { blob: photos[0].thumbnail })} alt="" />
          </button>
        </li>
      ))}
    </ul>
  );
}
