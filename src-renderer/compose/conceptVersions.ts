import type { ConceptVersion } from '../../src-shared/conceptRecord.ts';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';

/** Which trainings of a concept a model can take, and which one is taken. */

type Fitting = Pick<ModelRecord, 'id' | 'family' | 'builtIn'>;

/**
 * Trained on this model; or, of models that the user added, on another one of its family, whose words have the same
 * width. Newest first.
 */
export function fittingVersions(
  versions: readonly ConceptVersion[],
  model: Fitting,
  builtInId: string | undefined,
): ConceptVersion[] {
  return versions
    .filter(({ modelId, family }) => {
      if (modelId === model.id) return true;
      return !model.builtIn && modelId !== builtInId && family === model.family;
    })
    .sort((one, other) => other.number - one.number);
}

/** The wanted one; else the newest with anchors, which mixes best; else the newest. */
export function pickVersion(
  fitting: readonly ConceptVersion[],
  wanted: string | undefined,
): ConceptVersion | undefined {
  return (
    fitting.find(({ id }) => id === wanted) ??
    fitting.find(({ variant }) => variant === 'semantic') ??
    fitting[0]
  );
}

/** Which training a comparison would still need. */
export function missingVariant(
  fitting: readonly ConceptVersion[],
): 'plain' | 'semantic' | undefined {
  const has = (wanted: string) => fitting.some(({ variant }) => variant === wanted);
  if (!has('plain')) return 'plain';
  return has('semantic') ? undefined : 'semantic';
}

/** "v3, semantic" */
export function versionLabel({ number, variant }: Pick<ConceptVersion, 'number' | 'variant'>) {
  return `v${number}, ${variant}`;
}
