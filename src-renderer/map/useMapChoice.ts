import { type UseQueryResult, useQueries } from '@tanstack/react-query';
import { useLocation, useSearch } from 'wouter';
import type { ConceptDetail } from '../../src-shared/conceptRecord.ts';
import { trainedOnly } from '../library/trainedOnly.ts';
import { call } from '../studioApi.ts';
import { studioQueryKey, useStudioQuery } from '../studioQueries.ts';
import { idsInSearch, routes } from '../ui/routes.ts';
import { mostConcepts } from './mapChoice.ts';

/** The model and the concepts that the map is of. They stand in the address; where it names none, the newest trained
 * concept and its model are shown. */
export function useMapChoice() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const { data: models } = useStudioQuery('listModels', {});
  const { data: settings } = useStudioQuery('getSettings', {});
  const newest = useStudioQuery('listConcepts', { ...trainedOnly, order: 'newest', limit: 1 });
  const given = new URLSearchParams(search);
  const named = given.has('concepts') ? idsInSearch(search, 'concepts') : undefined;
  const newestId = newest.data?.concepts.at(0)?.id;
  const ids = (named ?? (newestId ? [newestId] : [])).slice(0, mostConcepts);
  const { concepts, failed, isPending } = useConcepts(ids);

  const usable = models?.models.filter(({ problem }) => !problem) ?? [];
  const wanted = [given.get('model'), modelOf(concepts), settings?.modelId];
  const known = wanted.find((id) => usable.some((model) => model.id === id));
  const modelId = known ?? (usable.find(({ builtIn }) => builtIn) ?? usable.at(0))?.id;

  const choose = (next: { ids?: readonly string[]; modelId?: string }) => {
    const address = new URLSearchParams({ concepts: (next.ids ?? ids).join(',') });
    const model = next.modelId ?? given.get('model');
    if (model) address.set('model', model);
    navigate(`${routes.map}?${address}`, { replace: true });
  };
  return {
    ids,
    concepts,
    failed,
    models: usable,
    modelId,
    /** All that the map depends on is known. */
    isSettled: !isPending && models !== undefined && (named !== undefined || !newest.isPending),
    chooseConcepts: (next: readonly string[]) => choose({ ids: next }),
    chooseModel: (next: string) => choose({ modelId: next }),
  };
}

export type MapChoice = ReturnType<typeof useMapChoice>;

function useConcepts(ids: readonly string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: studioQueryKey('getConcept', { id }),
      queryFn: (): Promise<ConceptDetail> => call('getConcept', { id }),
    })),
    combine: conceptsOf,
  });
}

/** Not made anew as long as the answers are the same: the map is prepared from it. */
function conceptsOf(queries: readonly UseQueryResult<ConceptDetail, Error>[]) {
  return {
    concepts: queries.flatMap(({ data }) => (data ? [data] : [])),
    failed: queries.find(({ error }) => error)?.error,
    isPending: queries.some((query) => query.isPending),
  };
}

/** The model of a concept's newest version. */
function modelOf(concepts: readonly ConceptDetail[]): string | undefined {
  return concepts.at(0)?.versionList.at(0)?.modelId;
}
