import { conceptVariants, type StoredVariant } from '../../src-shared/concept.ts';
import type { ConceptVersion } from '../../src-shared/conceptRecord.ts';

/** Concepts at most: each brings two versions, and the studio draws eight. */
export const mostConcepts = 4;

/**
 * The newest plain and the newest semantic version of a concept that belong to a model; where there is neither, the
 * newest that another program trained.
 */
export function versionsToShow<
  Version extends Pick<ConceptVersion, 'number' | 'variant' | 'modelId'>,
>({ versionList }: { readonly versionList: readonly Version[] }, modelId: string): Version[] {
  const newest = (variant: StoredVariant) =>
    versionList
      .filter((version) => version.variant === variant && version.modelId === modelId)
      .toSorted((one, other) => other.number - one.number)
      .slice(0, 1);
  const trained = conceptVariants.flatMap(newest);
  return trained.length > 0 ? trained : newest('foreign');
}

/** What each version is called on the map: by the token of its concept. */
export function titlesOf(
  concepts: readonly { token: string; versionList: readonly { id: string }[] }[],
): Map<string, string> {
  return new Map(
    concepts.flatMap(({ token, versionList }) => versionList.map(({ id }) => [id, token] as const)),
  );
}

/** Ids with one more, or without it. */
export function toggledId(ids: readonly string[], id: string): string[] {
  return ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
}
