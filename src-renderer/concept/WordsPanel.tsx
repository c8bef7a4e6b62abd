import { useStudioQuery } from '../studioQueries.ts';
import { Panel } from '../ui/Panel.tsx';
import { Tag } from '../ui/Tag.tsx';
import { TextField } from '../ui/TextField.tsx';
import type { ConceptDraft, DraftProblems } from './conceptDraft.ts';
import type { ChangeDraft } from './draftStore.ts';
import { tokenFromName } from './tokenNames.ts';
import { WordField } from './WordField.tsx';

interface WordsPanelProps {
  draft: ConceptDraft;
  change: ChangeDraft;
  problems: DraftProblems;
  modelId: string | undefined;
}

/** How the concept is called: in the library, in prompts, and what it is. */
export function WordsPanel({ draft, change, problems, modelId }: WordsPanelProps) {
  const { name, token, ownToken, classWord, conceptId } = draft;
  // the engine that knows the words is started now, so that the first ones are proposed at once
  useStudioQuery(
    'suggestWords',
    { modelId: modelId ?? '', prefix: 'a', limit: 1 },
    { enabled: modelId !== undefined },
  );
  if (conceptId) return <KnownWords draft={draft} />;
  return (
    <Panel title="Words">
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-3">
        <TextField
          label="Name"
          hint="As the library shows it."
          placeholder="Minka"
          maxLength={120}
          value={name}
          error={problems.name}
          onChange={(next) =>
            change({ name: next, ...(!ownToken && { token: tokenFromName(next) }) })
          }
        />
        <WordField
          label="Class word"
          hint="What it is: cat, teapot, robot."
          placeholder="cat"
          {...{ modelId, value: classWord }}
          error={problems.classWord}
          onChange={(next) => change({ classWord: next })}
        />
        <TextField
          mono
          label="Token"
          hint="The new word, for prompts."
          placeholder="<minka>"
          maxLength={60}
          value={token}
          error={problems.token}
          onChange={(next) => change({ token: next, ownToken: next !== '' })}
        />
      </div>
      <p className="mt-4 text-sm wrap-anywhere text-muted">
        In prompts: “a photo of a{' '}
        <span className="rounded-sm bg-accent-soft px-1 font-mono text-accent">
          {token || '<minka>'}
        </span>{' '}
        {classWord || 'cat'}”
      </p>
    </Panel>
  );
}

function KnownWords({ draft: { name, token, classWord } }: { draft: ConceptDraft }) {
  return (
    <Panel title="Words">
      <p className="flex flex-wrap items-center gap-2">
        A new version of <strong className="font-semibold">{name}</strong>
        <Tag tone="accent" className="font-mono">
          {token}
        </Tag>
        <Tag>{classWord}</Tag>
      </p>
    </Panel>
  );
}
