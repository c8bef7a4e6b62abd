import { Plus } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { isRankTelling } from '../../src-shared/concept.ts';
import type { ConceptDetail, ConceptVersion } from '../../src-shared/conceptRecord.ts';
import { useStudioMutation, useStudioQuery } from '../studioQueries.ts';
import { IconButton } from '../ui/Button.tsx';
import { readDrift } from '../ui/driftWords.ts';
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
      {version?.drift && <DriftPanel drift={version.drift} />}
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

function DriftPanel({ drift }: { drift: NonNullable<ConceptVersion['drift']> }) {
  const { length, long } = readDrift(drift);
  return (
    <Panel title="Drift">
      <div className="flex items-center gap-4">
        <Gauge drift={drift} />
        <dl className="m-0 grid grow grid-cols-[1fr_auto] gap-x-3 gap-y-1 text-sm">
          <dt className="text-muted">Length</dt>
          <dd className="m-0 text-right">{length} words</dd>
          {isRankTelling(drift.percentile) && (
            <>
              <dt className="text-muted">Farther out than</dt>
              <dd className="m-0 text-right">{Math.round(drift.percentile)} % of words</dd>
            </>
          )}
        </dl>
      </div>
      <p className="mt-3 text-sm text-muted">{long}</p>
    </Panel>
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
