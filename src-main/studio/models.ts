import { basename } from 'node:path';
import { InputError } from '../../src-shared/inputError.ts';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { readBuiltIns } from '../jobs/builtIns.ts';
import {
  type ModelFingerprint,
  modelRecordOf,
  type StoredModel,
} from '../library/modelRepository.ts';
import { jobOptions } from './callOptions.ts';
import type { Handlers } from './handlers.ts';
import { fingerprintOf, inspectModel, locateModel } from './modelFiles.ts';
import type { StudioContext } from './studioContext.ts';

/** Checkpoints that the library knows. */
export const modelHandlers: Handlers<'listModels' | 'addModel' | 'renameModel' | 'removeModel'> = {
  listModels: async (studio) => ({
    models: await Promise.all(studio.library.models.list().map((model) => current(studio, model))),
  }),
  addModel: async (studio, { path }, options) => {
    const located = await locateModel(path);
    const known = studio.library.models.withPath(located);
    if (known) return current(studio, known);
    const described = await inspectModel(studio.reader, located, jobOptions(options));
    options.signal.throwIfAborted();
    const name = basename(located).replace(/\.safetensors$/i, '');
    const model = { name, path: located, builtIn: false, ...described };
    const added = studio.library.models.add(model);
    studio.changed('models');
    return modelRecordOf(added);
  },
  renameModel: ({ library, changed }, { id, name }) => {
    const renamed = library.models.rename(id, name);
    changed('models');
    return modelRecordOf(renamed);
  },
  removeModel: ({ library, changed }, { id }) => {
    library.models.remove(id);
    changed('models');
    return {};
  },
};

/** Adds what comes with the program, or moves it to where the program lies now. */
export async function registerBuiltIns(studio: StudioContext): Promise<void> {
  const { model: path } = await readBuiltIns();
  const located = await locateModel(path);
  const known = studio.library.models.withPath(located);
  if (known && isOf(known, await fingerprintOf(located))) return;
  const described = await inspectModel(studio.reader, located);
  studio.library.models.add({ name: 'Toybox', path: located, builtIn: true, ...described });
}

/** Whether the model's files are the ones that were inspected. */
function isOf({ fingerprint }: StoredModel, now: ModelFingerprint | undefined): boolean {
  return now?.bytes === fingerprint.bytes && now.modifiedAt === fingerprint.modifiedAt;
}

/** The model as it is now: inspected again where its files have changed. */
async function current(studio: StudioContext, model: StoredModel): Promise<ModelRecord> {
  const record = modelRecordOf(model);
  const now = await fingerprintOf(model.path);
  if (!now) return { ...record, problem: missing(model) };
  if (isOf(model, now)) return record;
  try {
    const described = await inspectModel(studio.reader, model.path);
    return modelRecordOf(studio.library.models.update(model.id, described));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...record, problem: error.message };
  }
}

function missing({ path }: StoredModel): string {
  return `${basename(path)} is no longer where it was: put it back, or add the model again`;
}

/** A model that can be used now. @throws InputError that says why it cannot */
export async function usableModel(studio: StudioContext, id: string): Promise<StoredModel> {
  const model = studio.library.models.get(id);
  const { problem } = await current(studio, model);
  if (problem !== undefined)
    throw new InputError(`The model "${model.name}" cannot be used: ${problem}`);
  return studio.library.models.get(id);
}

/** Those that can be used now. */
export async function usableAmong(
  studio: StudioContext,
  models: readonly StoredModel[],
): Promise<StoredModel[]> {
  const records = await Promise.all(models.map((model) => current(studio, model)));
  return models.filter((_, index) => records[index].problem === undefined);
}

/** What a model is called, also after it was removed. */
export function modelNameOf({ library }: StudioContext, id: string): string {
  try {
    return library.models.get(id).name;
  } catch (error) {
    if (error instanceof InputError) return 'a model that was removed';
    throw error;
  }
}

/** The processor, for what takes no time there: the device that the user wants may be in use. */
export function processorOf({ library }: StudioContext) {
  return { device: 'cpu', precision: 'float32', threads: library.settings.get().threads } as const;
}

/** Where and how the user wants it computed, for requests to the engine. */
export function machineOf({ library }: StudioContext) {
  const { device, precision, threads } = library.settings.get();
  return { device, precision, threads };
}
