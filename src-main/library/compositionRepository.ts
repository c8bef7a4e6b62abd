import { deflateSync, inflateSync } from 'node:zlib';
import type {
  ComparisonWay,
  ComposedPicture,
  KeptComposition,
} from '../../src-shared/composition.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import {
  fromJson,
  newId,
  requireFiles,
  statementCache,
  toJson,
  transact,
  type WritableDatabase,
  withoutUndefined,
} from './database.ts';
import { type SearchTerms, searchTerms } from './search.ts';

/** A picture to be kept. */
export interface NewComposition {
  readonly picture: ComposedPicture;
  readonly thumbnail: BlobHash;
  readonly modelName: string;
  /** 0 where absent. */
  readonly rating?: number;
  readonly way?: ComparisonWay;
}

/** Kept pictures. Throws InputError for ids and files that the library does not have. */
export interface CompositionRepository {
  /** The newest first. In lists `attention` is empty: heat maps over time are large. `get` has it. */
  list(query: StudioRequest<'listCompositions'>): StudioOutput<'listCompositions'>;
  get(id: string): KeptComposition;
  keep(composition: NewComposition): KeptComposition;
  /** Keeps the pictures of a comparison under one new id: all of them or none. */
  keepComparison(compositions: readonly (NewComposition & { readonly way: ComparisonWay })[]): {
    comparisonId: string;
    compositions: KeptComposition[];
  };
  rate(id: string, rating: number): KeptComposition;
  trash(ids: readonly string[]): void;
  untrash(ids: readonly string[]): void;
  /** Deletes for good. @throws InputError for one that is not in the trash */
  remove(ids: readonly string[]): void;
}

interface CompositionRow {
  readonly key: number;
  readonly id: string;
  readonly created_at: number;
  readonly trashed_at: number | null;
  readonly rating: number;
  readonly way: ComparisonWay | null;
  readonly comparison_id: string | null;
  readonly model_name: string;
  readonly picture: BlobHash;
  readonly thumbnail: BlobHash;
  readonly width: number;
  readonly height: number;
  readonly settings: string;
  readonly layout: string | null;
  readonly drifts: string;
  readonly evaluation: string | null;
  readonly seconds: number;
}

/** A composition's heat maps, inflated: a damaged or hostile database must not ask for more. */
const mostAttentionBytes = 512 * 2 ** 20;

export function createCompositionRepository(database: WritableDatabase): CompositionRepository {
  const prepare = statementCache(database);

  function row(id: string): CompositionRow {
    const found = prepare<CompositionRow>('SELECT * FROM compositions WHERE id = ?').get(id);
    if (!found) throw new InputError(`The library does not have the picture ${id} any more`);
    return found;
  }

  const rows = (ids: readonly string[]) => [...new Set(ids)].map(row);

  function get(id: string): KeptComposition {
    const found = row(id);
    const sql = 'SELECT deflated FROM composition_attention WHERE composition_key = ?';
    const attention = prepare<{ deflated: Uint8Array }>(sql).get(found.key);
    if (!attention) return toComposition(found);
    const json = inflateSync(attention.deflated, { maxOutputLength: mostAttentionBytes });
    return { ...toComposition(found), attention: JSON.parse(json.toString()) };
  }

  function insert(composition: NewComposition, comparisonId: string | null): string {
    const { picture, thumbnail, modelName, rating = 0, way = null } = composition;
    const { settings, layout, drifts, evaluation, seconds } = picture;
    requireFiles(database, [picture.picture, thumbnail]);
    const id = newId();
    const { lastInsertRowid: key } = prepare(
      `INSERT INTO compositions (id, created_at, rating, way, comparison_id, model_id, model_name, picture,
       thumbnail, width, height, prompt, settings, layout, drifts, evaluation, seconds)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      ...[id, Date.now(), rating, way, comparisonId, settings.modelId, modelName],
      ...[picture.picture, thumbnail, picture.width, picture.height, settings.prompt],
      ...[JSON.stringify(settings), toJson(layout), JSON.stringify(drifts), toJson(evaluation)],
      seconds,
    );
    insertAttention(key, picture.attention);
    linkConcepts(key, settings.concepts);
    return id;
  }

  function insertAttention(key: number | bigint, attention: ComposedPicture['attention']): void {
    if (attention.length === 0) return;
    const sql = 'INSERT INTO composition_attention (composition_key, deflated) VALUES (?, ?)';
    prepare(sql).run(key, deflateSync(JSON.stringify(attention)));
  }

  /** Concepts that were deleted meanwhile have nothing to link. */
  function linkConcepts(
    key: number | bigint,
    concepts: ComposedPicture['settings']['concepts'],
  ): void {
    const link = prepare(
      `INSERT OR IGNORE INTO composition_concepts (concept_key, composition_key)
       SELECT concept_key, ? FROM concept_versions WHERE id = ?`,
    );
    for (const { versionId } of concepts) link.run(key, versionId);
  }

  function remove(ids: readonly string[]): void {
    for (const { key, trashed_at } of rows(ids)) {
      if (trashed_at === null) {
        throw new InputError('A picture is not in the trash; put it there first');
      }
      prepare('DELETE FROM compositions WHERE key = ?').run(key);
    }
  }

  function setTrashed(ids: readonly string[], time: number | null): void {
    transact(database, () => {
      for (const { key, trashed_at } of rows(ids)) {
        const value = time === null ? null : (trashed_at ?? time);
        prepare('UPDATE compositions SET trashed_at = ? WHERE key = ?').run(value, key);
      }
    });
  }

  return {
    list(query) {
      const { keys, values } = filter(query);
      const { total } = prepare<{ total: number }>(`SELECT count(*) AS total FROM (${keys})`).get(
        ...values,
      )!;
      const slice = prepare<CompositionRow>(
        `SELECT * FROM compositions WHERE key IN (${keys} ORDER BY 1 DESC LIMIT ? OFFSET ?)
         ORDER BY key DESC`,
      ).all(...values, query.limit, query.offset);
      return { total, compositions: slice.map(toComposition) };
    },
    get,
    keep: (composition) => get(transact(database, () => insert(composition, null))),
    keepComparison(compositions) {
      const comparisonId = newId();
      const ids = transact(database, () =>
        compositions.map((composition) => insert(composition, comparisonId)),
      );
      return { comparisonId, compositions: ids.map(get) };
    },
    rate(id, rating) {
      prepare('UPDATE compositions SET rating = ? WHERE key = ?').run(rating, row(id).key);
      return get(id);
    },
    trash: (ids) => setTrashed(ids, Date.now()),
    untrash: (ids) => setTrashed(ids, null),
    remove: (ids) => transact(database, () => remove(ids)),
  };
}

type Query = StudioRequest<'listCompositions'>;

const ofConcept = `IN (SELECT composition_key FROM composition_concepts
  WHERE concept_key = (SELECT key FROM concepts WHERE id = ?))`;

/** The statement that finds the keys of a list, with the values of its question marks. */
function filter(query: Query): { keys: string; values: unknown[] } {
  const terms = searchTerms(query.search);
  const byIndex = terms.match === undefined || terms.patterns.length > 0;
  return byIndex ? filterByIndex(query, terms) : filterBySearch(query, terms.match!);
}

/** Looks at columns of one index alone: compositions_filter or, where patterns are looked for, compositions_unspaced. */
function filterByIndex(query: Query, terms: SearchTerms): { keys: string; values: unknown[] } {
  const conditions = [query.trash ? 'trashed_at IS NOT NULL' : 'trashed_at IS NULL'];
  const values: unknown[] = [];
  const add = (condition: string, value: unknown) => {
    conditions.push(condition);
    values.push(value);
  };
  if (query.conceptId) add(`key ${ofConcept}`, query.conceptId);
  if (query.comparisonId) add('comparison_id = ?', query.comparisonId);
  if (query.modelId) add('model_id = ?', query.modelId);
  if (query.minimumRating > 0) add('rating >= ?', query.minimumRating);
  if (query.way) add('way = ?', query.way);
  for (const pattern of terms.patterns) add('unspaced AND prompt LIKE ?', pattern);
  if (terms.match) {
    add(
      'key IN (SELECT rowid FROM composition_search WHERE composition_search MATCH ?)',
      `prompt : (${terms.match})`,
    );
  }
  // SQLite has no figures by which it would choose that index itself
  const index = terms.patterns.length > 0 ? 'INDEXED BY compositions_unspaced' : '';
  const keys = `SELECT key FROM compositions ${index} WHERE ${conditions.join(' AND ')}`;
  return { keys, values };
}

/** Looks at the full-text index alone, which holds what is filtered by as words. */
function filterBySearch(query: Query, match: string): { keys: string; values: unknown[] } {
  const facets = [query.trash ? 'trashed' : 'kept'];
  if (query.modelId) facets.push(`m${query.modelId.replaceAll('-', '')}`);
  if (query.way) facets.push(`w${query.way}`);
  const ratings = [1, 2, 3, 4, 5].filter((rating) => rating >= query.minimumRating);
  const rated = query.minimumRating > 0 ? ` AND (${ratings.map((r) => `r${r}`).join(' OR ')})` : '';
  const expression = `facets : (${facets.join(' AND ')}${rated}) AND prompt : (${match})`;
  const narrowing = [
    [ofConcept, query.conceptId],
    ['IN (SELECT key FROM compositions WHERE comparison_id = ?)', query.comparisonId],
  ].filter(([, id]) => id !== undefined);
  // the plus keeps SQLite from searching anew for each of the concept's pictures
  const narrowed = narrowing.map(([condition]) => ` AND +rowid ${condition}`).join('');
  return {
    keys: `SELECT rowid FROM composition_search WHERE composition_search MATCH ?${narrowed}`,
    values: [expression, ...narrowing.map(([, id]) => id)],
  };
}

/** Without its attention. */
function toComposition(row: CompositionRow): KeptComposition {
  return withoutUndefined({
    id: row.id,
    createdAt: row.created_at,
    trashedAt: row.trashed_at ?? undefined,
    rating: row.rating,
    way: row.way ?? undefined,
    comparisonId: row.comparison_id ?? undefined,
    modelName: row.model_name,
    picture: row.picture,
    thumbnail: row.thumbnail,
    width: row.width,
    height: row.height,
    settings: JSON.parse(row.settings),
    layout: fromJson<KeptComposition['layout']>(row.layout),
    attention: [],
    drifts: JSON.parse(row.drifts),
    evaluation: fromJson<KeptComposition['evaluation']>(row.evaluation),
    seconds: row.seconds,
  });
}
