import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { compareStore } from '../compare/compareStore.ts';
import { useStore } from '../compose/createStore.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { routes } from '../ui/routes.ts';
import { prepareTourComparison } from './tourComparison.ts';
import type { Tour } from './tourState.ts';

/** Leads to the comparison, and on when its four pictures are there. */
export function CompareStep({ tour }: { tour: Tour }) {
  const [location, navigate] = useLocation();
  const { pictures, task } = useStore(compareStore);
  const { change } = tour;
  const { conceptId } = tour.state;
  const open = useMutation({
    mutationFn: async () => conceptId && prepareTourComparison(conceptId),
    onSuccess: () => navigate(routes.compare),
  });
  const there = open.isSuccess && location === routes.compare;
  const finished = there && !task && Object.keys(pictures).length >= 4;
  useEffect(() => {
    if (finished) change({ step: 'end' });
  }, [finished, change]);
  return (
    <>
      <p>
        Both are trained. Now one prompt and one seed, four ways: plain, with anchors, with a
        layout, and with both.
      </p>
      {open.error && <ErrorNote title="The concept could not be opened" cause={open.error} />}
      {there ? (
        <p className="text-sm text-muted">
          {task
            ? 'The pictures are on their way; each shows as soon as it is there.'
            : 'The prompt names the concept and something beside it. Press “Compare four ways”.'}
        </p>
      ) : (
        <div className="flex justify-end">
          <Button look="primary" busy={open.isPending} onClick={() => open.mutate()}>
            Open the comparison
          </Button>
        </div>
      )}
    </>
  );
}
