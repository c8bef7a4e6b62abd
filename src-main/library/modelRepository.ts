import type { ModelRecord } from '../../src-shared/modelRecord.ts';

/** What an inspection of the model's files said. */
export type ModelInspection = Pick<
  ModelRecord,
  | 'family'
  | 'bytes'
  | 'parameters'
  | 'dtypes'
  | 'nativeSize'
  | 'sizeStep'
  | 'problem'
  | 'details'
  | 'judged'
>;

/** Tells whether a model's files are the ones that were inspected. */
export interface ModelFingerprint {
  /** Of all its files together. */
  readonly bytes: number;
  /** Milliseconds since 1970: the newest of its files. */
  readonly modifiedAt: number;
}

/** A model that the library knows; its files stay where they are. */
export interface StoredModel {
  readonly id: string;
  readonly name: string;
  /** Absolute. Never leaves the main process. */
  readonly path: string;
  /** As the engine's inspection calls it. */
  readonly kind: string;
  readonly builtIn: boolean;
  readonly addedAt: number;
  readonly fingerprint: ModelFingerprint;
  readonly inspection: ModelInspection;
}

export type NewModel = Omit<StoredModel, 'id' | 'addedAt'>;

/** Throws InputError for ids that the library does not have. */
export interface ModelRepository {
  /** Built-in ones first, then by name. */
  list(): StoredModel[];
  get(id: string): StoredModel;
  withPath(path: string): StoredModel | undefined;
  /**
   * Adds a model. One with the same path is inspected anew instead, and keeps its id and name; a built-in one that has the
   * name of a built-in one moves to the new path.
   */
  add(model: NewModel): StoredModel;
  /** After a new inspection. */
  update(id: string, change: Pick<NewModel, 'kind' | 'fingerprint' | 'inspection'>): StoredModel;
  rename(id: string, name: string): StoredModel;
  /** Forgets it. @throws InputError for a built-in one */
  remove(id: string): void;
}

/** What a window may know of a model. */
export function modelRecordOf(model: StoredModel): ModelRecord {
  const { id, name, builtIn, addedAt, inspection } = model;
  const fileName = model.path.split(/[\\/]/).filter(Boolean).at(-1) ?? model.path;
  return { id, name, builtIn, addedAt, fileName, ...inspection };
}
