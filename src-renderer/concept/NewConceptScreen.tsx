import { useState } from 'react';
import { useLocation } from 'wouter';
import { isToken } from '../../src-shared/concept.ts';
import { useStore } from '../compose/createStore.ts';
import { useStudioMutation, useStudioQuery } from '../studioQueries.ts';
import { AlertDialog } from '../ui/AlertDialog.tsx';
import { Button } from '../ui/Button.tsx';
import { Disclosure } from '../ui/Disclosure.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatCount } from '../ui/format.ts';
import { Panel, Screen } from '../ui/Panel.tsx';
import { linkTo } from '../ui/routes.ts';
import { Spinner } from '../ui/Spinner.tsx';
import { useToast } from '../ui/Toast.tsx';
import { AdvancedSettings } from './AdvancedSettings.tsx';
import {
  type ConceptDraft,
  type DraftProblems,
  emptyDraft,
  problemsOf,
  requestOf,
  settingsOf,
  withoutUnread,
} from './conceptDraft.ts';
import {
  beginDraft,
  type ChangeDraft,
  changeDraft as change,
  draftStore,
  isEmpty,
} from './draftStore.ts';
import { MethodPanel } from './MethodPanel.tsx';
import { PhotosPanel } from './PhotosPanel.tsx';
import { previewSteps } from './presets.ts';
import { StartPanel } from './StartPanel.tsx';
import { nameFromFile, tokenFromName } from './tokenNames.ts';
import { useDraftStart } from './useDraftStart.ts';
import { useTrainingModel } from './useTrainingModel.ts';
import { WordsPanel } from './WordsPanel.tsx';

/** From photos to a training. */
export function NewConceptScreen() {
  const { draft } = useStore(draftStore);
  const [, navigate] = useLocation();
  const beginning = useDraftStart();
  const startOver = useStartOver();
  const { models, modelId, builtIn, previewEvery } = useTrainingModel(draft.modelId);
  const surroundings = { modelId, builtIn, previewEvery };
  const [tried, setTried] = useState(false);
  const start = useStudioMutation('startTraining');
  const tokenProblem = useTokenProblem(draft, modelId);
  const found = { ...problemsOf(draft, surroundings), ...tokenProblem };
  // what is taken is told at once, what is missing only once the user has tried
  const problems = tried ? found : tokenProblem;

  function begin(): void {
    setTried(true);
    if (Object.keys(found).length > 0) {
      focusFirstProblem();
      return;
    }
    start.mutate(requestOf(draft, surroundings), {
      onSuccess: ({ jobId }) => {
        beginDraft(emptyDraft);
        navigate(linkTo.training(jobId));
      },
    });
  }

  if (beginning.filling) {
    return (
      <Screen title="New concept" subtitle="Photos become a word that you can use in prompts.">
        <Spinner label="Bringing the photos" />
      </Screen>
    );
  }
  return (
    <Screen
      title={draft.conceptId ? `New version of ${draft.name}` : 'New concept'}
      subtitle="Photos become a word that you can use in prompts."
      actions={
        !isEmpty(draft) && (
          <Button look="quiet" onClick={startOver}>
            Start over
          </Button>
        )
      }
    >
      <AlertDialog
        open={beginning.asking}
        onClose={beginning.keep}
        title="Replace what you have begun?"
        description={`The form still holds ${holdings(draft)}, which would be lost.`}
        cancel="Go on with it"
        confirm="Replace it"
        onConfirm={beginning.replace}
      />
      {beginning.error !== undefined && (
        <ErrorNote className="mb-4" title="The form could not be filled" cause={beginning.error} />
      )}
      <div className="grid grid-cols-[minmax(0,1fr)_17.5rem] items-start gap-5 max-lg:grid-cols-1">
        <div className="flex min-w-0 flex-col gap-5">
          <PhotosPanel photos={draft.photos} problem={problems.photos} onFiles={guessName} />
          <WordsPanel {...{ draft, change, problems, modelId }} />
          <MethodPanel {...{ draft, change, builtIn }} />
          <Advanced {...{ draft, change, problems, modelId, builtIn, previewEvery }} />
        </div>
        <aside aria-label="Start" className="sticky top-0">
          <StartPanel
            {...{ draft, change, models, modelId, builtIn }}
            problemCount={tried ? Object.keys(found).length : 0}
            failure={start.error}
            starting={start.isPending}
            onStart={begin}
          />
        </aside>
      </div>
    </Screen>
  );
}

/** Empties the form, with a way back. */
function useStartOver(): () => void {
  const toast = useToast();
  return () => {
    const before = draftStore.get();
    beginDraft(emptyDraft);
    const undo = () => draftStore.set({ ...before, draft: withoutUnread(before.draft) });
    toast({ title: 'The form is empty again', action: { label: 'Undo', run: undo } });
  };
}

/** What is in the form, in few words: "Minka with 4 photos". */
function holdings({ name, photos }: ConceptDraft): string {
  const what = name || 'a concept';
  return photos.length > 0 ? `${what} with ${formatCount(photos.length, 'photo')}` : what;
}

function guessName(files: readonly File[]): void {
  change((old) => withGuessedName(old, files));
}

interface AdvancedProps {
  draft: ConceptDraft;
  change: ChangeDraft;
  problems: DraftProblems;
  modelId: string | undefined;
  builtIn: boolean;
  previewEvery: number;
}

/** Whether a field is among those that are folded away. */
function isAdvanced(field: string): boolean {
  return field.startsWith('settings.') || field.startsWith('preview');
}

function Advanced(props: AdvancedProps) {
  const { draft, builtIn, previewEvery, problems } = props;
  const changed = Object.entries(draft.own).filter(
    ([name, value]) => name !== 'method' && value !== undefined,
  ).length;
  const wrong = Object.keys(problems).some(isAdvanced);
  const { steps = 500 } = settingsOf(draft, builtIn);
  return (
    <Panel>
      <Disclosure
        title="Advanced"
        summary={
          wrong
            ? 'Something here cannot be used'
            : changed > 0
              ? `${changed} changed from the preset`
              : 'Anchors, learning rate, vectors, prior preservation and more'
        }
      >
        <AdvancedSettings {...props} previewEvery={previewSteps(steps, builtIn, previewEvery)} />
      </Disclosure>
    </Panel>
  );
}

/** The first files' name is often the thing's. */
function withGuessedName(draft: ConceptDraft, files: readonly File[]): ConceptDraft {
  if (draft.name || draft.conceptId) return draft;
  const name = nameFromFile(files[0]?.name ?? '');
  return { ...draft, name, token: draft.ownToken ? draft.token : tokenFromName(name) };
}

/** Whether the library knows the token already. */
function useTokenProblem(
  { token, conceptId }: ConceptDraft,
  modelId: string | undefined,
): DraftProblems {
  const enabled = modelId !== undefined && !conceptId && isToken(token.trim());
  const { data } = useStudioQuery(
    'checkToken',
    { token: token.trim() || 'x', modelId: modelId ?? '' },
    { enabled },
  );
  return enabled && data && !data.free ? { token: data.reason ?? 'It is taken.' } : {};
}

/** After the problems are on the screen. */
function focusFirstProblem(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('#screen [aria-invalid=true]')?.focus();
  });
}
