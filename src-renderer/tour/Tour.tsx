import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStudioMutation } from '../studioQueries.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { CompareStep } from './CompareStep.tsx';
import { SampleStep } from './SampleStep.tsx';
import { TrainStep } from './TrainStep.tsx';
import { type Tour as TourHandle, type TourStep, tourSteps, useTour } from './tourState.ts';

const titles: Readonly<Record<TourStep, string>> = {
  welcome: 'Your first concept, in three minutes',
  sample: 'Pick something to teach',
  train: 'Watch it learn',
  compare: 'Compare the two',
  end: 'That is the idea',
};

/** A card in the corner that leads through the main job, while everything else stays in reach. */
export function Tour() {
  const tour = useClosingTour();
  const card = useRef<HTMLElement>(null);
  const { open, step } = tour.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus goes to each new step
  useEffect(() => {
    if (open) card.current?.focus({ preventScroll: true });
  }, [open, step]);
  if (!open) return null;
  // beside the pictures of a comparison, not over them
  const side = step === 'compare' || step === 'end' ? 'left' : 'right';
  return (
    <section
      ref={card}
      data-tour={side}
      role="dialog"
      aria-modal="false"
      aria-labelledby="tour-title"
      tabIndex={-1}
      onKeyDown={(event) => event.key === 'Escape' && tour.leave()}
      className={classes(
        'fixed bottom-4 max-sm:bottom-18 z-30 flex w-96 max-w-[calc(100vw-2rem)] animate-enter flex-col gap-3 rounded-lg border border-accent/50 bg-raised p-5 shadow-floating outline-none',
        side === 'left' ? 'left-4' : 'right-4',
      )}
    >
      <header className="flex items-start justify-between gap-3">
        <div>
          <Dots step={step} />
          <h2 id="tour-title" className="text-lg font-semibold">
            {titles[step]}
          </h2>
        </div>
        <IconButton
          label="Leave the tour; it goes on from here later"
          size="small"
          icon={<X size={16} />}
          onClick={tour.leave}
        />
      </header>
      <StepContent tour={tour} />
    </section>
  );
}

/** The focus goes to the screen when the card goes away. */
function useClosingTour(): TourHandle {
  const tour = useTour();
  const closing = (close: () => void) => () => {
    close();
    document.getElementById('screen')?.focus();
  };
  return { ...tour, leave: closing(tour.leave), finish: closing(tour.finish) };
}

function StepContent({ tour }: { tour: TourHandle }) {
  switch (tour.state.step) {
    case 'welcome':
      return <Welcome tour={tour} />;
    case 'sample':
      return <SampleStep tour={tour} />;
    case 'train':
      return <TrainStep tour={tour} />;
    case 'compare':
      return <CompareStep tour={tour} />;
    case 'end':
      return <End tour={tour} />;
  }
}

function Dots({ step }: { step: TourStep }) {
  const at = tourSteps.indexOf(step);
  return (
    <div
      role="img"
      aria-label={`Step ${at + 1} of ${tourSteps.length}`}
      className="mb-2 flex gap-1.5"
    >
      {tourSteps.map((one, index) => (
        <span
          key={one}
          className={classes('h-1 w-6 rounded-full', index <= at ? 'bg-accent' : 'bg-line')}
        />
      ))}
    </div>
  );
}

function Welcome({ tour }: { tour: TourHandle }) {
  return (
    <>
      <p>
        You teach Toybox, the small model that comes with Tessera, a new word from five pictures. It
        learns it twice: plainly, and held by <em>anchors</em> among the words it knows. Then you
        compare the two.
      </p>
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={tour.leave}>
          Not now
        </Button>
        <Button look="primary" onClick={() => tour.change({ step: 'sample' })}>
          Begin
        </Button>
      </div>
    </>
  );
}

function End({ tour }: { tour: TourHandle }) {
  const settings = useStudioMutation('changeSettings');
  const finish = () => {
    settings.mutate({ tourDone: true });
    tour.finish();
  };
  return (
    <>
      <p>
        The same noise, four ways. Where the plain concept takes the picture over, anchors leave
        room for the other thing, and a layout gives each its place. How it came out is up to the
        seed as well: try a few.
      </p>
      <p className="text-sm text-muted">
        Now with your own photos: drop 3 to 8 of them anywhere in this window.
      </p>
      <div className="flex justify-end">
        <Button look="primary" onClick={finish}>
          Finish
        </Button>
      </div>
    </>
  );
}
