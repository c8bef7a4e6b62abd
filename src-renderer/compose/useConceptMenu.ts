import { keepPreviousData } from '@tanstack/react-query';
import { type KeyboardEvent, useState } from 'react';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import { trainedOnly } from '../library/trainedOnly.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { type MenuAct, menuAct } from './conceptMenuKeys.ts';
import { fitting, type MenuQuery } from './promptPieces.ts';

/** The concepts that fit what was typed, and which of them a key would take. */
export interface ConceptMenuState {
  readonly concepts: readonly ConceptSummary[];
  /** Whether more may come. */
  readonly isLooking: boolean;
  readonly active: number;
  readonly setActive: (index: number) => void;
  readonly take: (concept: ConceptSummary) => void;
  activeId(listId: string): string | undefined;
  /** @returns whether the key was for the menu */
  onKeyDown(event: KeyboardEvent): boolean;
}

export function useConceptMenu(
  query: MenuQuery | undefined,
  take: (concept: ConceptSummary) => void,
  close: () => void,
): ConceptMenuState {
  const search = query?.text ?? '';
  const { data, isPending, isPlaceholderData } = useStudioQuery(
    'listConcepts',
    { ...trainedOnly, search, order: 'updated', limit: 30 },
    { enabled: query !== undefined, placeholderData: keepPreviousData },
  );
  const trained = data?.concepts ?? [];
  const concepts = isPlaceholderData ? fitting(trained, search) : trained;
  const [chosen, setChosen] = useState({ search, index: 0 });
  const active = chosen.search === search ? Math.min(chosen.index, concepts.length - 1) : 0;
  const setActive = (index: number) => setChosen({ search, index });
  const isLooking = isPending || isPlaceholderData;
  const { length: count } = concepts;
  const acts: Readonly<Record<MenuAct, () => void>> = {
    next: () => setActive((active + 1) % count),
    previous: () => setActive((active + count - 1) % count),
    take: () => take(concepts[active]),
    wait: () => undefined,
    close,
  };
  return {
    ...{ concepts, isLooking, active, setActive, take },
    activeId: (listId) => (concepts[active] ? `${listId}-${active}` : undefined),
    onKeyDown(event) {
      if (!query || event.ctrlKey || event.metaKey) return false;
      const act = menuAct(event.key, { count, isLooking });
      if (!act) return false;
      event.preventDefault();
      event.stopPropagation();
      acts[act]();
      return true;
    },
  };
}
