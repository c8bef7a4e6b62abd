import { Crosshair, Plus, ScanEye } from 'lucide-react';
import { useState } from 'react';
import type { ComposedPicture } from '../../src-shared/composition.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { keyNames } from '../ui/keyNames.ts';
import { TextField } from '../ui/TextField.tsx';
import { BoxRow } from './BoxRow.tsx';
import { type CanvasView, changeView, editBoxes } from './composeStore.ts';
import type { EditorState } from './layoutEditor.ts';
import { phraseTile, tileColour } from './phraseColours.ts';
import { isInPrompt, phrasesOf } from './placedBoxes.ts';

interface PhraseListProps {
  prompt: string;
  /** Words of the prompt that may be placed. */
  phrases: readonly string[];
  editor: EditorState;
  view: CanvasView;
  picture: ComposedPicture | undefined;
}

/** The words of the prompt with their boxes: the layout as a list. */
export function PhraseList({ prompt, phrases, editor, view, picture }: PhraseListProps) {
  const placed = phrasesOf(editor.boxes);
  const all = [...new Set([...placed, ...phrases])];
  return (
    <div className="flex flex-col gap-3">
      <h2 className="font-semibold">Words and their boxes</h2>
      <ul className="flex flex-col gap-1.5" aria-label="Words of the prompt">
        {all.map((phrase) => (
          <PhraseEntry
            key={phrase}
            {...{ phrase, all, editor, view }}
            tile={placed.includes(phrase) ? phraseTile(placed.indexOf(phrase)) : undefined}
            isPresent={isInPrompt(phrase, prompt)}
            inside={picture?.attention.find((one) => one.phrase === phrase)?.inside}
          />
        ))}
      </ul>
      {all.length === 0 && (
        <p className="text-sm text-muted">
          Words of the prompt appear here; boxes are drawn for them.
        </p>
      )}
      <OtherWords prompt={prompt} />
      <Keys />
    </div>
  );
}

interface PhraseEntryProps {
  phrase: string;
  /** Words that its boxes could be for instead. */
  all: readonly string[];
  editor: EditorState;
  view: CanvasView;
  tile: string | undefined;
  isPresent: boolean;
  inside: number | undefined;
}

function PhraseEntry(props: PhraseEntryProps) {
  const { phrase, all, editor, view, tile, isPresent, inside } = props;
  const boxes = editor.boxes.filter((box) => box.phrase === phrase);
  const active = editor.phrase === phrase;
  return (
    <li
      className={classes(
        'rounded-md border p-1',
        active ? 'border-accent bg-accent-soft/60' : 'border-line bg-surface',
      )}
    >
      <div className="flex items-center gap-0.5">
        <button
          type="button"
          aria-pressed={active}
          title="Draw boxes for these words"
          onClick={() => editBoxes({ type: 'setPhrase', phrase: active ? '' : phrase })}
          className="flex min-h-7 min-w-0 grow items-center gap-2 rounded-sm px-1.5 text-left"
        >
          {active ? (
            <Crosshair size={14} className="shrink-0 text-accent" aria-hidden="true" />
          ) : (
            <span
              aria-hidden="true"
              className="size-3.5 shrink-0 rounded-sm border border-edge"
              style={tile ? { background: tileColour(tile), borderColor: tileColour(tile) } : {}}
            />
          )}
          <span className="min-w-0 font-medium wrap-break-word">{phrase}</span>
        </button>
        {inside !== undefined && (
          <IconButton
            label={`Attention of ${phrase} on the picture`}
            size="small"
            icon={<ScanEye size={14} />}
            pressed={view.attention === phrase}
            onClick={() =>
              changeView({ attention: view.attention === phrase ? undefined : phrase })
            }
          />
        )}
        <IconButton
          label={`Add a box for ${phrase}`}
          size="small"
          icon={<Plus size={14} />}
          onClick={() => editBoxes({ type: 'add', phrase })}
        />
      </div>
      {!isPresent && (
        <p className="px-1.5 pb-1 text-xs text-warn">
          Not in the prompt any more: left out. Choose a box to give it other words.
        </p>
      )}
      {inside !== undefined && <InsideBar inside={inside} />}
      <ul aria-label={`Boxes of ${phrase}`}>
        {boxes.map((box, index) => (
          <BoxRow key={box.id} {...{ box, editor }} phrases={all} name={`Box ${index + 1}`} />
        ))}
      </ul>
    </li>
  );
}

function InsideBar({ inside }: { inside: number }) {
  const percent = Math.round(inside * 100);
  return (
    <p className="flex items-center gap-2 px-1.5 pb-1 text-xs text-muted">
      <span className="h-1.5 w-12 overflow-hidden rounded-full bg-line" aria-hidden="true">
        <span className="block h-full bg-accent" style={{ width: `${percent}%` }} />
      </span>
      {percent} % inside<span className="sr-only">: attention of these words</span>
    </p>
  );
}

/** Words that the list does not offer, typed as they stand in the prompt. */
function OtherWords({ prompt }: { prompt: string }) {
  const [words, setWords] = useState('');
  const wanted = words.trim();
  const error =
    wanted === '' || isInPrompt(wanted, prompt) ? undefined : 'These words are not in the prompt.';
  return (
    <form
      className="flex items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted === '' || error) return;
        editBoxes({ type: 'add', phrase: wanted });
        setWords('');
      }}
    >
      <TextField
        label="Other words"
        hideLabel
        placeholder="Other words"
        value={words}
        onChange={setWords}
        error={error}
        className="grow"
      />
      <Button type="submit" disabled={wanted === '' || error !== undefined}>
        Add
      </Button>
    </form>
  );
}

const keys = [
  ['Tab', 'next box'],
  ['Arrows', 'move it'],
  ['Shift+Arrows', 'resize it'],
  ['Alt', 'small steps'],
  ['[ and ]', 'up, down'],
  ['Ctrl+D', 'double it'],
  ['Delete', 'remove it'],
] as const;

function Keys() {
  return (
    <dl
      id="layout-keys"
      className="m-0 grid grid-cols-[auto_1fr] items-baseline gap-x-2.5 gap-y-1 text-xs text-muted"
    >
      {keys.map(([name, effect]) => (
        <div key={name} className="contents">
          <dt>
            <kbd className="rounded-sm border border-line bg-surface px-1.5 font-sans whitespace-nowrap">
              {keyNames(name)}
            </kbd>
          </dt>
          <dd className="m-0">{effect}</dd>
        </div>
      ))}
    </dl>
  );
}
