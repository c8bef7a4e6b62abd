import type { CompositionSettings } from '../../src-shared/composition.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { EngineParams } from '../engine/protocol.ts';
import type { FileNames } from '../jobs/fileNames.ts';
import type { OwnedVersion } from '../library/conceptRepository.ts';
import type { StoredModel } from '../library/modelRepository.ts';
import type { StudioContext } from './studioContext.ts';

/** A concept as a composition uses it. */
export interface UsedConcept extends OwnedVersion {
  /** As in the prompt. */
  readonly token: string;
  readonly strength: number;
  /** Of its file. */
  readonly path: string;
}

const familyNames = { sd1: 'Stable Diffusion 1', sd2: 'Stable Diffusion 2' } as const;

/**
 * The concepts of a composition, which its model must be able to use.
 *
 * @throws InputError where one was made for another family, or two have one token
 */
export function usedConcepts(
  { library }: StudioContext,
  model: StoredModel,
  uses: CompositionSettings['concepts'],
): UsedConcept[] {
  const concepts = uses.map(({ versionId, token, strength }) => {
    const owned = library.concepts.version(versionId);
    return { ...owned, token, strength, path: library.blobs.path(owned.version.file) };
  });
  for (const concept of concepts) requireFamily(model, concept);
  requireOwnTokens(concepts);
  return concepts;
}

function requireFamily(model: StoredModel, { concept, version }: UsedConcept): void {
  const { family } = model.inspection;
  if (family === undefined || family === version.family) return;
  throw new InputError(
    `"${concept.name}" was made for ${version.modelName} (${familyNames[version.family]}), but "${model.name}" is ${familyNames[family]}: compose with the model it was made for, or train the concept on "${model.name}"`,
  );
}

function requireOwnTokens(concepts: readonly UsedConcept[]): void {
  for (const [token, sharing] of Map.groupBy(concepts, (concept) => concept.token)) {
    if (sharing.length === 1) continue;
    const names = sharing.map(({ concept }) => `"${concept.name}"`).join(' and ');
    throw new InputError(
      `${names} both have the token ${token}: a prompt cannot tell them apart; leave one of them out`,
    );
  }
}

/** How the engine uses their files. */
export function engineUses(
  concepts: readonly UsedConcept[],
): NonNullable<EngineParams<'composePictures'>['uses']> {
  return Object.fromEntries(
    concepts.map(({ path, token, strength }) => [path, { token, strength }] as const),
  );
}

/** What messages call the files of a composition. */
export function fileNamesOf(model: StoredModel, concepts: readonly UsedConcept[]): FileNames {
  const names = concepts.map(({ path, concept }) => [path, `"${concept.name}"`] as const);
  return new Map([...names, [model.path, `"${model.name}"`]]);
}
