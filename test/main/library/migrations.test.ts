import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { openWritable, type WritableDatabase } from '../../../src-main/library/database.ts';
import { referencesTo } from '../../../src-main/library/garbage.ts';
import { applicationId } from '../../../src-main/library/header.ts';
import {
  type Migration,
  migrate,
  readMigrations,
  versionOf,
} from '../../../src-main/library/migrations.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const temporary = temporaryFolder();
const all = readMigrations();
let opened: WritableDatabase[] = [];
let files = 0;

afterEach(() => {
  for (const database of opened) database.close();
  opened = [];
});

function emptyDatabase(): WritableDatabase {
  const database = openWritable(temporary.path(`${files++}.sqlite`));
  opened.push(database);
  return database;
}

const tablesOf = (database: WritableDatabase) =>
  database
    .prepare<[], { name: string; strict: number }>(
      `SELECT name, strict FROM pragma_table_list
       WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .all();

/** A concept with a version, as the first migration knows them. */
const versionOfBefore = `
  INSERT INTO blobs VALUES ('${'a'.repeat(64)}', 1, 0);
  INSERT INTO concepts (id, name, token, class_word, notes, tags, sort_name, favourite, created_at, updated_at)
    VALUES ('c', 'Minka', '<minka>', 'cat', '', '[]', 'minka', 0, 0, 0);
  INSERT INTO concept_versions (id, concept_key, number, created_at, variant, method, file, model_name, family,
    engine_version, vectors, steps, anchors)
    VALUES ('v', 1, 1, 0, 'semantic', 'textual-inversion', '${'a'.repeat(64)}', 'Toybox', 'sd1', '0.1.0', 1, 1, '[]')`;

/** What each migration does, by its file: it finds the database as the ones before it leave it. */
const cases: Readonly<Record<string, (database: WritableDatabase, apply: () => void) => void>> = {
  '0001-library.sql': (database, apply) => {
    expect(tablesOf(database)).toEqual([]);
    apply();
    expect(tablesOf(database).map(({ name }) => name)).toEqual([
      ...['blobs', 'composition_attention', 'composition_concepts', 'compositions'],
      ...['concept_tags', 'concept_versions', 'concepts', 'job_files', 'jobs', 'models', 'priors'],
      ...['self_tests', 'settings', 'training_path', 'training_previews', 'training_runs'],
      ...['training_speeds', 'training_steps', 'version_path', 'version_photos'],
      ...['version_previews', 'votes'],
    ]);
    expect(database.pragma('application_id', { simple: true })).toBe(applicationId);
  },
  '0002-preview-object.sql': (database, apply) => {
    database.exec(versionOfBefore);
    apply();
    expect(database.prepare('SELECT number, preview_object FROM concept_versions').all()).toEqual([
      { number: 1, preview_object: null },
    ]);
  },
  '0003-class-cosine.sql': (database, apply) => {
    database.exec(`${versionOfBefore};
      UPDATE concepts SET drift = '{"normRatio":3.9,"classCosine":0.58,"percentile":100}', drift_percentile = 100;
      INSERT INTO concepts (id, name, token, class_word, notes, tags, sort_name, favourite, created_at, updated_at)
        VALUES ('d', 'New', '<new>', 'cat', '', '[]', 'new', 0, 0, 0)`);
    apply();
    expect(database.prepare('SELECT id, class_cosine FROM concepts ORDER BY id').all()).toEqual([
      { id: 'c', class_cosine: 0.58 },
      { id: 'd', class_cosine: null },
    ]);
  },
  '0004-unknown-steps.sql': (database, apply) => {
    database.exec(versionOfBefore);
    const forget = () => database.exec('UPDATE concept_versions SET steps = NULL');
    expect(forget).toThrow(/NOT NULL/);
    apply();
    forget();
    expect(() => database.exec('UPDATE concept_versions SET vectors = NULL')).toThrow(/NOT NULL/);
  },
  '0005-removed-models.sql': (database, apply) => {
    apply();
    const insert = () => database.exec("INSERT INTO removed_models VALUES ('/models/a', 'id')");
    insert();
    expect(insert).toThrow(/UNIQUE/);
  },
  '0006-unspaced-prompts.sql': (database, apply) => {
    const hash = 'a'.repeat(64);
    database.exec(`INSERT INTO blobs VALUES ('${hash}', 1, 0)`);
    const insert = database.prepare(
      `INSERT INTO compositions (id, created_at, rating, model_id, model_name, picture, thumbnail, width, height,
         prompt, settings, drifts, seconds)
       VALUES (?, 0, 0, 'm', 'Toybox', '${hash}', '${hash}', 64, 64, ?, '{}', '[]', 1)`,
    );
    for (const prompt of ['a cat', 'eine schöne Katze', '小猫咪', 'a 猫'])
      insert.run(prompt, prompt);
    apply();
    const found = database
      .prepare('SELECT prompt FROM compositions INDEXED BY compositions_unspaced WHERE unspaced')
      .pluck()
      .all();
    expect(found.toSorted()).toEqual(['a 猫', '小猫咪']);
  },
  '0007-drift-length.sql': (database, apply) => {
    database.exec(`INSERT INTO concepts
        (id, name, token, class_word, notes, tags, sort_name, favourite, created_at, updated_at, drift, class_cosine)
      VALUES ('c', 'Minka', '<minka>', 'cat', '', '[]', 'minka', 0, 0, 0, '{"normRatio":24,"percentile":100}', NULL),
             ('d', 'New', '<new>', 'cat', '', '[]', 'new', 0, 0, 0, NULL, NULL)`);
    apply();
    expect(database.prepare('SELECT id, drift_length FROM concepts ORDER BY id').all()).toEqual([
      { id: 'c', drift_length: 24 },
      { id: 'd', drift_length: null },
    ]);
  },
};

describe('migrations', () => {
  test('are all tested, and numbered without gaps', () => {
    const names = readdirSync('src-main/library/migrations').sort();
    expect(Object.keys(cases)).toEqual(names);
    expect(all.map(({ name }) => name)).toEqual(names);
    expect(all.map(({ version }) => version)).toEqual(names.map((_, index) => index + 1));
  });

  test.each(all.map(({ name, version }) => [name, version] as const))('%s', (name, version) => {
    const database = emptyDatabase();
    migrate(database, all.slice(0, version - 1));
    cases[name](database, () => migrate(database, all.slice(0, version)));
    expect(versionOf(database)).toBe(version);
  });
});

describe('the migrator', () => {
  const step = (version: number, sql: string): Migration => ({
    ...{ version, name: `000${version}-test.sql`, sql },
  });
  const first = step(1, 'CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT; INSERT INTO a VALUES (1)');
  const second = step(2, 'CREATE TABLE b (x INTEGER REFERENCES a (x)) STRICT');

  test('goes step by step, and not twice', () => {
    const database = emptyDatabase();
    migrate(database, [first]);
    migrate(database, [first, second]);
    migrate(database, [first, second]);
    expect(versionOf(database)).toBe(2);
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 1 }]);
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
  });

  test.each([
    ['fails', 'INSERT INTO b VALUES (1); CREATE TABLE broken ('],
    ['leaves rows that refer to nothing', 'INSERT INTO b VALUES (9)'],
  ])('stays at the last version that is whole where a step %s', (_, sql) => {
    const database = emptyDatabase();
    expect(() => migrate(database, [first, second, step(3, sql)])).toThrow();
    expect(versionOf(database)).toBe(2);
    expect(database.prepare('SELECT * FROM b').all()).toEqual([]);
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
  });

  test('keeps a copy of what was there', () => {
    const database = emptyDatabase();
    const backups = temporary.path(`backups-${files++}`);
    migrate(database, [first], backups);
    expect(() => readdirSync(backups), 'none of a new database').toThrow();
    migrate(database, [first, second], backups);
    expect(readdirSync(backups)).toEqual(['version-1.sqlite']);
    const copy = new Database(join(backups, 'version-1.sqlite'), { readonly: true });
    expect(copy.prepare('SELECT * FROM a').all()).toEqual([{ x: 1 }]);
    expect(copy.pragma('user_version', { simple: true })).toBe(1);
    copy.close();
  });
});

describe('the schema', () => {
  function newest() {
    const database = emptyDatabase();
    migrate(database, all);
    return database;
  }

  test('has strict tables only', () => {
    expect(tablesOf(newest()).filter(({ strict }) => strict !== 1)).toEqual([]);
  });

  test('lets every column with a hash reference the files', () => {
    const database = newest();
    const named = database
      .prepare<[], { table: string; column: string }>(
        `SELECT tables.name AS "table", columns.name AS "column"
         FROM pragma_table_list AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name <> 'blobs' AND columns.name IN
           ('hash', 'file', 'blob', 'thumbnail', 'mask', 'cover', 'picture', 'plain', 'composition', 'concept')
         ORDER BY 1, 2`,
      )
      .all();
    expect(named.length).toBeGreaterThan(12);
    expect(referencesTo(database, 'blobs')).toEqual(named);
  });

  test('has an index on every reference', () => {
    const database = newest();
    const unindexed = database
      .prepare(
        `SELECT tables.name || '.' || keys."from" AS reference
         FROM pragma_table_list AS tables, pragma_foreign_key_list(tables.name) AS keys
         WHERE tables.schema = 'main' AND tables.type = 'table' AND NOT EXISTS (
           SELECT 1 FROM pragma_index_list(tables.name) AS indexes, pragma_index_info(indexes.name) AS parts
           WHERE parts.seqno = 0 AND parts.name = keys."from" AND indexes.partial = 0)
         AND NOT EXISTS (SELECT 1 FROM pragma_table_info(tables.name) AS columns
           WHERE columns.pk = 1 AND columns.name = keys."from")`,
      )
      .pluck()
      .all();
    expect(unindexed).toEqual([]);
  });
});
