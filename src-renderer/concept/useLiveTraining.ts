import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { studioQueryKey, useStudioEvent, useStudioQuery } from '../studioQueries.ts';
import { hasEnded } from '../ui/jobWords.ts';
import { expectedVariants, type LivePreview, type LiveStep, withLive } from './trainingRuns.ts';

/** Milliseconds between two looks at what has been told: steps can come faster than charts are worth drawing. */
const beat = 300;
/** Milliseconds between two questions for the anchors, which are not told by themselves. */
const anchorBeat = 8000;

/** A training as it is and as it goes on. */
export function useLiveTraining(jobId: string) {
  const client = useQueryClient();
  const { data, error } = useStudioQuery(
    'getTraining',
    { id: jobId },
    {
      refetchInterval: ({ state }) => (state.data?.job.state === 'running' ? anchorBeat : false),
      // what a screen shows again after it was left has gone on
      refetchOnMount: 'always',
    },
  );
  const told = useRef<{ steps: LiveStep[]; previews: LivePreview[] }>({ steps: [], previews: [] });
  const [live, setLive] = useState(told.current);
  useStudioEvent((event) => {
    if (event.type === 'trainingStep' && event.jobId === jobId) told.current.steps.push(event);
    if (event.type === 'trainingPreview' && event.jobId === jobId) {
      told.current.previews.push(event);
      void client.invalidateQueries({ queryKey: studioQueryKey('getTraining', { id: jobId }) });
    }
  });
  const running = data !== undefined && !hasEnded(data.job);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setLive((old) => changedCopy(old, told.current)), beat);
    return () => clearInterval(timer);
  }, [running]);
  const runs = useMemo(() => {
    const expected = data ? expectedVariants(data.request) : [];
    return withLive(data?.runs ?? [], live.steps, live.previews, expected);
  }, [data, live]);
  return { training: data, runs, error };
}

type Told = { readonly steps: readonly LiveStep[]; readonly previews: readonly LivePreview[] };

/** The old object where nothing has come, so that nothing is drawn for nothing. */
function changedCopy(
  old: { steps: LiveStep[]; previews: LivePreview[] },
  { steps, previews }: Told,
): { steps: LiveStep[]; previews: LivePreview[] } {
  if (old.steps.length === steps.length && old.previews.length === previews.length) return old;
  return { steps: [...steps], previews: [...previews] };
}
