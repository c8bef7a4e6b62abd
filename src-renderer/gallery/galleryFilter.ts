import { type ComparisonWay, comparisonWays } from '../../src-shared/composition.ts';
import { rowId } from '../../src-shared/ids.ts';
import type { StudioInput } from '../../src-shared/studioApi.ts';

/** Which pictures the gallery shows. It stands in the address, so that going back returns to it. */
export type GalleryFilter = {
  readonly search: string;
  readonly conceptId?: string;
  readonly modelId?: string;
  readonly minimumRating: number;
  readonly way?: ComparisonWay;
  readonly trash: boolean;
};

/** Names every field, so that a change to it takes all of them back. */
export const noFilter: GalleryFilter = {
  search: '',
  conceptId: undefined,
  modelId: undefined,
  minimumRating: 0,
  way: undefined,
  trash: false,
};

/** Reads a filter from an address; what cannot be read counts as not said. */
export function filterFromAddress(address: string): GalleryFilter {
  const given = new URLSearchParams(address);
  const rating = Number(given.get('rating') ?? 0);
  return {
    search: (given.get('search') ?? '').slice(0, 200),
    minimumRating: [1, 2, 3, 4, 5].includes(rating) ? rating : 0,
    trash: given.get('trash') === '1',
    conceptId: idFrom(given.get('concept')),
    modelId: idFrom(given.get('model')),
    way: comparisonWays.find((way) => way === given.get('way')),
  };
}

function idFrom(text: string | null): string | undefined {
  return rowId.safeParse(text).data;
}

/** As {@link filterFromAddress} reads it; empty where nothing is filtered. */
export function addressOfFilter(filter: GalleryFilter): string {
  const address = new URLSearchParams();
  if (filter.search) address.set('search', filter.search);
  if (filter.conceptId) address.set('concept', filter.conceptId);
  if (filter.modelId) address.set('model', filter.modelId);
  if (filter.minimumRating > 0) address.set('rating', String(filter.minimumRating));
  if (filter.way) address.set('way', filter.way);
  if (filter.trash) address.set('trash', '1');
  return address.toString();
}

/** The call's input for one slice. Absent fields are left out: they would make another key of the cache. */
export function queryOf(
  { search, conceptId, modelId, minimumRating, way, trash }: GalleryFilter,
  offset: number,
  limit: number,
): StudioInput<'listCompositions'> {
  return {
    search: search.trim(),
    minimumRating,
    trash,
    offset,
    limit,
    ...(conceptId && { conceptId }),
    ...(modelId && { modelId }),
    ...(way && { way }),
  };
}

/** Whether anything but the trash narrows the pictures down. */
export function isFiltered({
  search,
  conceptId,
  modelId,
  minimumRating,
  way,
}: GalleryFilter): boolean {
  return Boolean(search.trim() || conceptId || modelId || minimumRating || way);
}
