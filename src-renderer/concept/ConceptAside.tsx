import { Plus } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type ConceptDrift, isRankTelling } from '../../src-shared/concept.ts';
import type { ConceptDetail, ConceptVersion } from '../../src-shared/conceptRecord.ts';
import { useStudioMutation, useStudioQuery } from '../studioQueries.ts';
import { IconButton } from '../ui/Button.tsx';
import { isLearnedInWeights, readDrift } from '../ui/driftWords.ts';
import { causeText } from '../ui/ErrorNote.tsx';
import { Gauge } from '../ui/Gauge.tsx';
import { Panel } from '../ui/Panel.tsx';
import { Tag } from '../ui/Tag.tsx';
import { TextArea } from '../ui/TextArea.tsx';
import { TextField } from '../ui/TextField.tsx';
import { AnchorBars } from './AnchorBars.tsx';

interface ConceptAsideProps {
  concept: ConceptDetail;
  version: ConceptVersion | undefined;
}

/** What is worth knowing beside the pictures. */
export function ConceptAside({ concept, version }: ConceptAsideProps) {
  return (
    <aside aria-label="About the concept" className="flex flex-col gap-5">
      {version && <DriftPanel {...version} />}
      {version && (
        <Panel title="Anchors">
          <AnchorBars {...version} />
        </Panel>
      )}
      <Panel title="Tags">
        <Tags concept={concept} />
      </Panel>
      <Panel title="Notes">
        <Notes concept={concept} />
      </Panel>
    </aside>
  );
}

function DriftPanel({ drift, method }: Pick<ConceptVersion, 'drift' | 'method'>) {
  return (
    <Panel title="Drift">
      {drift ? (
        <Drift {...{ drift, method }} />
      ) : (
        <p className="text-sm text-muted">
          Not measured. Train another version to see how far its word lies from those that the model
          knows.
        </p>
      )}
    </Panel>
  );
}

function Drift({ drift, method }: Required<Pick<ConceptVersion, 'drift' | 'method'>>) {
  const { length, advice } = readDrift(drift);
  return (
    <div className="flex flex-col gap-3 text-sm">
      <div className="flex items-center gap-4">
        <Gauge drift={drift} />
        <p>
          Its word is <strong className="font-semibold">{length} as long</strong> as the model’s
          average word.
        </p>
      </div>
      <p className="text-muted">{advice}</p>
      {isLearnedInWeights(method) && (
        <p className="text-muted">
          This method learns in the model’s weights as well, which the word does not show: look at
          the pictures.
        </p>
      )}
      <DriftFigures drift={drift} />
    </div>
  );
}

function DriftFigures({ drift }: { drift: ConceptDrift }) {
  const { cosine } = readDrift(drift);
  return (
    <dl className="m-0 grid grid-cols-[1fr_auto] gap-x-3 gap-y-1 text-xs text-muted tabular-nums">
      {cosine !== undefined && (
        <>
          <dt>Cosine to its class word</dt>
          <dd className="m-0">{cosine}</dd>
        </>
      )}
      {isRankTelling(drift.percentile) && (
        <>
          <dt>Farther out than</dt>
          <dd className="m-0">{Math.round(drift.percentile)} % of the words</dd>
        </>
      )}
    </dl>
  );
}

function Tags({ concept: { id, tags } }: { concept: ConceptDetail }) {
  const [text, setText] = useState('');
  const known = useStudioQuery('listTags', {}).data?.tags ?? [];
  const change = useStudioMutation('changeConcept');
  const add = () => {
    const tag = text.trim();
    setText('');
    if (tag && !tags.includes(tag)) change.mutate({ id, tags: [...tags, tag] });
  };
  return (
    <div className="flex flex-col gap-3">
      {tags.length > 0 && (
        <ul className="m-0 flex list-none flex-wrap gap-1.5 p-0">
          {tags.map((tag) => (
            <li key={tag}>
              <Tag onRemove={() => change.mutate({ id, tags: tags.filter((one) => one !== tag) })}>
                {tag}
              </Tag>
            </li>
          ))}
        </ul>
      )}
      <form
        className="flex items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <TextField
          hideLabel
          label="Another tag"
          placeholder="Add a tag"
          maxLength={40}
          list="known-tags"
          className="grow"
          value={text}
          error={change.error ? causeText(change.error) : undefined}
          onChange={setText}
        />
        <datalist id="known-tags">
          {known.map(({ tag }) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
        <IconButton type="submit" label="Add the tag" icon={<Plus size={18} />} />
      </form>
    </div>
  );
}

/** Saved a moment after the last key, and when the box is left. What another window writes shows where nothing is unsaved. */
function Notes({ concept: { id, notes } }: { concept: ConceptDetail }) {
  const { text, unsaved, type, saved } = useNotesText(notes);
  const { mutate, error } = useStudioMutation('changeConcept');
  const save = useCallback(
    () => mutate({ id, notes: text }, { onSuccess: () => saved(text) }),
    [mutate, id, text, saved],
  );
  useEffect(() => {
    if (!unsaved) return;
    const timer = setTimeout(save, 800);
    return () => clearTimeout(timer);
  }, [unsaved, save]);
  return (
    <TextArea
      hideLabel
      label="Notes"
      rows={4}
      maxLength={20_000}
      placeholder="Anything to remember"
      value={text}
      hint={unsaved ? 'Saving' : '\u00a0'}
      error={error ? `Not saved: ${error.message}` : undefined}
      onChange={type}
      onBlur={() => unsaved && save()}
    />
  );
}

/** What is written here, which only typing makes different from what is stored: else two windows would save in turns. */
function useNotesText(stored: string) {
  const [text, setText] = useState(stored);
  const [unsaved, setUnsaved] = useState(false);
  const [known, setKnown] = useState(stored);
  if (known !== stored) {
    setKnown(stored);
    if (!unsaved) setText(stored);
  }
  const latest = useRef(text);
  latest.current = text;
  const type = (next: string) => {
    setText(next);
    setUnsaved(true);
  };
  /** More may have been typed while it was being saved. */
  const saved = useCallback((written: string) => {
    if (latest.current === written) setUnsaved(false);
  }, []);
  return { text, unsaved, type, saved };
}
