import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ConceptDetail, ConceptVersion } from '../../src-shared/conceptRecord.ts';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { call } from '../studioApi.ts';
import { studioQueryKey } from '../studioQueries.ts';
import type { ConceptChoice } from './compositionDraft.ts';
import { asTrained } from './compositionDraft.ts';
import { fittingVersions, pickVersion } from './conceptVersions.ts';
import { conceptTokens } from './promptPieces.ts';

/** A word of the prompt that names a concept, or looks as if. */
export interface PromptConcept {
  readonly token: string;
  /** asking. ready. unknown: no concept is called so. untrained: it has no version. unfit: none for this model. */
  readonly state: 'asking' | 'ready' | 'unknown' | 'untrained' | 'unfit';
  readonly concept?: ConceptDetail;
  /** Versions that the model can take, newest first. */
  readonly fitting: readonly ConceptVersion[];
  readonly version?: ConceptVersion;
  readonly strength: number;
}

/** The concepts of a prompt, in its order, with the versions that are taken of them. */
export function usePromptConcepts(
  prompt: string,
  choices: Readonly<Record<string, ConceptChoice>>,
  model: ModelRecord | undefined,
  builtInId: string | undefined,
): readonly PromptConcept[] {
  const known = Object.keys(choices);
  const tokens = conceptTokens(prompt, known);
  const found = useQueries({ queries: tokens.map(conceptQueryOf) });
  const details = useQueries({
    queries: found.map(({ data }) => detailQueryOf(data?.concept?.id)),
  });
  const key = JSON.stringify([tokens, choices, model?.id, builtInId]);
  const answers = [...found, ...details].map(({ dataUpdatedAt, status }) => [
    dataUpdatedAt,
    status,
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: both keys say when the answers have changed
  return useMemo(() => {
    return tokens.map((token, index) => {
      const { strength, versionId } = choices[token] ?? asTrained;
      const none = { token, strength, fitting: [] };
      if (found[index].isPending) return { ...none, state: 'asking' };
      if (!found[index].data?.concept) return { ...none, state: 'unknown' };
      const concept = details[index].data;
      if (!concept || !model) return { ...none, state: 'asking' };
      if (concept.versionList.length === 0) return { ...none, concept, state: 'untrained' };
      const fitting = fittingVersions(concept.versionList, model, builtInId);
      const version = pickVersion(fitting, versionId);
      return { ...none, concept, fitting, version, state: version ? 'ready' : 'unfit' };
    });
  }, [key, JSON.stringify(answers)]);
}

function conceptQueryOf(token: string) {
  return {
    queryKey: studioQueryKey('conceptWithToken', { token }),
    queryFn: () => call('conceptWithToken', { token }),
  };
}

function detailQueryOf(id: string | undefined) {
  return {
    queryKey: studioQueryKey('getConcept', { id: id ?? '' }),
    queryFn: () => call('getConcept', { id: id ?? '' }),
    enabled: id !== undefined,
  };
}
