import type {
  ConceptVersion,
  TrainingHistory,
  TrainingPreview,
} from '../../src-shared/conceptRecord.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { TrainingPhoto } from '../../src-shared/photo.ts';
import {
  fromJson,
  newId,
  requireFiles,
  statementCache,
  toBytes,
  toFloats,
  toJson,
  type WritableDatabase,
  withoutUndefined,
} from './database.ts';
import { requireModel } from './modelRepository.ts';

/** A version to be added: the library gives it its id, number and time. */
export type NewVersion = Omit<ConceptVersion, 'id' | 'number' | 'createdAt' | 'bytes'> & {
  /** The concept's rows (vectors x width, row by row) after some steps, for the embedding map. */
  readonly path?: readonly PathPoint[];
};

/** Where the concept stood in the embedding space. */
export interface PathPoint {
  readonly step: number;
  /** vectors x width, row by row. */
  readonly rows: Float32Array;
}

interface VersionRow {
  readonly key: number;
  readonly id: string;
  readonly concept_id: string;
  readonly number: number;
  readonly created_at: number;
  readonly parent_id: string | null;
  readonly variant: ConceptVersion['variant'];
  readonly method: ConceptVersion['method'];
  readonly file: ConceptVersion['file'];
  readonly bytes: number;
  readonly model_id: string | null;
  readonly model_name: string;
  readonly family: ConceptVersion['family'];
  readonly settings: string | null;
  readonly engine_version: string;
  readonly vectors: number;
  readonly steps: number | null;
  readonly loss: number | null;
  readonly drift: string | null;
  readonly anchors: string;
  readonly seconds: number | null;
  readonly history: string | null;
  readonly cover: ConceptVersion['cover'] | null;
  readonly preview_object: string | null;
}

interface PhotoRow {
  readonly name: string;
  readonly blob: TrainingPhoto['blob'];
  readonly thumbnail: TrainingPhoto['thumbnail'];
  readonly width: number;
  readonly height: number;
  readonly crop_left: number;
  readonly crop_top: number;
  readonly crop_side: number;
  readonly mask: TrainingPhoto['mask'] | null;
  readonly caption_suffix: string;
}

export interface PreviewRow {
  readonly step: number;
  readonly plain: TrainingPreview['plain'];
  readonly composition: TrainingPreview['composition'];
  readonly concept: TrainingPreview['concept'] | null;
}

export interface PathRow {
  readonly step: number;
  readonly rows: Uint8Array;
}

const selectVersion = `SELECT v.*, concepts.id AS concept_id, blobs.bytes AS bytes FROM concept_versions AS v
  JOIN concepts ON concepts.key = v.concept_key JOIN blobs ON blobs.hash = v.file`;

/** The versions of concepts, with their photos, previews and paths. Its callers are in a transaction. */
export function createVersionTable(database: WritableDatabase) {
  const prepare = statementCache(database);

  function find(id: string): VersionRow {
    const row = prepare<VersionRow>(`${selectVersion} WHERE v.id = ?`).get(id);
    if (!row)
      throw new InputError(`The library does not have the concept's version ${id} any more`);
    return row;
  }

  function requireParts(version: NewVersion): void {
    const { file, cover, photos, previews, modelId, parentId } = version;
    requireFiles(database, [
      ...[file, cover],
      ...photos.flatMap(({ blob, thumbnail, mask }) => [blob, thumbnail, mask]),
      ...previews.flatMap(({ plain, composition, concept }) => [plain, composition, concept]),
    ]);
    if (parentId) find(parentId);
    if (modelId) requireModel(database, modelId);
  }

  function insertVersion(conceptKey: number, id: string, version: NewVersion): number | bigint {
    const sql = `INSERT INTO concept_versions
      (id, concept_key, number, created_at, parent_id, variant, method, file, model_id, model_name, family,
       settings, engine_version, vectors, steps, loss, drift, anchors, seconds, history, cover,
       preview_object)
      VALUES (?, ?, (SELECT coalesce(max(number), 0) + 1 FROM concept_versions WHERE concept_key = ?),
       ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    return prepare(sql).run(
      ...[id, conceptKey, conceptKey, Date.now(), version.parentId ?? null],
      ...[version.variant, version.method, version.file],
      ...[version.modelId ?? null, version.modelName, version.family, toJson(version.settings)],
      ...[version.engineVersion, version.vectors, version.steps ?? null, version.loss ?? null],
      ...[toJson(version.drift), JSON.stringify(version.anchors), version.seconds ?? null],
      ...[toJson(version.history), version.cover ?? null, version.previewObject ?? null],
    ).lastInsertRowid;
  }

  function insertPhotos(key: number | bigint, photos: readonly TrainingPhoto[]): void {
    const insert = prepare(`INSERT INTO version_photos
      (version_key, position, name, blob, thumbnail, width, height, crop_left, crop_top, crop_side, mask,
       caption_suffix) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    photos.forEach((photo, position) => {
      const { name, blob, thumbnail, width, height, crop, mask, captionSuffix } = photo;
      insert.run(
        ...[key, position, name, blob, thumbnail, width, height],
        ...[crop.left, crop.top, crop.side, mask ?? null, captionSuffix],
      );
    });
  }

  function insertSteps(key: number | bigint, { previews, path = [] }: NewVersion): void {
    const preview = prepare(`INSERT OR REPLACE INTO version_previews
      (version_key, step, plain, composition, concept) VALUES (?, ?, ?, ?, ?)`);
    for (const { step, plain, composition, concept } of previews) {
      preview.run(key, step, plain, composition, concept ?? null);
    }
    const point = prepare(
      'INSERT OR REPLACE INTO version_path (version_key, step, rows) VALUES (?, ?, ?)',
    );
    for (const { step, rows } of path) point.run(key, step, toBytes(rows));
  }

  function toVersion(row: VersionRow): ConceptVersion {
    return withoutUndefined({
      id: row.id,
      number: row.number,
      createdAt: row.created_at,
      parentId: row.parent_id ?? undefined,
      variant: row.variant,
      method: row.method,
      file: row.file,
      bytes: row.bytes,
      modelId: row.model_id ?? undefined,
      modelName: row.model_name,
      family: row.family,
      settings: fromJson<ConceptVersion['settings']>(row.settings),
      engineVersion: row.engine_version,
      vectors: row.vectors,
      ...(row.steps !== null && { steps: row.steps }),
      loss: row.loss ?? undefined,
      drift: fromJson<ConceptVersion['drift']>(row.drift),
      anchors: JSON.parse(row.anchors),
      seconds: row.seconds ?? undefined,
      history: fromJson<TrainingHistory>(row.history),
      previews: prepare<PreviewRow>(
        'SELECT * FROM version_previews WHERE version_key = ? ORDER BY step',
      )
        .all(row.key)
        .map(toPreview),
      photos: prepare<PhotoRow>(
        'SELECT * FROM version_photos WHERE version_key = ? ORDER BY position',
      )
        .all(row.key)
        .map(toPhoto),
      cover: row.cover ?? undefined,
      previewObject: row.preview_object ?? undefined,
    });
  }

  return {
    /** @returns its id */
    add(conceptKey: number, version: NewVersion): string {
      requireParts(version);
      const id = newId();
      const key = insertVersion(conceptKey, id, version);
      insertPhotos(key, version.photos);
      insertSteps(key, version);
      return id;
    },
    get(id: string): { conceptId: string; version: ConceptVersion } {
      const row = find(id);
      return { conceptId: row.concept_id, version: toVersion(row) };
    },
    /** The newest first. */
    ofConcept(conceptKey: number): ConceptVersion[] {
      const sql = `${selectVersion} WHERE v.concept_key = ? ORDER BY number DESC`;
      return prepare<VersionRow>(sql).all(conceptKey).map(toVersion);
    },
    path(id: string): PathPoint[] {
      const sql = 'SELECT step, rows FROM version_path WHERE version_key = ? ORDER BY step';
      return prepare<PathRow>(sql).all(find(id).key).map(toPathPoint);
    },
  };
}

function toPhoto(row: PhotoRow): TrainingPhoto {
  return withoutUndefined({
    name: row.name,
    blob: row.blob,
    thumbnail: row.thumbnail,
    width: row.width,
    height: row.height,
    crop: { left: row.crop_left, top: row.crop_top, side: row.crop_side },
    mask: row.mask ?? undefined,
    captionSuffix: row.caption_suffix,
  });
}

export function toPreview({ step, plain, composition, concept }: PreviewRow): TrainingPreview {
  return withoutUndefined({ step, plain, composition, concept: concept ?? undefined });
}

export function toPathPoint({ step, rows }: PathRow): PathPoint {
  return { step, rows: toFloats(rows) };
}
