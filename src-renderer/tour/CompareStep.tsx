import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { compareStore } from '../compare/compareStore.ts';
import { useStore } from '../compose/createStore.ts';
import { Button } from '../ui/Button.tsx';
import { linkTo, routes } from '../ui/routes.ts';
import type { Tour } from './tourState.ts';

/** Leads to the comparison, and on when its four pictures are there. */
export function CompareStep({ tour }: { tour: Tour }) {
  const [location, navigate] = useLocation();
  const { pictures, task } = useStore(compareStore);
  const { change } = tour;
  const there = location === routes.compare;
  const finished = there && !task && Object.keys(pictures).length >= 4;
  useEffect(() => {
    if (finished) change({ step: 'end' });
  }, [finished, change]);
  const { conceptId } = tour.state;
  return (
    <>
      <p>
        Both are trained. Now one prompt and one seed, four ways: plain, with anchors, with a
        layout, and with both.
      </p>
      {there ? (
        <p className="text-sm text-muted">
          {task
            ? 'The pictures are on their way; each shows as soon as it is there.'
            : 'The prompt names the concept and something beside it. Press “Compare four ways”.'}
        </p>
      ) : (
        <div className="flex justify-end">
          <Button
            look="primary"
            onClick={() => {
              // pictures of an earlier comparison would end the tour at once
              compareStore.set({ pictures: {}, isKept: false });
              navigate(linkTo.compare(conceptId ? [conceptId] : []));
            }}
          >
            Open the comparison
          </Button>
        </div>
      )}
    </>
  );
}
