import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { JobStore } from '../../../src-main/library/jobStore.ts';
import type { TrainingPreview } from '../../../src-shared/conceptRecord.ts';
import type { BlobHash } from '../../../src-shared/ids.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { jobStatus } from '../../../src-shared/jobRecord.ts';
import { createConcept, putText, testLibraries, versionNamed } from '../../support/testLibrary.ts';

const { open } = testLibraries();

/** A store with what its jobs refer to. */
interface Subject {
  readonly store: JobStore;
  readonly conceptId: string;
  readonly versionId: string;
  readonly preview: (step: number) => TrainingPreview;
}

async function create(): Promise<Subject> {
  const library = open();
  const { id: conceptId } = createConcept(library, 'minka');
  const version = await versionNamed(library, 'one');
  const { id: versionId } = library.concepts.addVersion(conceptId, version);
  const { step: _, ...pictures } = version.previews[0];
  return { store: library.jobs, conceptId, versionId, preview: (step) => ({ step, ...pictures }) };
}

const newJob = { kind: 'train', title: 'Training <minka>', device: 'cpu', request: {} } as const;

describe('jobs', () => {
  test('are queued as they were given', async () => {
    const { store, conceptId } = await create();
    const request = { photos: [{ name: 'a.jpg' }], steps: 5 };
    const job = store.add({ ...newJob, conceptId, priority: 3, request });
    expect(jobStatus.parse(job)).toEqual(job);
    expect(job).toMatchObject({ state: 'queued', priority: 3, conceptId, notes: [] });
    expect(store.get(job.id)).toEqual(job);
    expect(store.request(job.id)).toEqual(request);
    expect(store.add(newJob).priority).toBe(0);
  });

  test('that are not there are refused', async () => {
    const { store } = await create();
    const id = randomUUID();
    expect(() => store.get(id)).toThrow(`no job ${id}`);
    const uses = [
      () => store.change(id, {}),
      () => store.request(id),
      () => store.addNote(id, { level: 'info', message: '' }),
      () => store.recordSteps(id, 'plain', []),
      () => store.runs(id),
      () => store.path(id, 'plain'),
    ];
    for (const use of uses) expect(use).toThrow(InputError);
  });

  test('know when they ran', async () => {
    const { store } = await create();
    const { id } = store.add(newJob);
    expect(store.get(id).startedAt).toBeUndefined();
    const { startedAt } = store.change(id, { state: 'running' });
    expect(startedAt).toBeGreaterThanOrEqual(store.get(id).createdAt);
    store.change(id, { state: 'paused' });
    expect(store.change(id, { state: 'running' })).toMatchObject({ startedAt });
    expect(store.get(id).finishedAt).toBeUndefined();
    expect(store.change(id, { state: 'failed' }).finishedAt).toBeGreaterThanOrEqual(startedAt!);
    expect(store.change(id, { state: 'queued' }).finishedAt).toBeUndefined();
    expect(store.get(id)).toMatchObject({ startedAt });
  });

  test('change only where asked, and null clears', async () => {
    const { store } = await create();
    const { id } = store.add(newJob);
    const progress = { phase: 'training', step: 1, total: 9, timeLeft: 2.5, memory: 1e9 };
    const error = { message: 'Out of memory', advice: 'Choose a smaller size' };
    expect(store.change(id, { progress })).toMatchObject({ progress, state: 'queued' });
    expect(store.change(id, { state: 'failed', error })).toMatchObject({ progress, error });
    store.addNote(id, { level: 'warning', message: 'one' });
    const { notes } = store.addNote(id, { level: 'info', message: 'two' });
    expect(notes.map(({ message }) => message)).toEqual(['one', 'two']);
    const cleared = store.change(id, { progress: null, error: null, priority: 2 });
    expect(cleared).toMatchObject({ priority: 2, state: 'failed', notes });
    expect(Object.keys(cleared)).not.toContain('progress');
    expect(Object.keys(cleared)).not.toContain('error');
  });

  test('come in the order in which they run', async () => {
    const { store } = await create();
    const add = (title: string, priority = 0, device = 'cpu') =>
      store.add({ ...newJob, title, priority, device }).id;
    const [first, , urgent, running, ended] = [
      ...[add('first'), add('second'), add('urgent', 5), add('running', -5), add('ended')],
      add('elsewhere', 9, 'cuda'),
    ];
    store.change(running, { state: 'running' });
    store.change(ended, { state: 'done' });
    const titles = (jobs: readonly { title: string }[]) => jobs.map(({ title }) => title);
    expect(titles(store.list({ ended: false }))).toEqual([
      ...['running', 'elsewhere', 'urgent', 'first', 'second'],
    ]);
    expect(titles(store.list({ ended: true }))).toEqual([
      ...['elsewhere', 'ended', 'running', 'urgent', 'second', 'first'],
    ]);
    expect(store.next('cpu')?.title).toBe('urgent');
    expect(store.next('cuda')?.title).toBe('elsewhere');
    expect(store.next('dml')).toBeUndefined();
    store.change(urgent, { state: 'paused' });
    expect(store.next('cpu')?.title).toBe('first');
    store.change(first, { state: 'interrupted' });
    expect(store.next('cpu')?.title).toBe('first');
  });

  test('that ran when the program ended are interrupted', async () => {
    const { store } = await create();
    const [running, paused] = [store.add(newJob).id, store.add(newJob).id];
    store.change(running, { state: 'running' });
    store.change(paused, { state: 'paused' });
    expect(store.interruptRunning().map(({ id }) => id)).toEqual([running]);
    expect(store.get(running).state).toBe('interrupted');
    expect(store.get(paused).state).toBe('paused');
    expect(store.interruptRunning()).toEqual([]);
  });

  test('record what their trainings show, step by step', async () => {
    const { store, preview, versionId } = await create();
    const { id } = store.add(newJob);
    expect(store.runs(id)).toEqual([]);
    expect(store.path(id, 'semantic')).toEqual([]);
    store.recordSteps(id, 'semantic', [{ step: 2, figures: { loss: 0.5, drift: 40 } }]);
    store.recordSteps(id, 'plain', [{ step: 1, figures: { loss: 2 } }]);
    store.recordSteps(id, 'semantic', [
      { step: 1, figures: { loss: 1 } },
      { step: 2, figures: { loss: 0.25, gradientNorm: 3 } },
    ]);
    store.recordPreview(id, 'semantic', preview(2));
    store.recordPreview(id, 'semantic', preview(1));
    store.recordAnchors(id, 'semantic', [{ word: 'cat', share: 1 }]);
    store.recordVersion(id, 'semantic', versionId);
    const [plain, semantic] = store.runs(id);
    expect(plain).toEqual({
      ...{ variant: 'plain', history: { step: [1], figures: { loss: [2] } } },
      ...{ previews: [], anchors: [] },
    });
    expect(semantic).toEqual({
      variant: 'semantic',
      history: { step: [1, 2], figures: { loss: [1, 0.25], gradientNorm: [null, 3] } },
      previews: [preview(1), preview(2)],
      anchors: [{ word: 'cat', share: 1 }],
      versionId,
    });
  });

  test('record where the concept stood', async () => {
    const { store } = await create();
    const { id } = store.add(newJob);
    const rows = Float32Array.of(0.1, -2, 3e-20);
    store.recordPath(id, 'plain', [{ step: 5, rows: rows.subarray(1) }]);
    store.recordPath(id, 'plain', [{ step: 0, rows }]);
    rows[0] = 9; // what was recorded stays
    expect(store.path(id, 'plain')).toEqual([
      { step: 0, rows: Float32Array.of(0.1, -2, 3e-20) },
      { step: 5, rows: Float32Array.of(-2, 3e-20) },
    ]);
  });

  test('give out copies', async () => {
    const { store } = await create();
    const request = { steps: [1] };
    const { id, notes } = store.add({ ...newJob, request });
    request.steps.push(2);
    notes.push({ level: 'info', message: 'not recorded' });
    expect(store.request(id)).toEqual({ steps: [1] });
    expect(store.get(id).notes).toEqual([]);
  });
});

test('a job of the library needs its concept and its files', async () => {
  const library = open();
  const { id } = library.jobs.add(newJob);
  const noFile = 'f'.repeat(64) as BlobHash;
  const plain = await putText(library, 'plain');
  const refused = [
    () => library.jobs.add({ ...newJob, conceptId: randomUUID() }),
    () => library.jobs.add({ ...newJob, request: { photos: [{ blob: noFile }] } }),
    () => library.jobs.recordPreview(id, 'plain', { step: 1, plain, composition: noFile }),
    () => library.jobs.recordVersion(id, 'plain', randomUUID()),
  ];
  for (const use of refused) expect(use).toThrow(InputError);
  expect(library.jobs.list({ ended: true })).toHaveLength(1);
  expect(library.jobs.runs(id).flatMap(({ previews }) => previews)).toEqual([]);
});

test('a figure that is no number is not measured', () => {
  const { jobs } = open();
  const { id } = jobs.add(newJob);
  jobs.recordSteps(id, 'plain', [{ step: 1, figures: { loss: Number.NaN } }]);
  expect(jobs.runs(id)[0].history.figures.loss).toEqual([null]);
});
