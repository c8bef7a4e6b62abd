import { basename } from 'node:path';
import type { ConceptDescription } from '../../src-shared/concept.ts';
import type { ConceptDetail, ConceptSummary } from '../../src-shared/conceptRecord.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { withNames } from '../jobs/fileNames.ts';
import type { NewVersion } from '../library/conceptRepository.ts';
import type { StoredModel } from '../library/modelRepository.ts';
import type { Handlers } from './handlers.ts';
import type { StudioContext } from './studioContext.ts';

/** Concepts of the library. */
export const conceptHandlers: Handlers<
  | 'listConcepts'
  | 'getConcept'
  | 'changeConcept'
  | 'trashConcepts'
  | 'untrashConcepts'
  | 'deleteConcepts'
  | 'listTags'
  | 'importConcept'
> = {
  listConcepts: ({ library }, query) => library.concepts.list(query),
  getConcept: ({ library }, { id }) => library.concepts.detail(id),
  changeConcept: ({ library, changed }, change) => {
    const concept = library.concepts.change(change);
    changed('concepts');
    return concept;
  },
  trashConcepts: ({ library, changed }, { ids }) => {
    library.concepts.trash(ids);
    changed('concepts');
    return {};
  },
  untrashConcepts: ({ library, changed }, { ids }) => {
    library.concepts.untrash(ids);
    changed('concepts');
    return {};
  },
  deleteConcepts: ({ library, changed }, { ids }) => {
    library.concepts.remove(ids);
    changed('concepts');
    return {};
  },
  listTags: ({ library }) => ({ tags: library.concepts.tags() }),
  importConcept: async (studio, { blob, name }) => {
    const description = await describeFile(studio, blob, name);
    const concept = addImported(studio, description, { blob, name });
    studio.changed('concepts');
    return concept;
  },
};

async function describeFile(
  { library, reader }: StudioContext,
  blob: BlobHash,
  name: string,
): Promise<ConceptDescription> {
  const path = library.blobs.path(blob);
  const description = await withNames(new Map([[path, name]]), () =>
    reader.call('describeConcept', { path }),
  );
  if (description.classWord !== '') return description;
  throw new InputError(`${name}: the concept has no class word; train it again with one`);
}

interface Imported {
  readonly blob: BlobHash;
  /** Of the file. */
  readonly name: string;
}

/** The twin of a concept that is there, trained the other way, becomes another version of it. */
function addImported(
  { library: { concepts, models } }: StudioContext,
  description: ConceptDescription,
  { blob, name }: Imported,
): ConceptSummary {
  const model = models.list().find((known) => isModelOf(known, description));
  const version = versionOf(description, blob, model);
  const { token, classWord } = description;
  const holder = concepts.withToken(token);
  if (holder) {
    requireTwin(concepts.detail(holder.id), version, name);
    concepts.addVersion(holder.id, version);
    return concepts.summary(holder.id);
  }
  const concept = concepts.create({ name: nameOf(name), token, classWord });
  concepts.addVersion(concept.id, version);
  return concepts.summary(concept.id);
}

/** A training names its model by the file; the built-in one has another name in the library. */
function isModelOf({ path, name, inspection }: StoredModel, trained: ConceptDescription): boolean {
  const names = [name, basename(path, '.safetensors')];
  const sameFamily = inspection.family === undefined || inspection.family === trained.family;
  return sameFamily && names.includes(trained.modelName);
}

/** @throws InputError where the concept that has the token of the file is not of the same training */
function requireTwin(holder: ConceptDetail, version: NewVersion, name: string): void {
  const known = holder.versionList.find(({ file }) => file === version.file);
  if (known) {
    throw new InputError(
      `${name} is in the library already: it is version ${known.number} of "${holder.name}"`,
    );
  }
  if (isTwin(holder.versionList, version)) return;
  throw new InputError(
    `${name} has the token ${holder.token}, which belongs to "${holder.name}": give "${holder.name}" another token with "Rename", or move it to the trash, and import the file again`,
  );
}

/** Same model, method and settings of the file; the other variant. */
function isTwin(known: readonly Omit<NewVersion, 'path'>[], version: NewVersion): boolean {
  const same = ['method', 'modelName', 'family', 'vectors', 'steps'] as const;
  return (
    known.every(({ variant }) => variant !== version.variant) &&
    known.some((other) => same.every((field) => other[field] === version[field]))
  );
}

function versionOf(
  description: ConceptDescription,
  file: BlobHash,
  model: StoredModel | undefined,
): NewVersion {
  const { variant, method, family, vectors, steps, loss, drift, anchors } = description;
  return {
    ...{ variant, method, file, family, vectors, steps, loss, drift, anchors },
    ...{ modelId: model?.id, modelName: model?.name ?? description.modelName },
    engineVersion: description.engineVersion ?? 'unknown',
    previews: [],
    photos: [],
  };
}

/** my-cat.plain.safetensors -> my-cat */
function nameOf(fileName: string): string {
  const base = fileName.replace(/\.safetensors$/i, '').replace(/\.plain$/i, '');
  return base.trim().slice(0, 120) || 'Imported concept';
}
