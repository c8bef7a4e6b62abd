import { InputError } from '../../src-shared/inputError.ts';
import type { JobEvent, JobOptions, JobProgress } from '../../src-shared/job.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import type { StudioEvent } from '../../src-shared/studioEvent.ts';
import { CancelledError, createEngine, type Engine, EngineStoppedError } from '../engine/host.ts';
import type { JobChange, JobStore, NewJob } from '../library/jobStore.ts';
import { explainFailure, explainUnsaved } from './jobErrors.ts';
import { createPatience } from './jobPatience.ts';
import { requireAllowed } from './jobStates.ts';
import { createUnsavedEnds } from './unsavedEnds.ts';

/** What a job's work is given. */
export interface JobContext {
  readonly job: JobStatus;
  /** As it was queued. */
  readonly request: unknown;
  /** Of the job's device; it is this job's alone while the work runs. */
  readonly engine: Engine;
  /** Every event of the engine goes to `onEvent`: the runner keeps progress and notes. */
  readonly options: Required<JobOptions>;
  /** Does what an engine's listener must not fail in: a failure stops the job, which then fails for this reason. */
  readonly guard: (keep: () => void) => void;
}

/** Does a job, or what is left of it. It is called again after an interruption and must go on from what it has stored. */
export type JobWork = (context: JobContext) => Promise<void>;

export interface JobRunnerOptions {
  readonly store: JobStore;
  readonly work: Readonly<Partial<Record<JobStatus['kind'], JobWork>>>;
  readonly emit: (event: StudioEvent) => void;
  /** A new engine, for one device. */
  readonly createEngine?: () => Engine;
  /** How often an engine may end in the middle without any progress before the job fails. 3 by default. */
  readonly patience?: number;
}

/** The queue: one job at a time on each device, the most urgent first. Its rows survive; nothing else is kept here. */
export interface JobRunner {
  /** Goes on with what a former run of the program left, and with what is queued. */
  start(): void;
  add(job: NewJob): JobStatus;
  /** Stops within a step, keeping what is reached. @throws InputError where the job cannot be paused */
  pause(id: string): Promise<JobStatus>;
  /** Queues a paused or failed job again. @throws InputError where it has not stopped */
  resume(id: string): JobStatus;
  /** Stops within a step, for good. @throws InputError where the job has ended */
  cancel(id: string): Promise<JobStatus>;
  /** Ends a job that does not run as done: somebody else has finished its work. */
  conclude(id: string): JobStatus;
  prioritise(id: string, priority: number): JobStatus;
  /** Stops what runs; it goes on at the next start. */
  close(): Promise<void>;
}

type Intent = 'pause' | 'cancel' | 'close';

interface RunningJob {
  readonly controller: AbortController;
  readonly engine: Engine;
  intent?: Intent;
  /** Something that the runner itself could not do, such as writing a row. */
  failure?: unknown;
  /** The work has ended and the row says how. */
  readonly settled: Promise<void>;
}

/** Milliseconds between two reports of progress within a phase. */
const progressPause = 100;
/** Milliseconds that a step may take to end when the program ends; then the engine is ended, as a crash would. */
const closingGrace = 5000;

const stateAfter = { pause: 'paused', cancel: 'cancelled', close: 'interrupted' } as const;

/** Runs the jobs of a store. Nothing runs before `start`. */
export function createJobRunner({ store, work, emit, ...options }: JobRunnerOptions): JobRunner {
  const makeEngine = options.createEngine ?? (() => createEngine());
  const patience = createPatience(options.patience ?? 3);
  const running = new Map<string, RunningJob>();
  const served = new Set<string>();
  const unsaved = createUnsavedEnds((id, end) => void serve(change(id, end).device));
  let open = false;

  const change = (id: string, change: JobChange): JobStatus => {
    const job = store.change(id, change);
    emit({ type: 'job', job });
    return job;
  };

  /** Works the queue of a device off. Its engine lives as long as there is work: memory is given back in between. */
  async function serve(device: string): Promise<void> {
    if (!open || served.has(device)) return;
    served.add(device);
    const engine = makeEngine();
    try {
      for (let job = store.next(device); open && job; job = store.next(device)) {
        await run(job, engine);
      }
    } catch {
      // The store cannot be read or written: the jobs stay as they are, and the next start or request tries again.
    } finally {
      served.delete(device);
      await engine.close();
    }
  }

  async function run({ id }: JobStatus, engine: Engine): Promise<void> {
    const job = change(id, { state: 'running', error: null });
    const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
    const own: RunningJob = { controller: new AbortController(), engine, settled };
    running.set(id, own);
    let outcome: { error: unknown } | undefined;
    try {
      const request = store.request(id);
      await workOf(job)({ job, request, engine, ...follow(id, own) });
    } catch (error) {
      outcome = { error: own.failure ?? error };
    }
    try {
      conclude(job, own, outcome);
    } finally {
      running.delete(id);
      settle();
    }
  }

  function workOf({ kind, title }: JobStatus): JobWork {
    const found = work[kind];
    if (found) return found;
    throw new InputError(`${title} is a job of another version of the program: cancel it`);
  }

  /** Keeps what the engine tells. What cannot be kept stops the job: its engine must not compute for nobody. */
  function follow(id: string, own: RunningJob): Pick<JobContext, 'options' | 'guard'> {
    const keepEvent = createKeeper(id);
    const guard = (keep: () => void) => {
      if (own.failure !== undefined) return;
      try {
        keep();
      } catch (error) {
        own.failure = error;
        own.controller.abort();
      }
    };
    const onEvent = (event: JobEvent) => guard(() => keepEvent(event, own.intent !== undefined));
    return { guard, options: { onEvent, signal: own.controller.signal } };
  }

  function createKeeper(id: string) {
    let last: JobProgress | undefined;
    let lastTime = Number.NEGATIVE_INFINITY;
    return (event: JobEvent, stopping: boolean) => {
      if (event.type === 'progress') {
        patience.progress(id, event);
        const isEdge = event.phase !== last?.phase || event.step >= event.total;
        if (!isEdge && performance.now() - lastTime < progressPause) return;
        [last, lastTime] = [event, performance.now()];
        change(id, { progress: progressOf(event) });
      }
      // What the engine says of a stop is meant for the command line.
      if (event.type === 'note' && !stopping) addNote(id, event);
    };
  }

  function addNote(id: string, { level, message }: JobStatus['notes'][number]): void {
    const isKnown = store.get(id).notes.some((note) => note.message === message);
    if (!isKnown) emit({ type: 'job', job: store.addNote(id, { level, message }) });
  }

  function conclude(job: JobStatus, own: RunningJob, outcome: { error: unknown } | undefined) {
    const end = outcome ? changeAfter(job.id, own, outcome.error) : doneChange;
    if (end.state !== 'interrupted') patience.forget(job.id);
    try {
      change(job.id, end);
      if (outcome && end.state === 'interrupted') noteEngineEnd(job.id, outcome.error);
    } catch (error) {
      const failed = { state: 'failed', error: explainUnsaved(error) } as const;
      unsaved.add(job.id, end.state === 'interrupted' ? failed : end);
      emit({ type: 'job', job: { ...job, ...failed } });
    }
  }

  function noteEngineEnd(id: string, error: unknown): void {
    if (!(error instanceof EngineStoppedError)) return;
    const message = `The engine ended unexpectedly (${error.reason}); the work went on from its last checkpoint.`;
    addNote(id, { level: 'warning', message });
  }

  function changeAfter(id: string, { intent }: RunningJob, error: unknown): JobChange {
    const isStop = error instanceof CancelledError || error instanceof EngineStoppedError;
    if (intent && isStop) return { state: stateAfter[intent] };
    if (error instanceof EngineStoppedError && patience.endures(id)) {
      return { state: 'interrupted' };
    }
    return { state: 'failed', error: explainFailure(error) };
  }

  async function stop(id: string, intent: Intent): Promise<void> {
    const own = running.get(id);
    if (!own) return;
    own.intent = intent;
    own.controller.abort();
    await own.settled;
  }

  return {
    start: () => {
      open = true;
      for (const job of store.interruptRunning()) emit({ type: 'job', job });
      const devices = new Set(store.list({ ended: false }).map(({ device }) => device));
      for (const device of devices) void serve(device);
    },
    add: (job) => {
      const added = store.add(job);
      emit({ type: 'job', job: added });
      void serve(added.device);
      return added;
    },
    pause: async (id) => {
      unsaved.retry();
      const job = store.get(id);
      if (job.state === 'paused') return job; // by another window, or twice
      requireAllowed('pause', job);
      await stop(id, 'pause');
      const { state } = store.get(id);
      return state === 'queued' || state === 'interrupted'
        ? change(id, { state: 'paused' })
        : store.get(id);
    },
    resume: (id) => {
      unsaved.retry();
      requireAllowed('resume', store.get(id));
      patience.forget(id);
      const job = change(id, { state: 'queued', error: null });
      void serve(job.device);
      return job;
    },
    cancel: async (id) => {
      unsaved.retry();
      requireAllowed('cancel', store.get(id));
      await stop(id, 'cancel');
      const { state } = store.get(id);
      return state === 'done' || state === 'cancelled'
        ? store.get(id)
        : change(id, { state: 'cancelled', error: null });
    },
    conclude: (id) => {
      requireAllowed('cancel', store.get(id));
      return change(id, doneChange);
    },
    prioritise: (id, priority) => change(id, { priority }),
    close: async () => {
      open = false;
      unsaved.close();
      const all = [...running.entries()];
      const killers = all.map(([, { engine }]) =>
        setTimeout(() => void engine.close(), closingGrace),
      );
      await Promise.all(all.map(([id]) => stop(id, 'close')));
      for (const killer of killers) clearTimeout(killer);
    },
  };
}

const doneChange: JobChange = { state: 'done', progress: null, error: null };

function progressOf({ phase, step, total, timeLeft, memory }: JobProgress) {
  return { phase, step, total, memory, ...(timeLeft !== undefined && { timeLeft }) };
}
