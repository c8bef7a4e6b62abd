import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { composeStore } from './composeStore.ts';
import { type DraftSettings, settingsOf } from './compositionDraft.ts';
import { useStore } from './createStore.ts';
import { pictureSize, sizeProblem } from './pictureSize.ts';
import { isInPrompt, layoutOf } from './placedBoxes.ts';
import { type PromptConcept, usePromptConcepts } from './usePromptConcepts.ts';

/** The draft with what the library knows about it. */
export interface Composition {
  readonly models: readonly ModelRecord[];
  readonly model: ModelRecord | undefined;
  readonly concepts: readonly PromptConcept[];
  /** Tokens that are chips. */
  readonly chips: readonly string[];
  /** Why it cannot be composed as it is, in a sentence. */
  readonly obstacle: string | undefined;
  /** What would be sent; only without an obstacle. */
  readonly settings: DraftSettings | undefined;
}

export function useComposition(): Composition {
  const { draft, editor } = useStore(composeStore);
  const { data: library } = useStudioQuery('listModels', {});
  const { data: preferences } = useStudioQuery('getSettings', {});
  const models = library?.models ?? [];
  const builtIn = models.find((model) => model.builtIn);
  const wanted = draft.modelId ?? preferences?.modelId;
  const model = models.find(({ id }) => id === wanted) ?? builtIn ?? models[0];
  const concepts = usePromptConcepts(draft.prompt, draft.choices, model, builtIn?.id);
  const obstacle =
    obstacleOf(draft.prompt, model, concepts) ??
    sizeProblem(pictureSize(draft.size, model), model?.sizeStep ?? 8);
  const boxes = editor.boxes.filter(({ phrase }) => isInPrompt(phrase, draft.prompt));
  const uses = concepts.flatMap(({ token, version, strength }) =>
    version ? [{ token, versionId: version.id, strength }] : [],
  );
  return {
    models,
    model,
    concepts,
    chips: concepts.filter(({ concept }) => concept).map(({ token }) => token),
    obstacle,
    settings: model && !obstacle ? settingsOf(draft, model.id, uses, layoutOf(boxes)) : undefined,
  };
}

function obstacleOf(
  prompt: string,
  model: ModelRecord | undefined,
  concepts: readonly PromptConcept[],
): string | undefined {
  if (!model) return 'The models are being read.';
  if (model.problem) return `${model.name} cannot be used: ${model.problem}`;
  if (prompt.trim() === '') return 'Write a prompt first; "/" brings in a concept.';
  if (concepts.length > 8) return 'A picture takes at most 8 concepts; take some out.';
  return concepts.map((concept) => conceptObstacle(concept, model)).find(Boolean);
}

/** Why a concept of the prompt cannot be used; undefined where it can. */
export function conceptObstacle(
  { token, state }: PromptConcept,
  model: ModelRecord,
): string | undefined {
  switch (state) {
    case 'ready':
      return undefined;
    case 'asking':
      return `${token} is being looked up.`;
    case 'unknown':
      return `No concept is called ${token}. Take it out, or train one.`;
    case 'untrained':
      return `${token} has not been trained yet.`;
    case 'unfit':
      return `${token} was not trained on ${model.name}. Choose its model, or train it on this one.`;
  }
}
