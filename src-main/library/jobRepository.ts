import type { ConceptVariant } from '../../src-shared/concept.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobState, JobStatus } from '../../src-shared/jobRecord.ts';
import {
  fromJson,
  newId,
  relaxed,
  requireFiles,
  statementCache,
  toJson,
  transact,
  type WritableDatabase,
  withoutUndefined,
} from './database.ts';
import { activeStates, type JobChange, type JobStore, type NewJob } from './jobStore.ts';
import { createTrainingTable } from './trainingTable.ts';

interface JobRow {
  readonly key: number;
  readonly id: string;
  readonly kind: JobStatus['kind'];
  readonly title: string;
  readonly state: JobStatus['state'];
  readonly priority: number;
  readonly device: string;
  readonly concept_id: string | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly progress: string | null;
  readonly notes: string;
  readonly error: string | null;
}

const select = `SELECT jobs.key, jobs.id, kind, title, state, priority, device, concepts.id AS concept_id,
  jobs.created_at, started_at, finished_at, progress, jobs.notes, error
  FROM jobs LEFT JOIN concepts ON concepts.key = jobs.concept_key`;

/** The job store of the library: see {@link JobStore}. */
export function createJobRepository(database: WritableDatabase): JobStore {
  const prepare = statementCache(database);
  const trainings = createTrainingTable(database);

  function row(id: string): JobRow {
    const found = prepare<JobRow>(`${select} WHERE jobs.id = ?`).get(id);
    if (!found) throw jobNotThere(id);
    return found;
  }

  function keyOf(id: string): number {
    const found = prepare<{ key: number }>('SELECT key FROM jobs WHERE id = ?').get(id);
    if (!found) throw jobNotThere(id);
    return found.key;
  }

  function conceptKey(id: string | undefined): number | null {
    if (id === undefined) return null;
    const found = prepare<{ key: number }>('SELECT key FROM concepts WHERE id = ?').get(id);
    if (!found) throw new InputError(`The library does not have the concept ${id} any more`);
    return found.key;
  }

  function add(job: NewJob): JobStatus {
    const { kind, title, device, priority = 0, conceptId } = job;
    const request = JSON.stringify(job.request ?? null);
    const files = filesIn(request);
    requireFiles(database, files);
    const id = newId();
    const { lastInsertRowid } = prepare(
      `INSERT INTO jobs (id, kind, title, state, priority, device, concept_key, created_at, request, notes)
       VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, '[]')`,
    ).run(id, kind, title, priority, device, conceptKey(conceptId), Date.now(), request);
    const need = prepare('INSERT INTO job_files (job_key, hash) VALUES (?, ?)');
    for (const hash of files) need.run(lastInsertRowid, hash);
    return toStatus(row(id));
  }

  function change(id: string, job: JobChange): JobStatus {
    const old = row(id);
    const { state = old.state, priority = old.priority } = job;
    const { started_at, finished_at } = job.state ? timesAfter(old, job.state, Date.now()) : old;
    prepare(
      `UPDATE jobs SET state = ?, priority = ?, started_at = ?, finished_at = ?, progress = ?, error = ?
       WHERE key = ?`,
    ).run(
      ...[state, priority, started_at, finished_at],
      job.progress === undefined ? old.progress : toJson(job.progress),
      job.error === undefined ? old.error : toJson(job.error),
      old.key,
    );
    return toStatus(row(id));
  }

  function addNote(id: string, note: JobStatus['notes'][number]): JobStatus {
    const old = row(id);
    const notes = [...JSON.parse(old.notes), note];
    prepare('UPDATE jobs SET notes = ? WHERE key = ?').run(JSON.stringify(notes), old.key);
    return toStatus(row(id));
  }

  function interruptRunning(): JobStatus[] {
    const running = prepare<JobRow>(`${select} WHERE state = 'running' ORDER BY jobs.key`).all();
    return running.map(({ id }) => change(id, { state: 'interrupted' }));
  }

  /** Records without waiting for the disk. */
  const record = (id: string, variant: ConceptVariant, write: (run: number) => void): void =>
    relaxed(database, () => transact(database, () => write(trainings.open(keyOf(id), variant))));

  return {
    add: (job) => transact(database, () => add(job)),
    get: (id) => toStatus(row(id)),
    request(id) {
      const sql = 'SELECT request FROM jobs WHERE key = ?';
      return JSON.parse(prepare<{ request: string }>(sql).get(keyOf(id))!.request);
    },
    list({ ended }) {
      const sql = ended
        ? `${select} ORDER BY jobs.key DESC`
        : `${select} WHERE state IN ${activeStates}
           ORDER BY state = 'running' DESC, priority DESC, jobs.key`;
      return prepare<JobRow>(sql).all().map(toStatus);
    },
    next(device) {
      const sql = `${select} WHERE state IN ('queued', 'interrupted') AND device = ?
        ORDER BY priority DESC, jobs.key LIMIT 1`;
      const found = prepare<JobRow>(sql).get(device);
      return found && toStatus(found);
    },
    change(id, job) {
      const write = () => transact(database, () => change(id, job));
      const onlyProgress = Object.keys(job).every((field) => field === 'progress');
      return onlyProgress ? relaxed(database, write) : write();
    },
    addNote: (id, note) => transact(database, () => addNote(id, note)),
    interruptRunning: () => transact(database, interruptRunning),

    recordSteps: (id, variant, steps) =>
      record(id, variant, (run) => trainings.addSteps(run, steps)),
    recordPath: (id, variant, points) =>
      record(id, variant, (run) => trainings.addPath(run, points)),
    recordPreview(id, variant, preview) {
      requireFiles(database, [preview.plain, preview.composition, preview.concept]);
      transact(database, () => trainings.addPreview(trainings.open(keyOf(id), variant), preview));
    },
    recordAnchors: (id, variant, anchors) =>
      record(id, variant, (run) => trainings.setAnchors(run, anchors)),
    recordVersion: (id, variant, versionId) =>
      transact(database, () => trainings.setVersion(trainings.open(keyOf(id), variant), versionId)),
    runs: (id) => trainings.runs(keyOf(id)),
    path: (id, variant) => trainings.path(keyOf(id), variant),
  };
}

function jobNotThere(id: string): InputError {
  return new InputError(`There is no job ${id}; it may have been deleted`);
}

const endedStates: readonly JobState[] = ['done', 'failed', 'cancelled'];

/** The times of a job after it came to a state. */
function timesAfter(
  old: Pick<JobRow, 'started_at' | 'finished_at'>,
  state: JobState,
  now: number,
): Pick<JobRow, 'started_at' | 'finished_at'> {
  return {
    started_at: old.started_at ?? (state === 'running' ? now : null),
    finished_at: endedStates.includes(state) ? (old.finished_at ?? now) : null,
  };
}

/** Hashes of files that JSON names. */
function filesIn(json: string): string[] {
  return [...new Set([...json.matchAll(/"([0-9a-f]{64})"/g)].map(([, hash]) => hash))];
}

function toStatus(row: JobRow): JobStatus {
  return withoutUndefined({
    id: row.id,
    kind: row.kind,
    title: row.title,
    state: row.state,
    priority: row.priority,
    device: row.device,
    conceptId: row.concept_id ?? undefined,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    progress: fromJson<JobStatus['progress']>(row.progress),
    notes: JSON.parse(row.notes),
    error: fromJson<JobStatus['error']>(row.error),
  });
}
