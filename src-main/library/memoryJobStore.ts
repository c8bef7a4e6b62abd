import { randomUUID } from 'node:crypto';
import type { AnchorShare, ConceptVariant } from '../../src-shared/concept.ts';
import type { TrainingPreview } from '../../src-shared/conceptRecord.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import type { PathPoint } from './conceptRepository.ts';
import { withoutUndefined } from './database.ts';
import {
  hasEnded,
  type JobChange,
  type JobStore,
  jobNotEnded,
  jobNotThere,
  type NewJob,
  type StepFigures,
  type TrainingRun,
  timesAfter,
  toHistory,
} from './jobStore.ts';

interface Recorded {
  steps: Map<number, StepFigures>;
  previews: Map<number, TrainingPreview>;
  path: Map<number, PathPoint>;
  anchors: readonly AnchorShare[];
  versionId?: string;
}

interface Entry {
  status: JobStatus;
  readonly request: unknown;
  readonly recorded: Map<ConceptVariant, Recorded>;
}

/** Jobs without a database: for what runs without a library, and for tests. It knows no files and no concepts. */
export function createMemoryJobStore(): JobStore {
  const entries = new Map<string, Entry>();

  function entry(id: string): Entry {
    const found = entries.get(id);
    if (!found) throw jobNotThere(id);
    return found;
  }

  function put(id: string, status: JobStatus): JobStatus {
    entry(id).status = structuredClone(withoutUndefined(status));
    return structuredClone(entry(id).status);
  }

  function recorded(id: string, variant: ConceptVariant): Recorded {
    const runs = entry(id).recorded;
    const run = runs.get(variant) ?? {
      ...{ steps: new Map(), previews: new Map(), path: new Map(), anchors: [] },
    };
    runs.set(variant, run);
    return run;
  }

  function add({ request, priority = 0, conceptId, kind, title, device }: NewJob): JobStatus {
    const id = randomUUID();
    const fields = { id, kind, title, priority, device, conceptId, createdAt: Date.now() };
    const status: JobStatus = { ...fields, state: 'queued', notes: [] };
    entries.set(id, { status, request: structuredClone(request), recorded: new Map() });
    return put(id, status);
  }

  function change(id: string, { progress, error, ...job }: JobChange): JobStatus {
    const old = entry(id).status;
    return put(id, {
      ...old,
      ...withoutUndefined(job),
      ...(job.state && timesAfter(old, job.state, Date.now())),
      progress: progress === undefined ? old.progress : (progress ?? undefined),
      error: error === undefined ? old.error : (error ?? undefined),
    });
  }

  const statuses = () => [...entries.values()].map(({ status }) => structuredClone(status));
  const running = (job: JobStatus) => Number(job.state === 'running');

  return {
    add,
    get: (id) => structuredClone(entry(id).status),
    request: (id) => structuredClone(entry(id).request),
    list({ ended }) {
      if (ended) return statuses().reverse();
      const open = statuses().filter(({ state }) => !hasEnded(state));
      return open.sort((a, b) => running(b) - running(a) || b.priority - a.priority);
    },
    next(device) {
      const waiting = statuses().filter((job) => /^(queued|interrupted)$/.test(job.state));
      const here = waiting.filter((job) => job.device === device);
      return here.sort((a, b) => b.priority - a.priority)[0];
    },
    change,
    addNote(id, note) {
      const old = entry(id).status;
      return put(id, { ...old, notes: [...old.notes, note] });
    },
    interruptRunning() {
      const found = statuses().filter((job) => job.state === 'running');
      return found.map(({ id }) => change(id, { state: 'interrupted' }));
    },
    remove(id) {
      const { title, state } = entry(id).status;
      if (!hasEnded(state)) throw jobNotEnded(title);
      entries.delete(id);
    },

    recordSteps(id, variant, steps) {
      const run = recorded(id, variant);
      for (const step of structuredClone(steps)) run.steps.set(step.step, step);
    },
    recordPath(id, variant, points) {
      const run = recorded(id, variant);
      for (const point of structuredClone(points)) run.path.set(point.step, point);
    },
    recordPreview(id, variant, preview) {
      recorded(id, variant).previews.set(preview.step, structuredClone(preview));
    },
    recordAnchors(id, variant, anchors) {
      recorded(id, variant).anchors = structuredClone(anchors);
    },
    recordVersion(id, variant, versionId) {
      recorded(id, variant).versionId = versionId;
    },
    rewind(id, variant, step) {
      const { steps, previews, path } = recorded(id, variant);
      for (const map of [steps, previews, path]) {
        for (const key of [...map.keys()].filter((recordedAt) => recordedAt > step))
          map.delete(key);
      }
    },
    runs(id) {
      const runs = [...entry(id).recorded].sort(([a], [b]) => a.localeCompare(b));
      return structuredClone(runs.map(([variant, run]) => toRun(variant, run)));
    },
    path: (id, variant) =>
      structuredClone(inOrder(entry(id).recorded.get(variant)?.path ?? new Map())),
  };
}

function inOrder<Item extends { readonly step: number }>(items: ReadonlyMap<number, Item>): Item[] {
  return [...items.values()].sort((a, b) => a.step - b.step);
}

function toRun(variant: ConceptVariant, run: Recorded): TrainingRun {
  return withoutUndefined({
    variant,
    history: toHistory(inOrder(run.steps)),
    previews: inOrder(run.previews),
    anchors: [...run.anchors],
    versionId: run.versionId,
  });
}
