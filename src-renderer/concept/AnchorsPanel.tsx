import { Plus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import type { AnchorChoice } from '../../src-shared/api.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { Tag } from '../ui/Tag.tsx';
import {
  type AnchorMode,
  anchorMode,
  choiceOf,
  withAnchor,
  withoutAnchor,
} from './anchorChoices.ts';
import { WordField } from './WordField.tsx';

interface AnchorsPanelProps {
  anchors: AnchorChoice | undefined;
  onChange: (anchors: AnchorChoice | undefined) => void;
  classWord: string;
  modelId: string | undefined;
}

const modeWords: Readonly<Record<AnchorMode, string>> = {
  mixture:
    'Held by the class word and its neighbours; the training finds out which of them matter.',
  'class-word': 'Held by the class word alone, as in the published code.',
  none: 'Not held at all: plain training. Closest to the photos, and likeliest to overfit.',
};

/** What keeps the concept among the words that the model knows. */
export function AnchorsPanel({ anchors, onChange, classWord, modelId }: AnchorsPanelProps) {
  const mode = anchorMode(anchors);
  return (
    <div className="flex flex-col gap-3">
      <Segmented
        label="Anchors"
        value={mode}
        options={[
          { value: 'mixture', label: 'Nearby words' },
          { value: 'class-word', label: 'Class word only' },
          { value: 'none', label: 'None' },
        ]}
        onChange={(next) => onChange(choiceOf(next))}
      />
      <p className="text-sm text-muted">{modeWords[mode]}</p>
      {mode === 'mixture' && <Mixture {...{ anchors, onChange, classWord, modelId }} />}
    </div>
  );
}

function Mixture({ anchors, onChange, classWord, modelId }: AnchorsPanelProps) {
  const word = useDeferredValue(classWord.trim());
  const enabled = modelId !== undefined && word !== '';
  const proposal = useStudioQuery(
    'proposeAnchors',
    { modelId: modelId ?? '', classWord: word || 'cat' },
    { enabled },
  );
  if (!enabled) return <p className="text-sm text-muted">The class word proposes them.</p>;
  if (proposal.error) {
    return <ErrorNote title="No anchors could be proposed" cause={proposal.error} />;
  }
  if (!proposal.data) return <Spinner label="Looking for nearby words" />;
  const proposed = proposal.data.anchors;
  const cosines = new Map(proposed.map(({ word, cosine }) => [word, cosine]));
  const words =
    anchors?.kind === 'only' ? anchors.words : proposed.map(({ word: neighbour }) => neighbour);
  return (
    <>
      <ul className="flex flex-wrap gap-1.5" aria-label="Anchors">
        {words.map((anchor, index) => (
          <li key={anchor}>
            <Tag
              tone={index === 0 ? 'accent' : 'plain'}
              removeLabel={`Take ${anchor} away`}
              {...(index > 0 && { onRemove: () => onChange(withoutAnchor(words, anchor)) })}
            >
              {anchor}
              {cosines.has(anchor) && (
                <span className="ml-1.5 tabular-nums">{cosines.get(anchor)?.toFixed(2)}</span>
              )}
            </Tag>
          </li>
        ))}
      </ul>
      <p className="text-xs text-muted">
        Numbers are cosines to “{word}”. The training starts at the class word and gives each its
        share.
      </p>
      <div className="flex items-end gap-2">
        <AddWord modelId={modelId} onAdd={(added) => onChange(withAnchor(words, added))} />
        {anchors?.kind === 'only' && (
          <Button look="quiet" onClick={() => onChange(undefined)}>
            As proposed
          </Button>
        )}
      </div>
    </>
  );
}

function AddWord({
  modelId,
  onAdd,
}: {
  modelId: string | undefined;
  onAdd: (word: string) => void;
}) {
  const [text, setText] = useState('');
  const add = (word: string) => {
    const trimmed = word.trim().toLowerCase();
    if (trimmed) onAdd(trimmed);
    setText('');
  };
  return (
    <>
      <WordField
        label="Another word"
        className="w-52"
        {...{ modelId, value: text, onChange: setText, onCommit: add }}
      />
      <Button icon={<Plus size={16} />} disabled={!text.trim()} onClick={() => add(text)}>
        Add
      </Button>
    </>
  );
}
