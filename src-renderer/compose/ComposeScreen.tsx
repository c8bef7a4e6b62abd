import { Sparkles } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import type { ComposedPicture } from '../../src-shared/composition.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatDuration } from '../ui/format.ts';
import { keyNames } from '../ui/keyNames.ts';
import { Notes } from '../ui/Notes.tsx';
import { Screen } from '../ui/Panel.tsx';
import { routes } from '../ui/routes.ts';
import { ConceptStrengths } from './ConceptStrengths.tsx';
import { composePicture, rollSeed, suggestLayout } from './composeActions.ts';
import { composeStore, editBoxes } from './composeStore.ts';
import { useStore } from './createStore.ts';
import { LayoutCanvas } from './LayoutCanvas.tsx';
import { LayoutToolbar } from './LayoutToolbar.tsx';
import { ModelField } from './ModelField.tsx';
import { PhraseList } from './PhraseList.tsx';
import { PictureActions } from './PictureActions.tsx';
import { PromptPart } from './PromptPart.tsx';
import { pictureSize } from './pictureSize.ts';
import { phrasesOf } from './placedBoxes.ts';
import { priorHeat } from './priorHeat.ts';
import { promptPhrases } from './promptPhrases.ts';
import { SamplingSettings } from './SamplingSettings.tsx';
import { SeedField } from './SeedField.tsx';
import { TaskLine } from './TaskLine.tsx';
import { type Composition, useComposition } from './useComposition.ts';
import { useOpening } from './useOpening.ts';

/** Words, boxes and settings on the left and right of the picture that they make. */
export function ComposeScreen() {
  const failure = useOpening(routes.compose);
  const composition = useComposition();
  useKeys(composition);
  return (
    <Screen title="Compose" filled actions={<ModelField composition={composition} />}>
      <div
        className={classes(
          'grid h-full grid-cols-[clamp(17rem,24vw,26rem)_minmax(0,1fr)_clamp(14.5rem,17vw,22rem)]',
          'max-lg:grid-cols-[17rem_minmax(0,1fr)] max-lg:grid-rows-[minmax(0,3fr)_minmax(0,2fr)]',
          'max-md:flex max-md:flex-col max-md:gap-4 max-md:overflow-y-auto',
        )}
      >
        <div className="flex flex-col gap-4 overflow-y-auto pt-1 pr-4 pb-6 pl-8 max-md:shrink-0 max-md:overflow-visible max-md:px-4 max-md:pb-0">
          {failure !== undefined && (
            <ErrorNote title="What was to be opened is not there" cause={failure} />
          )}
          <WordsColumn composition={composition} />
        </div>
        <PictureColumn composition={composition} />
        <BoxesColumn composition={composition} />
      </div>
    </Screen>
  );
}

function WordsColumn({ composition }: { composition: Composition }) {
  const { draft, task } = useStore(composeStore);
  const { settings, concepts, model } = composition;
  return (
    <>
      <PromptPart composition={composition} />
      <Button
        look="primary"
        size="large"
        icon={<Sparkles size={18} aria-hidden="true" />}
        disabled={!settings}
        title={keyNames('Ctrl+Enter')}
        onClick={() => composeNow(composition)}
      >
        {task?.kind === 'compose' ? 'Compose anew' : 'Compose'}
      </Button>
      <ConceptStrengths concepts={concepts} model={model} />
      <SeedField seed={draft.seed} locked={draft.seedLocked} />
      <SamplingSettings draft={draft} model={model} />
    </>
  );
}

function PictureColumn({ composition }: { composition: Composition }) {
  const { draft, editor, view, picture, isKept, prior, task, failure, notes } =
    useStore(composeStore);
  const { settings, obstacle, model } = composition;
  const heat = useMemo(() => priorHeat(prior, phrasesOf(editor.boxes)), [prior, editor.boxes]);
  const vary = () => settings && void composePicture({ ...settings, seed: rollSeed() });
  const placed = phrasesOf(editor.boxes);
  return (
    <section
      aria-label="Picture and layout"
      className="flex min-w-0 flex-col gap-2 px-2 pb-4 max-lg:row-span-2 max-lg:pr-6 max-md:h-[calc(100vw+11rem)] max-md:max-h-[90vh] max-md:shrink-0 max-md:px-4"
    >
      <LayoutToolbar
        {...{ editor, view, task }}
        hasPrior={prior !== undefined}
        onSuggest={
          settings &&
          ((shuffle) =>
            void suggestLayout(settings, placed.length > 0 ? placed : undefined, shuffle))
        }
      />
      <LayoutCanvas
        {...{ editor, view, picture }}
        size={pictureSize(draft.size, model)}
        heat={view.heat ? heat : []}
      />
      <TaskLine
        {...{ task, failure }}
        rest={obstacle ?? `Ready. ${keyNames('Ctrl+Enter')} composes.`}
        facts={picture && factsOf(picture)}
      />
      <Notes notes={notes} />
      <PictureActions {...{ picture, isKept }} onVary={settings && vary} />
    </section>
  );
}

function factsOf({ width, height, settings, seconds }: ComposedPicture): string {
  return `${width} × ${height}, seed ${settings.seed}, ${formatDuration(seconds)}`;
}

function BoxesColumn({ composition: { concepts } }: { composition: Composition }) {
  const { draft, editor, view, picture } = useStore(composeStore);
  const phrases = useMemo(() => {
    const named = concepts.flatMap(({ concept }) => (concept ? [concept] : []));
    return promptPhrases(draft.prompt, named);
  }, [draft.prompt, concepts]);
  return (
    <aside
      aria-label="Boxes"
      className="overflow-y-auto pt-1 pr-8 pb-6 pl-3 max-lg:row-start-2 max-lg:border-t max-lg:border-line max-lg:pt-4 max-lg:pr-4 max-lg:pl-8 max-md:shrink-0 max-md:overflow-visible max-md:border-t-0 max-md:px-4"
    >
      <PhraseList prompt={draft.prompt} {...{ phrases, editor, view, picture }} />
    </aside>
  );
}

function composeNow({ settings }: Composition): void {
  if (!settings) return;
  const { seedLocked } = composeStore.get().draft;
  void composePicture(seedLocked ? settings : { ...settings, seed: rollSeed() });
}

/** Ctrl+Enter composes from everywhere; undo and redo belong to the boxes except in text fields, which have their own. */
function useKeys(composition: Composition): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key === 'enter') composeNow(composition);
      else if (isTextField(event.target)) return;
      else if (key === 'z') editBoxes({ type: event.shiftKey ? 'redo' : 'undo' });
      else if (key === 'y') editBoxes({ type: 'redo' });
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [composition]);
}

function isTextField(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
