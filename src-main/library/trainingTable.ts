import type { AnchorShare, ConceptVariant } from '../../src-shared/concept.ts';
import type { TrainingHistory, TrainingPreview } from '../../src-shared/conceptRecord.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { PathPoint } from './conceptVersions.ts';
import { type PathRow, type PreviewRow, toPathPoint, toPreview } from './conceptVersions.ts';
import { statementCache, toBytes, type WritableDatabase, withoutUndefined } from './database.ts';
import type { StepFigures, TrainingRun } from './jobStore.ts';

interface RunRow {
  readonly key: number;
  readonly variant: ConceptVariant;
  readonly anchors: string;
  readonly version_id: string | null;
}

/** What trainings record on their way, by run: a job's plain training or its semantic one. */
export function createTrainingTable(database: WritableDatabase) {
  const prepare = statementCache(database);

  const find = (jobKey: number, variant: ConceptVariant): number | undefined =>
    prepare<{ key: number }>('SELECT key FROM training_runs WHERE job_key = ? AND variant = ?').get(
      jobKey,
      variant,
    )?.key;

  function steps(run: number): StepFigures[] {
    const sql = 'SELECT step, figures FROM training_steps WHERE run_key = ? ORDER BY step';
    const rows = prepare<{ step: number; figures: string }>(sql).all(run);
    return rows.map(({ step, figures }) => ({ step, figures: JSON.parse(figures) }));
  }

  function toRun({ key, variant, anchors, version_id }: RunRow): TrainingRun {
    const sql = 'SELECT * FROM training_previews WHERE run_key = ? ORDER BY step';
    return withoutUndefined({
      variant,
      history: toHistory(steps(key)),
      previews: prepare<PreviewRow>(sql).all(key).map(toPreview),
      anchors: JSON.parse(anchors),
      versionId: version_id ?? undefined,
    });
  }

  return {
    /** The key of a run, which begins where there is none yet. */
    open(jobKey: number, variant: ConceptVariant): number {
      const found = find(jobKey, variant);
      if (found !== undefined) return found;
      const sql = 'INSERT INTO training_runs (job_key, variant) VALUES (?, ?)';
      return Number(prepare(sql).run(jobKey, variant).lastInsertRowid);
    },
    addSteps(run: number, recorded: readonly StepFigures[]): void {
      const insert = prepare(
        'INSERT OR REPLACE INTO training_steps (run_key, step, figures) VALUES (?, ?, ?)',
      );
      for (const { step, figures } of recorded) insert.run(run, step, JSON.stringify(figures));
    },
    addPath(run: number, points: readonly PathPoint[]): void {
      const insert = prepare(
        'INSERT OR REPLACE INTO training_path (run_key, step, rows) VALUES (?, ?, ?)',
      );
      for (const { step, rows } of points) insert.run(run, step, toBytes(rows));
    },
    addPreview(run: number, { step, plain, composition, concept }: TrainingPreview): void {
      prepare(
        `INSERT OR REPLACE INTO training_previews (run_key, step, plain, composition, concept)
         VALUES (?, ?, ?, ?, ?)`,
      ).run(run, step, plain, composition, concept ?? null);
    },
    setAnchors(run: number, anchors: readonly AnchorShare[]): void {
      const sql = 'UPDATE training_runs SET anchors = ? WHERE key = ?';
      prepare(sql).run(JSON.stringify(anchors), run);
    },
    setVersion(run: number, versionId: string): void {
      if (!prepare('SELECT 1 FROM concept_versions WHERE id = ?').get(versionId)) {
        throw new InputError(`The library does not have the concept's version ${versionId}`);
      }
      prepare('UPDATE training_runs SET version_id = ? WHERE key = ?').run(versionId, run);
    },
    /** The plain one first. */
    runs(jobKey: number): TrainingRun[] {
      const sql = 'SELECT * FROM training_runs WHERE job_key = ? ORDER BY variant';
      return prepare<RunRow>(sql).all(jobKey).map(toRun);
    },
    path(jobKey: number, variant: ConceptVariant): PathPoint[] {
      const run = find(jobKey, variant);
      if (run === undefined) return [];
      const sql = 'SELECT step, rows FROM training_path WHERE run_key = ? ORDER BY step';
      return prepare<PathRow>(sql).all(run).map(toPathPoint);
    },
  };
}

/** Steps, in their order, as columns. */
function toHistory(steps: readonly StepFigures[]): TrainingHistory {
  const names = [...new Set(steps.flatMap(({ figures }) => Object.keys(figures)))];
  const column = (name: string) => steps.map(({ figures }) => figures[name] ?? null);
  return {
    step: steps.map(({ step }) => step),
    figures: Object.fromEntries(names.map((name) => [name, column(name)])),
  };
}
