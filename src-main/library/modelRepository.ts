import { InputError } from '../../src-shared/inputError.ts';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import {
  newId,
  type ReadableDatabase,
  statementCache,
  transact,
  type WritableDatabase,
} from './database.ts';
import { activeStates } from './jobStore.ts';

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
/** What a new inspection may change. */
export type ModelChange = Pick<NewModel, 'kind' | 'fingerprint' | 'inspection'>;

/** Throws InputError for ids that the library does not have. */
export interface ModelRepository {
  /** Built-in ones first, then by name. */
  list(): StoredModel[];
  get(id: string): StoredModel;
  withPath(path: string): StoredModel | undefined;
  /**
   * Adds a model. One with the same path is inspected anew instead, and keeps its id and name; a built-in one whose
   * folder has the name of a built-in one's moves to the new path. One that was removed has the id that it had.
   */
  add(model: NewModel): StoredModel;
  /** After a new inspection. */
  update(id: string, change: ModelChange): StoredModel;
  rename(id: string, name: string): StoredModel;
  /** Forgets it. @throws InputError for a built-in one, and where a job that has not ended names it */
  remove(id: string): void;
}

/** What a window may know of a model. */
export function modelRecordOf(model: StoredModel): ModelRecord {
  const { id, name, builtIn, addedAt, inspection } = model;
  return { id, name, builtIn, addedAt, fileName: fileNameOf(model.path), ...inspection };
}

/** Last part of a path of any system. */
function fileNameOf(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly kind: string;
  readonly built_in: number;
  readonly added_at: number;
  readonly bytes: number;
  readonly modified_at: number;
  readonly inspection: string;
}

/** @throws InputError where the library does not have the model */
export function requireModel(database: ReadableDatabase, id: string): ModelRow {
  const row = statementCache(database)<ModelRow>('SELECT * FROM models WHERE id = ?').get(id);
  if (row) return row;
  throw new InputError(
    `The library does not have the model ${id} any more; add it again under Models`,
  );
}

export function createModelRepository(database: WritableDatabase): ModelRepository {
  const prepare = statementCache(database);

  function get(id: string): StoredModel {
    return toModel(requireModel(database, id));
  }

  function withPath(path: string): StoredModel | undefined {
    const row = prepare<ModelRow>('SELECT * FROM models WHERE path = ?').get(path);
    return row && toModel(row);
  }

  /** The built-in one that lies in a folder of this name: the program may have moved, and the model been renamed. */
  function builtInAt(path: string): StoredModel | undefined {
    const rows = prepare<ModelRow>('SELECT * FROM models WHERE built_in = 1').all();
    return rows.map(toModel).find((model) => fileNameOf(model.path) === fileNameOf(path));
  }

  function update(id: string, { kind, fingerprint, inspection }: ModelChange): StoredModel {
    prepare(
      'UPDATE models SET kind = ?, bytes = ?, modified_at = ?, inspection = ? WHERE id = ?',
    ).run(
      ...[kind, fingerprint.bytes, fingerprint.modifiedAt, JSON.stringify(inspection), get(id).id],
    );
    return get(id);
  }

  function insert({ name, path, kind, builtIn, fingerprint, inspection }: NewModel): StoredModel {
    const id = formerId(path) ?? newId();
    prepare(
      `INSERT INTO models (id, name, path, kind, built_in, added_at, bytes, modified_at, inspection)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      ...[id, name, path, kind, Number(builtIn), Date.now(), fingerprint.bytes],
      ...[fingerprint.modifiedAt, JSON.stringify(inspection)],
    );
    return get(id);
  }

  function formerId(path: string): string | undefined {
    const sql = 'DELETE FROM removed_models WHERE path = ? RETURNING id';
    return prepare<{ id: string }>(sql).get(path)?.id;
  }

  function remove(id: string): void {
    const { builtIn, name, path } = get(id);
    if (builtIn) throw new InputError(`${name} comes with Tessera and cannot be removed`);
    const job = jobWith(id);
    if (job) {
      throw new InputError(
        `"${name}" is needed by "${job.title}": wait until that has ended, or cancel it first`,
      );
    }
    prepare('DELETE FROM models WHERE id = ?').run(id);
    prepare('INSERT OR REPLACE INTO removed_models (path, id) VALUES (?, ?)').run(path, id);
  }

  /** A job that has not ended and whose request names the model. */
  function jobWith(id: string): { title: string } | undefined {
    const sql = `SELECT title FROM jobs WHERE state IN ${activeStates} AND instr(request, ?) > 0 LIMIT 1`;
    return prepare<{ title: string }>(sql).get(JSON.stringify(id));
  }

  function add(model: NewModel): StoredModel {
    const known = withPath(model.path) ?? (model.builtIn ? builtInAt(model.path) : undefined);
    if (!known) return insert(model);
    prepare('UPDATE models SET path = ? WHERE id = ?').run(model.path, known.id);
    return update(known.id, model);
  }

  return {
    list: () =>
      prepare<ModelRow>('SELECT * FROM models ORDER BY built_in DESC, name COLLATE NOCASE, key')
        .all()
        .map(toModel),
    get,
    withPath,
    add: (model) => transact(database, () => add(model)),
    update,
    rename(id, name) {
      prepare('UPDATE models SET name = ? WHERE id = ?').run(name, get(id).id);
      return get(id);
    },
    remove: (id) => transact(database, () => remove(id)),
  };
}

function toModel(row: ModelRow): StoredModel {
  return {
    id: row.id,
    name: row.name,
    path: row.path,
    kind: row.kind,
    builtIn: row.built_in === 1,
    addedAt: row.added_at,
    fingerprint: { bytes: row.bytes, modifiedAt: row.modified_at },
    inspection: JSON.parse(row.inspection),
  };
}
