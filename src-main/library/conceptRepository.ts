import {
  type ConceptDetail,
  type ConceptSummary,
  type ConceptVersion,
  conceptNaming,
} from '../../src-shared/conceptRecord.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { describeMisfit, parseInput } from '../../src-shared/parseInput.ts';
import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import { createVersionTable, type NewVersion, type PathPoint } from './conceptVersions.ts';
import {
  fromJson,
  newId,
  statementCache,
  toJson,
  transact,
  type WritableDatabase,
  withoutUndefined,
} from './database.ts';
import { activeStates } from './jobStore.ts';
import { searchTerms } from './search.ts';

/** A concept before anything is trained. */
export interface NewConcept {
  readonly name: string;
  readonly token: string;
  readonly classWord: string;
  readonly tags?: readonly string[];
  readonly notes?: string;
}

/** A version with the concept that it is of. */
export interface OwnedVersion {
  readonly concept: ConceptSummary;
  readonly version: ConceptVersion;
}

/**
 * Concepts with their versions. Among concepts outside the trash a token is unique, as written.
 *
 * Every method throws InputError for an id that the library does not have, a file that is not in the store, a name that
 * is none (`conceptNaming`), and a token that is taken (the message names both concepts).
 */
export interface ConceptRepository {
  /**
   * Tags: those that have all of them. Methods: those whose newest version has one of them. Order `drift`: the least
   * drifted first, those without a measurement last.
   */
  list(query: StudioRequest<'listConcepts'>): StudioOutput<'listConcepts'>;
  summary(id: string): ConceptSummary;
  detail(id: string): ConceptDetail;
  /** With its first version where one is given: both or nothing. */
  create(concept: NewConcept, version?: NewVersion): ConceptSummary;
  change(request: StudioRequest<'changeConcept'>): ConceptSummary;
  /** Adds a version with its photos and previews: all of it or nothing. The concept's newest version becomes this one. */
  addVersion(conceptId: string, version: NewVersion): ConceptVersion;
  /** A version by its own id. */
  version(versionId: string): OwnedVersion;
  /** In the order of steps; empty where it was not recorded. */
  path(versionId: string): PathPoint[];
  /** The concept outside the trash that has this token. */
  withToken(token: string): ConceptSummary | undefined;
  /**
   * Why a concept outside the trash is in the way of a token: it has the token, or one of either's vectors is spelled
   * like the other's.
   *
   * @param id of the concept that is to have it
   */
  tokenConflict(token: string, id?: string): string | undefined;
  trash(ids: readonly string[]): void;
  /** All of them or none. @throws InputError where another concept has taken the token of one */
  untrash(ids: readonly string[]): void;
  /** Deletes for good. @throws InputError for one that is not in the trash, or whose training has not ended */
  remove(ids: readonly string[]): void;
  /** Of the concepts outside the trash, the most used first. */
  tags(): { tag: string; count: number }[];
}

interface ConceptRow {
  readonly key: number;
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly class_word: string;
  readonly notes: string;
  readonly tags: string;
  readonly favourite: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly trashed_at: number | null;
  readonly versions: number;
  readonly cover: string | null;
  readonly method: string | null;
  readonly variant: string | null;
  readonly family: string | null;
  readonly drift: string | null;
  readonly job_id: string | null;
}

/** The newest job of a concept, unless it came to its end. */
const jobColumn = `(SELECT CASE WHEN state NOT IN ('done', 'cancelled') THEN id END FROM jobs
  WHERE jobs.concept_key = concepts.key ORDER BY jobs.key DESC LIMIT 1) AS job_id`;
const columns = `key, id, name, token, class_word, notes, tags, favourite, created_at, updated_at, trashed_at,
  versions, cover, method, variant, family, drift, ${jobColumn}`;

const orders = {
  newest: 'key DESC',
  oldest: 'key',
  name: 'sort_name, key',
  updated: 'updated_at DESC, key DESC',
  drift: 'drift_length IS NULL, drift_length, key',
} as const;

/** Vectors of a concept that its token's neighbours are looked at for: more are rare. */
const lookedAtVectors = 8;

export function createConceptRepository(database: WritableDatabase): ConceptRepository {
  const prepare = statementCache(database);
  const versions = createVersionTable(database);

  function row(id: string): ConceptRow {
    const found = prepare<ConceptRow>(`SELECT ${columns} FROM concepts WHERE id = ?`).get(id);
    if (!found) throw new InputError(`The library does not have the concept ${id} any more`);
    return found;
  }

  const rows = (ids: readonly string[]) => [...new Set(ids)].map(row);
  const summary = (id: string) => toSummary(row(id));

  function withToken(token: string): ConceptSummary | undefined {
    const sql = `SELECT ${columns} FROM concepts WHERE token = ? AND trashed_at IS NULL`;
    const found = prepare<ConceptRow>(sql).get(token);
    return found && toSummary(found);
  }

  function tokenConflict(token: string, id?: string): string | undefined {
    const other = (owned: string) => {
      const found = withToken(owned);
      return found?.id === id ? undefined : found;
    };
    const taken = other(token);
    if (taken) return `the concept "${taken.name}" has it`;
    const base = /^(.+)_\d+$/.exec(token)?.[1];
    const whole = base === undefined ? undefined : other(base);
    if (whole) return `it would be read as a part of ${base}, the token of "${whole.name}"`;
    const parts = Array.from(
      { length: lookedAtVectors - 1 },
      (_, index) => `${token}_${index + 1}`,
    );
    const part = parts.map(other).find((found) => found !== undefined);
    return part && `${part.token}, the token of "${part.name}", would be read as a part of it`;
  }

  /** @throws InputError where another concept is in the way */
  function requireFree(token: string, { id, name }: { id?: string; name: string }): void {
    const conflict = tokenConflict(token, id);
    if (conflict === undefined) return;
    throw new InputError(
      `"${name}" cannot have the token ${token}: ${conflict}. Choose another token for one of them`,
    );
  }

  function setTags(key: number | bigint, tags: readonly string[]): void {
    prepare('UPDATE concepts SET tags = ? WHERE key = ?').run(JSON.stringify(tags), key);
    prepare('DELETE FROM concept_tags WHERE concept_key = ?').run(key);
    const add = prepare('INSERT INTO concept_tags (tag, concept_key) VALUES (?, ?)');
    for (const tag of tags) add.run(tag, key);
  }

  function create({ tags = [], notes = '', ...naming }: NewConcept): ConceptSummary {
    const { name, token, classWord } = parseInput(conceptNaming, naming, 'The concept');
    requireFree(token, { name });
    const id = newId();
    const now = Date.now();
    const sql = `INSERT INTO concepts
      (id, name, token, class_word, notes, tags, sort_name, favourite, created_at, updated_at)
      VALUES (?, ?, ?, ?, ?, '[]', ?, 0, ?, ?)`;
    const values = [id, name, token, classWord, notes, sortName(name), now, now];
    setTags(prepare(sql).run(...values).lastInsertRowid, unique(tags));
    return summary(id);
  }

  function change(request: StudioRequest<'changeConcept'>): ConceptSummary {
    const old = row(request.id);
    const naming = { name: request.name, token: request.token, classWord: request.classWord };
    const changed = parseInput(conceptNaming.partial(), naming, 'The concept');
    const { name = old.name, token = old.token, classWord = old.class_word } = changed;
    const { notes = old.notes, favourite = old.favourite === 1, tags } = request;
    const takesAnother = token !== old.token && old.trashed_at === null;
    if (takesAnother) requireFree(token, { id: old.id, name });
    prepare(
      `UPDATE concepts SET name = ?, token = ?, class_word = ?, notes = ?, sort_name = ?, favourite = ?,
       updated_at = ? WHERE key = ?`,
    ).run(name, token, classWord, notes, sortName(name), Number(favourite), Date.now(), old.key);
    if (tags) setTags(old.key, unique(tags));
    return summary(old.id);
  }

  function addVersion(conceptId: string, version: NewVersion): ConceptVersion {
    const { key } = row(conceptId);
    const id = versions.add(key, version);
    prepare(
      `UPDATE concepts SET versions = versions + 1, updated_at = ?, cover = ?, method = ?, variant = ?,
       family = ?, drift = ? WHERE key = ?`,
    ).run(
      ...[Date.now(), version.cover ?? null, version.method, version.variant, version.family],
      ...[toJson(version.drift), key],
    );
    return versions.get(id).version;
  }

  function untrash(ids: readonly string[]): void {
    for (const { key, token, name, id, trashed_at } of rows(ids)) {
      if (trashed_at === null) continue;
      requireFree(token, { id, name });
      prepare('UPDATE concepts SET trashed_at = NULL WHERE key = ?').run(key);
    }
  }

  function remove(ids: readonly string[]): void {
    const active = `SELECT title FROM jobs WHERE concept_key = ? AND state IN ${activeStates}`;
    for (const { key, name, trashed_at } of rows(ids)) {
      if (trashed_at === null)
        throw new InputError(`"${name}" is not in the trash; put it there first`);
      const job = prepare<{ title: string }>(active).get(key);
      if (job) throw new InputError(`"${name}" is needed by "${job.title}"; cancel that first`);
      prepare('DELETE FROM concepts WHERE key = ?').run(key);
    }
  }

  return {
    list(query) {
      const { sql, values } = filter(query);
      const { total } = prepare<{ total: number }>(
        `SELECT count(*) AS total FROM concepts WHERE ${sql}`,
      ).get(...values)!;
      const slice = prepare<ConceptRow>(
        `SELECT ${columns} FROM concepts WHERE key IN
           (SELECT key FROM concepts WHERE ${sql} ORDER BY ${orders[query.order]} LIMIT ? OFFSET ?)
         ORDER BY ${orders[query.order]}`,
      ).all(...values, query.limit, query.offset);
      return { total, concepts: slice.map(toSummary) };
    },
    summary,
    detail(id) {
      const found = row(id);
      return {
        ...toSummary(found),
        notes: found.notes,
        versionList: versions.ofConcept(found.key),
      };
    },
    create: (concept, version) =>
      transact(database, () => {
        const { id } = create(concept);
        if (version) addVersion(id, version);
        return summary(id);
      }),
    change: (request) => transact(database, () => change(request)),
    addVersion: (id, version) => transact(database, () => addVersion(id, version)),
    version(versionId) {
      const { conceptId, version } = versions.get(versionId);
      return { concept: summary(conceptId), version };
    },
    path: (versionId) => versions.path(versionId),
    withToken,
    tokenConflict,
    trash(ids) {
      const sql = 'UPDATE concepts SET trashed_at = ? WHERE key = ? AND trashed_at IS NULL';
      transact(database, () => {
        for (const { key } of rows(ids)) prepare(sql).run(Date.now(), key);
      });
    },
    untrash: (ids) => transact(database, () => untrash(ids)),
    remove: (ids) => transact(database, () => remove(ids)),
    tags: () =>
      prepare<{ tag: string; count: number }>(
        `SELECT tag, count(*) AS count FROM concept_tags
         JOIN concepts ON concepts.key = concept_key AND trashed_at IS NULL
         GROUP BY tag ORDER BY count DESC, tag`,
      ).all(),
  };
}

/** What the full-text search holds, as one text. */
const searchedText = ['name', 'token', 'class_word', 'notes', 'tags'].join(' || char(10) || ');

/** The condition of a list, with the values of its question marks. */
function filter(query: StudioRequest<'listConcepts'>): { sql: string; values: unknown[] } {
  const conditions = [query.trash ? 'trashed_at IS NOT NULL' : 'trashed_at IS NULL'];
  const values: unknown[] = [];
  const add = (condition: string, value: unknown) => {
    conditions.push(condition);
    values.push(value);
  };
  const { match, patterns } = searchTerms(query.search);
  for (const pattern of patterns) add(`${searchedText} LIKE ?`, pattern);
  if (match) add('key IN (SELECT rowid FROM concept_search WHERE concept_search MATCH ?)', match);
  for (const tag of query.tags) {
    add('key IN (SELECT concept_key FROM concept_tags WHERE tag = ?)', tag);
  }
  if (query.methods.length > 0) {
    add('method IN (SELECT value FROM json_each(?))', JSON.stringify(query.methods));
  }
  if (query.favourite !== undefined) add('favourite = ?', Number(query.favourite));
  return { sql: conditions.join(' AND '), values };
}

function toSummary(row: ConceptRow): ConceptSummary {
  return withoutUndefined({
    id: row.id,
    name: row.name,
    token: row.token,
    classWord: row.class_word,
    problem: problemOf(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    favourite: row.favourite === 1,
    tags: JSON.parse(row.tags),
    trashedAt: row.trashed_at ?? undefined,
    versions: row.versions,
    cover: (row.cover as ConceptSummary['cover']) ?? undefined,
    method: (row.method as ConceptSummary['method']) ?? undefined,
    variant: (row.variant as ConceptSummary['variant']) ?? undefined,
    family: (row.family as ConceptSummary['family']) ?? undefined,
    drift: fromJson<ConceptSummary['drift']>(row.drift),
    jobId: row.job_id ?? undefined,
  });
}

/** Older versions took names from imported files as they were. */
function problemOf({ name, token, class_word: classWord }: ConceptRow): string | undefined {
  const naming = { name, token, classWord };
  const { error } = conceptNaming.safeParse(naming);
  return error && describeMisfit(error, naming).replace('classWord', 'class word');
}

const unique = (tags: readonly string[]): string[] => [...new Set(tags)];

/** So that Å stands by A, and "minka" by "Minka". */
function sortName(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
