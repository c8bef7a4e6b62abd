import type { ConceptVersion } from '../../src-shared/conceptRecord.ts';

/** How the versions of a concept belong together. */

/** The version that was trained together with this one the other way, from the same seed; they can be compared. */
export function twinOf(
  version: ConceptVersion,
  versions: readonly ConceptVersion[],
): ConceptVersion | undefined {
  return versions.find(
    (other) =>
      other.variant !== version.variant &&
      Math.abs(other.number - version.number) === 1 &&
      other.method === version.method &&
      other.parentId === version.parentId &&
      other.steps === version.steps &&
      other.settings?.seed === version.settings?.seed,
  );
}

/** A version and its twin, the plain one first. */
export function pairOf(
  version: ConceptVersion,
  versions: readonly ConceptVersion[],
): ConceptVersion[] {
  const twin = twinOf(version, versions);
  if (!twin) return [version];
  return version.variant === 'plain' ? [version, twin] : [twin, version];
}

/** The number of the version that one was made from. */
export function parentNumber(
  { parentId }: ConceptVersion,
  versions: readonly ConceptVersion[],
): number | undefined {
  return versions.find(({ id }) => id === parentId)?.number;
}

/** Whether a plain and a semantic version are there, which a comparison needs. */
export function canCompare(versions: readonly ConceptVersion[]): boolean {
  return ['plain', 'semantic'].every((variant) => versions.some((one) => one.variant === variant));
}

/** A name for the file of a version: "minka-v2-semantic.safetensors". */
export function fileNameOf(token: string, { number, variant }: ConceptVersion): string {
  const stem = token.replace(/[^\p{L}\p{N}-]+/gu, '') || 'concept';
  return `${stem}-v${number}-${variant}.safetensors`;
}
