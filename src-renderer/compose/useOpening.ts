import { useEffect, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { call } from '../studioApi.ts';
import { idsInSearch } from '../ui/routes.ts';
import { loadComposition, loadConcepts } from './composeActions.ts';

/** @param search the address behind its question mark */
type Opener = (search: string) => Promise<void>;

/**
 * Loads what the address names: a kept picture, or concepts. Then takes it out of the address, so that coming back later
 * finds what the user has made of it.
 *
 * @param open a function that stays the same
 * @returns why it could not be loaded
 */
export function useOpening(path: string, open: Opener = openForComposing): unknown {
  const search = useSearch();
  const [, navigate] = useLocation();
  const [failure, setFailure] = useState<unknown>();
  const handled = useRef<string>(undefined);
  useEffect(() => {
    if (search === '' || handled.current === search) return;
    handled.current = search;
    navigate(path, { replace: true });
    setFailure(undefined);
    open(search).catch(setFailure);
  }, [search, path, open, navigate]);
  return failure;
}

export async function openForComposing(search: string): Promise<void> {
  const query = new URLSearchParams(search);
  const composition = query.get('composition');
  if (composition) {
    const kept = await call('getComposition', { id: composition });
    return loadComposition(kept, query.get('vary') === '1');
  }
  const ids = [...idsInSearch(search, 'concepts'), ...idsInSearch(search, 'concept')];
  const concepts = await Promise.all(ids.map((id) => call('getConcept', { id })));
  loadConcepts(concepts, idsInSearch(search, 'versions'));
}
