import { useEffect, useMemo, useRef, useState } from 'react';
import type { StoredVariant } from '../../src-shared/concept.ts';
import type { TrainingPreview } from '../../src-shared/conceptRecord.ts';
import { classes } from '../ui/classes.ts';
import { Picture } from '../ui/Picture.tsx';
import { SliderField } from '../ui/SliderField.tsx';
import { variantWords } from './methodWords.ts';
import { newestStepOf, previewAt, previewStepsOf } from './trainingRuns.ts';

interface PreviewStripProps {
  runs: readonly { variant: StoredVariant; previews: readonly TrainingPreview[] }[];
  /** "a <minka> cat" and "a <minka> cat and a backpack": what the two pictures are of. */
  prompts: { plain: string; composition: string };
  /** Whether more is to come: then the newest step is followed until another one is chosen. */
  following: boolean;
  /** Under the pictures, for the step that is shown. */
  actions?: (step: number) => React.ReactNode;
}

/**
 * What the concept drew after more and more steps, from the same seed. Alone and beside another thing: where the other
 * thing goes missing, the concept has overfitted.
 */
export function PreviewStrip({ runs, prompts, following, actions }: PreviewStripProps) {
  const steps = useMemo(() => previewStepsOf(runs), [runs]);
  const [chosen, setChosen] = useState<number>();
  const last = Math.max(0, steps.length - 1);
  const newest = following ? Math.max(0, steps.indexOf(newestStepOf(runs))) : last;
  const index = chosen === undefined ? newest : Math.min(chosen, last);
  const step = steps[index];
  useEffect(() => {
    if (following && chosen === newest) setChosen(undefined);
  }, [following, chosen, newest]);
  if (step === undefined) return <NoPreviews following={following} />;
  return (
    <div className="flex flex-col gap-4">
      <div className={classes('grid gap-6', runs.length > 1 && 'sm:grid-cols-2')}>
        {runs.map((run) => (
          <RunPictures key={run.variant} {...{ run, step, prompts }} alone={runs.length === 1} />
        ))}
      </div>
      <div className="flex items-center gap-5">
        <SliderField
          label="Step"
          className="grow"
          value={index}
          min={0}
          max={Math.max(1, last)}
          step={1}
          disabled={last === 0}
          format={() => `${step}`}
          onChange={setChosen}
        />
        {actions?.(step)}
      </div>
      <Film {...{ runs, steps, index }} onChoose={setChosen} />
    </div>
  );
}

function NoPreviews({ following }: { following: boolean }) {
  return (
    <p className="flex h-48 items-center justify-center text-sm text-muted">
      {following ? 'The first preview is on its way.' : 'No previews were made.'}
    </p>
  );
}

interface RunPicturesProps {
  run: PreviewStripProps['runs'][number];
  step: number;
  prompts: PreviewStripProps['prompts'];
  alone: boolean;
}

function RunPictures({ run: { variant, previews }, step, prompts, alone }: RunPicturesProps) {
  const preview = previewAt(previews, step);
  const behind = preview && preview.step !== step;
  return (
    <section aria-label={`${variantWords[variant].name} at step ${step}`} className="min-w-0">
      <h3 className="mb-2 flex items-baseline gap-2 text-sm font-medium">
        <span
          className={classes(
            'size-2 rounded-full',
            variant === 'plain' ? 'bg-second' : 'bg-accent',
          )}
        />
        {variantWords[variant].name}
        <span className="font-normal text-muted">
          {preview ? behind && `as of step ${preview.step}` : 'not there yet'}
        </span>
      </h3>
      <div className={classes('grid grid-cols-2 gap-3', alone && 'max-w-2xl')}>
        <Shot blob={preview?.plain} prompt={prompts.plain} />
        <Shot blob={preview?.composition} prompt={prompts.composition} />
      </div>
    </section>
  );
}

function Shot({ blob, prompt }: { blob: TrainingPreview['plain'] | undefined; prompt: string }) {
  return (
    <figure className="m-0 min-w-0">
      <Picture {...(blob && { blob })} alt={prompt} className="rounded-md" />
      <figcaption className="mt-1.5 line-clamp-2 min-h-8.5 text-xs text-muted">{prompt}</figcaption>
    </figure>
  );
}

interface FilmProps {
  runs: PreviewStripProps['runs'];
  steps: readonly number[];
  index: number;
  onChoose: (index: number) => void;
}

/** All steps in small: the composition pictures, run under run. */
function Film({ runs, steps, index, onChoose }: FilmProps) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => keepInSight(list.current, index), [index]);
  return (
    <ol
      ref={list}
      aria-label="Steps"
      // under the places that the slider has for them
      className="m-0 flex list-none justify-between gap-1.5 overflow-x-auto p-1"
    >
      {steps.map((step, at) => (
        <li key={step}>
          <button
            type="button"
            aria-pressed={at === index}
            onClick={() => onChoose(at)}
            className={classes(
              'flex w-18 flex-col gap-1 rounded-md p-1 transition-colors hover:bg-sunken',
              at === index && 'bg-accent-soft ring-2 ring-accent',
            )}
          >
            {runs.map(({ variant, previews }) => {
              const preview = previews.find((one) => one.step === step);
              return (
                <Picture
                  key={variant}
                  {...(preview && { blob: preview.composition })}
                  alt=""
                  className="w-full rounded-sm"
                />
              );
            })}
            <span className="text-center text-xs">
              <span className="sr-only">Step </span>
              {step}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** Scrolls the strip, and nothing around it, as far as the chosen step needs. */
function keepInSight(list: HTMLElement | null, index: number): void {
  const item = list?.children[index];
  if (!list || !item) return;
  const frame = list.getBoundingClientRect();
  const { left, right } = item.getBoundingClientRect();
  if (left < frame.left) list.scrollLeft -= frame.left - left + 4;
  else if (right > frame.right) list.scrollLeft += right - frame.right + 4;
}
