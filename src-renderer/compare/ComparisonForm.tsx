import { Columns2, Layers } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { ConceptStrengths } from '../compose/ConceptStrengths.tsx';
import { composeStore } from '../compose/composeStore.ts';
import { missingVariant } from '../compose/conceptVersions.ts';
import { useStore } from '../compose/createStore.ts';
import { PromptPart } from '../compose/PromptPart.tsx';
import { SeedField } from '../compose/SeedField.tsx';
import type { Composition } from '../compose/useComposition.ts';
import type { PromptConcept } from '../compose/usePromptConcepts.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { NumberField } from '../ui/NumberField.tsx';
import { Progress } from '../ui/Progress.tsx';
import { linkTo, routes } from '../ui/routes.ts';
import {
  cancelComparison,
  compareBatch,
  compareOnce,
  dropBatch,
  goOnWithBatch,
} from './compareActions.ts';
import { compareStore } from './compareStore.ts';

/** What is compared: the draft of Compose, with its boxes. */
export function ComparisonForm({ composition }: { composition: Composition }) {
  const { draft } = useStore(composeStore);
  const { settings, concepts, model } = composition;
  const lacking = concepts.filter(({ state, fitting }) => {
    return state === 'ready' && missingVariant(fitting) !== undefined;
  });
  const obstacle = obstacleOf(composition, lacking);
  const ready = obstacle === undefined ? settings : undefined;
  return (
    <>
      <PromptPart composition={composition} />
      <Button
        look="primary"
        size="large"
        icon={<Columns2 size={18} aria-hidden="true" />}
        disabled={!ready}
        onClick={() => ready && void compareOnce(ready)}
      >
        Compare four ways
      </Button>
      <State obstacle={obstacle} />
      {lacking.map((concept) => (
        <TrainBoth key={concept.token} concept={concept} />
      ))}
      <LayoutRemark />
      <ConceptStrengths concepts={concepts} model={model} />
      <SeedField seed={draft.seed} locked={draft.seedLocked} />
      <Batch settings={ready} />
      <Unfinished />
    </>
  );
}

function obstacleOf(
  { obstacle, concepts }: Composition,
  lacking: readonly PromptConcept[],
): string | undefined {
  if (obstacle) return obstacle;
  if (concepts.length === 0)
    return 'A comparison needs a concept in the prompt; "/" brings one in.';
  if (lacking.length === 0) return undefined;
  return 'A comparison needs each concept trained both ways.';
}

function State({ obstacle }: { obstacle: string | undefined }) {
  const { task, failure } = useStore(compareStore);
  if (failure && !task) {
    return (
      <ErrorNote
        title={failure.title}
        cause={failure.cause}
        nextStep="Change what it names, then compare again. Pictures that were made before it stay."
      />
    );
  }
  if (!task) return <p className="min-h-10 text-sm text-muted">{obstacle ?? 'Ready.'}</p>;
  const { phase, done, total, timeLeft } = task;
  return (
    <div className="h-10" aria-live="polite">
      <Progress
        label={phase}
        step={done}
        total={total}
        timeLeft={timeLeft}
        onCancel={cancelComparison}
      />
    </div>
  );
}

function TrainBoth({ concept: { token, concept, fitting, version } }: { concept: PromptConcept }) {
  const [, navigate] = useLocation();
  const missing = missingVariant(fitting);
  return (
    <ErrorNote
      tone="warn"
      title={`${token} has no ${missing} version`}
      cause="Semantic inversion acts while training: a comparison needs the concept trained with anchors and without, from one seed."
      actions={
        <Button
          size="small"
          icon={<Layers size={14} aria-hidden="true" />}
          onClick={() =>
            navigate(linkTo.newConcept({ conceptId: concept?.id, parentId: version?.id }))
          }
        >
          Train both
        </Button>
      }
    />
  );
}

function LayoutRemark() {
  const { editor } = useStore(composeStore);
  const count = editor.boxes.length;
  return (
    <p className="text-sm text-muted">
      {count === 0
        ? 'No boxes are drawn: the model proposes a layout itself. '
        : `${count === 1 ? 'The box of Compose guides' : `The ${count} boxes of Compose guide`} two of the pictures; all are measured by ${count === 1 ? 'it' : 'them'}. `}
      <Link href={routes.compose} className="text-accent underline">
        Change boxes and sampling in Compose
      </Link>
    </p>
  );
}

/** A batch lives in this window: a reload or a cancellation ends it, which is said, with a way to go on. */
function Unfinished() {
  const { unfinished, task } = useStore(compareStore);
  if (!unfinished || task) return null;
  const { seeds, done } = unfinished;
  return (
    <ErrorNote
      tone="warn"
      title={`The batch ended at ${done} of ${seeds} seeds`}
      cause={
        done === 0
          ? 'Nothing of it was kept yet.'
          : 'What was made of it is in the gallery, and can be voted on.'
      }
      actions={
        <>
          <Button size="small" onClick={() => void goOnWithBatch(unfinished)}>
            Go on
          </Button>
          <Button size="small" look="quiet" onClick={dropBatch}>
            Leave it
          </Button>
        </>
      }
    />
  );
}

const mostSeeds = 50;

function Batch({ settings }: { settings: Composition['settings'] }) {
  const [seeds, setSeeds] = useState<number | undefined>(4);
  const valid = seeds !== undefined && Number.isInteger(seeds) && seeds >= 1 && seeds <= mostSeeds;
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-4">
      <h2 className="font-semibold">Many seeds, to vote on</h2>
      <p className="text-sm text-muted">
        One seed proves little. Compares several, keeps all in the gallery, and lets you judge them
        blindly.
      </p>
      <div className="flex items-start gap-2">
        <NumberField
          label="Seeds"
          min={1}
          max={mostSeeds}
          step={1}
          value={seeds}
          error={valid ? undefined : `1 to ${mostSeeds}.`}
          onChange={setSeeds}
          className="min-w-0 grow"
        />
        <Button
          className="mt-6"
          disabled={!settings || !valid}
          onClick={() => settings && valid && void compareBatch(settings, seeds)}
        >
          Compare and keep
        </Button>
      </div>
    </div>
  );
}
