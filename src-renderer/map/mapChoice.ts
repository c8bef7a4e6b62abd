import type { ConceptVersion } from '../../src-shared/conceptRecord.ts';

/** Concepts at most: each brings two versions, and the studio draws eight. */
export const mostConcepts = 4;

/** The newest plain and the newest semantic version of a concept that belong to a model. */
export function versionsToShow<
  Version extends Pick<ConceptVersion, 'number' | 'variant' | 'modelId'>,
>({ versionList }: { readonly versionList: readonly Version[] }, modelId: string): Version[] {
  return (['plain', 'semantic'] as const).flatMap((variant) => {
    const newest = versionList
      .filter((version) => version.variant === variant && version.modelId === modelId)
      .reduce<Version | undefined>(
        (best, version) => (best && best.number > version.number ? best : version),
        undefined,
      );
    return newest ? [newest] : [];
  });
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
