import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ConceptDescription } from '../../src-shared/concept.ts';
import {
  type ConceptDetail,
  type ConceptSummary,
  conceptNaming,
} from '../../src-shared/conceptRecord.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import type { StudioRequest } from '../../src-shared/studioApi.ts';
import { withNames } from '../jobs/fileNames.ts';
import type { NewVersion } from '../library/conceptVersions.ts';
import type { StoredModel } from '../library/modelRepository.ts';
import type { Handlers } from './handlers.ts';
import { processorOf, usableModel } from './models.ts';
import type { StudioContext } from './studioContext.ts';
import { takenBy, vocabularyProblem } from './words.ts';

/** Files of concepts that come from elsewhere. */
export const importHandlers: Handlers<'readForeign' | 'importConcept'> = {
  readForeign: ({ library, reader }, { blob, name }) => {
    const path = library.blobs.path(blob);
    return withNames(new Map([[path, name]]), () => reader.call('describeForeign', { path, name }));
  },
  importConcept: async (studio, { blob, name, foreign }, { signal }) => {
    const imported = foreign
      ? await convertForeign(studio, { blob, name }, foreign)
      : { blob, name, description: await describeFile(studio, { blob, name }) };
    const concept = await addImported(studio, imported, signal);
    studio.changed('concepts');
    return concept;
  },
};

interface NamedFile {
  readonly blob: BlobHash;
  /** As the user knows it. */
  readonly name: string;
}

interface Imported extends NamedFile {
  readonly description: ConceptDescription;
}

async function describeFile(
  { library, reader }: StudioContext,
  { blob, name }: NamedFile,
): Promise<ConceptDescription> {
  const path = library.blobs.path(blob);
  const description = await withNames(new Map([[path, name]]), () =>
    reader.call('describeConcept', { path }),
  );
  if (description.classWord !== '') return description;
  throw new InputError(`${name}: the concept has no class word; train it again with one`);
}

/** The library keeps a concept file, made of the other program's and of what the user says of it. */
async function convertForeign(
  studio: StudioContext,
  { blob, name }: NamedFile,
  { modelId, token, classWord, embedding }: NonNullable<StudioRequest<'importConcept'>['foreign']>,
): Promise<Imported> {
  const { library, reader } = studio;
  const taken = takenBy(studio, token);
  if (taken !== undefined) throw new InputError(taken);
  const model = await usableModel(studio, modelId);
  const file = library.blobs.path(blob);
  const wordFile = embedding && library.blobs.path(embedding.blob);
  const names = new Map([
    [file, name],
    [model.path, `"${model.name}"`],
    ...(embedding && wordFile ? [[wordFile, embedding.name] as const] : []),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'tessera-import-'));
  try {
    const out = join(folder, 'concept.safetensors');
    // On the processor: a device may be in use, and a product of a few rows with a table takes no time.
    const choice = { model: model.path, ...processorOf(studio) };
    const description = await withNames(names, () =>
      reader.call('importForeign', {
        ...choice,
        ...{ file, token, classWord, out },
        ...(wordFile && { embedding: wordFile }),
      }),
    );
    return { name, description, blob: (await library.blobs.putFile(out)).hash };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The twin of a concept that is there, trained the other way, becomes another version of it.
 *
 * @throws InputError where the file's words are none that a concept of the library can have
 */
async function addImported(
  studio: StudioContext,
  { blob, name, description }: Imported,
  signal: AbortSignal,
): Promise<ConceptSummary> {
  const { concepts, models } = studio.library;
  const { token, classWord, vectors } = description;
  const naming = parseInput(conceptNaming, { name: nameOf(name), token, classWord }, name);
  const model = models.list().find((known) => isModelOf(known, description));
  const version = versionOf(description, blob, model);
  const problem = model && (await vocabularyProblem(studio, { token, vectors }, [model], signal));
  if (problem !== undefined) throw new InputError(`${name}: ${problem}`);
  const holder = concepts.withToken(naming.token);
  if (holder) {
    requireTwin(concepts.detail(holder.id), version, name);
    concepts.addVersion(holder.id, version);
    return concepts.summary(holder.id);
  }
  return concepts.create(naming, version);
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

/** Same model, method and settings of the file; the other variant. What another program trained has no twin. */
function isTwin(known: readonly Omit<NewVersion, 'path'>[], version: NewVersion): boolean {
  const same = ['method', 'modelName', 'family', 'vectors', 'steps'] as const;
  return (
    version.variant !== 'foreign' &&
    known.every(({ variant }) => variant !== version.variant && variant !== 'foreign') &&
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
  const base = fileName.replace(/\.(safetensors|pt|bin|png)$/i, '').replace(/\.plain$/i, '');
  return base.trim().slice(0, 120) || 'Imported concept';
}
