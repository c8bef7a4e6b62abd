import { type TrainingMethod, trainingMethods } from '../../src-shared/concept.ts';
import { conceptOrders } from '../../src-shared/conceptRecord.ts';
import type { StudioInput } from '../../src-shared/studioApi.ts';

/** Which concepts the library shows. It stands in the address, so that going back returns to it. */

export type ConceptOrder = (typeof conceptOrders)[number];

export interface LibraryFilter {
  readonly search: string;
  readonly tags: readonly string[];
  readonly methods: readonly TrainingMethod[];
  readonly favourite: boolean;
  readonly trash: boolean;
  readonly order: ConceptOrder;
}

export const noFilter: LibraryFilter = {
  ...{ search: '', tags: [], methods: [], favourite: false, trash: false, order: 'newest' },
};

export const orderWords: Readonly<Record<ConceptOrder, string>> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  updated: 'Changed last',
  name: 'Name',
  drift: 'Least drift first',
};

/** Reads a filter from an address; what cannot be read counts as not said. */
export function filterFromAddress(address: string): LibraryFilter {
  const given = new URLSearchParams(address);
  return {
    search: (given.get('search') ?? '').slice(0, 200),
    tags: given.getAll('tag'),
    methods: trainingMethods.filter((method) => given.getAll('method').includes(method)),
    favourite: given.get('favourite') === '1',
    trash: given.get('trash') === '1',
    order: conceptOrders.find((order) => order === given.get('order')) ?? 'newest',
  };
}

/** As {@link filterFromAddress} reads it; empty where nothing is filtered. */
export function addressOfFilter(filter: LibraryFilter): string {
  const address = new URLSearchParams();
  if (filter.search) address.set('search', filter.search);
  for (const tag of filter.tags) address.append('tag', tag);
  for (const method of filter.methods) address.append('method', method);
  if (filter.favourite) address.set('favourite', '1');
  if (filter.trash) address.set('trash', '1');
  if (filter.order !== 'newest') address.set('order', filter.order);
  return address.toString();
}

/** The call's input for one slice. */
export function queryOf(
  { search, tags, methods, favourite, trash, order }: LibraryFilter,
  offset: number,
  limit: number,
): StudioInput<'listConcepts'> {
  return {
    ...{ search: search.trim(), tags: [...tags], methods: [...methods], trash, order },
    ...{ offset, limit },
    ...(favourite && { favourite }),
  };
}

/** Whether anything but the trash narrows the concepts down. */
export function isFiltered({ search, tags, methods, favourite }: LibraryFilter): boolean {
  return Boolean(search.trim() || tags.length || methods.length || favourite);
}

/** A list with a value added, or without it. */
export function toggledIn<Value>(list: readonly Value[], value: Value): Value[] {
  return list.includes(value) ? list.filter((one) => one !== value) : [...list, value];
}
