import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { useStudioQuery } from '../studioQueries.ts';
import { changeChoice, changeDraft, composeStore, editBoxes } from './composeStore.ts';
import { useStore } from './createStore.ts';
import { PromptField } from './PromptField.tsx';
import { markedPhrase } from './promptPhrases.ts';
import type { Composition } from './useComposition.ts';
import { useSettled } from './useSettled.ts';

/** The prompt with its length as the model counts it, and a way to place marked words. */
export function PromptPart({ composition }: { composition: Composition }) {
  const { draft } = useStore(composeStore);
  const length = usePromptLength(draft.prompt, composition);
  const [marked, setMarked] = useState('');
  const isCurrent = length?.prompt === draft.prompt;
  return (
    <PromptField
      value={draft.prompt}
      chips={composition.chips}
      overflow={isCurrent ? length.overflow : ''}
      lengthText={length?.text ?? ''}
      aside={marked !== '' && <PlaceMarked phrase={marked} />}
      onChange={(prompt) => changeDraft({ prompt })}
      onInsert={({ token }) => changeChoice(token, {})}
      onMark={(start, end) => setMarked(markedPhrase(draft.prompt, start, end))}
    />
  );
}

function PlaceMarked({ phrase }: { phrase: string }) {
  return (
    <button
      type="button"
      // The mark must stay until the click arrives.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => editBoxes({ type: 'add', phrase })}
      className="min-w-0 truncate rounded-sm text-accent underline"
    >
      Add a box for "{phrase}"
    </button>
  );
}

function usePromptLength(prompt: string, { model, concepts }: Composition) {
  const settled = useSettled(prompt, 250);
  const versionIds = concepts.flatMap(({ version }) => (version ? [version.id] : []));
  const { data } = useStudioQuery(
    'readPrompt',
    { modelId: model?.id ?? '', prompt: settled, versionIds },
    { enabled: model !== undefined && settled !== '', placeholderData: keepPreviousData },
  );
  if (!data || prompt === '') return undefined;
  const { tokens, limit, overflow } = data;
  const text = overflow
    ? `${tokens} of ${limit} tokens: the model does not see what is underlined. Shorten the prompt.`
    : `${tokens} of ${limit} tokens`;
  return { prompt: settled, overflow, text };
}
