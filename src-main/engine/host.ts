import type { Readable } from 'node:stream';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import { type EngineProcess, forkEngine } from './engineProcess.ts';
import {
  type EngineFailure,
  type EngineMessage,
  type EngineMethod,
  type EngineParams,
  type EngineResult,
  engineMessage,
  parseResult,
} from './protocol.ts';

/** The engine, seen from the main process: it computes in a process of its own, so that nothing here blocks. */
export interface Engine {
  /**
   * @throws InputError when something the user gave cannot be used; {@link CancelledError} after `signal`;
   *   {@link EngineStoppedError} when the process ended; Error for faults
   */
  call<Method extends EngineMethod>(
    method: Method,
    params: EngineParams<Method>,
    options?: JobOptions,
  ): Promise<EngineResult<Method>>;
  /** Process id while one runs. */
  readonly processId: number | undefined;
  /** Ends the process. Whatever still runs fails. */
  close(): Promise<void>;
}

/** The job was stopped as asked. */
export class CancelledError extends Error {
  override name = 'CancelledError';
}

/** The engine's process ended in the middle of a job: a driver fault, too little memory, a kill. */
export class EngineStoppedError extends Error {
  override name = 'EngineStoppedError';
  /** A signal, an exit code, or what the process printed last. */
  readonly reason: string;

  constructor(message: string, reason: string) {
    super(message);
    this.reason = reason;
  }
}

export interface EngineOptions {
  /** Milliseconds from a cancellation to a kill, for a step that does not end. 60 s by default. */
  readonly cancelGrace?: number;
  /** Where absent, the process is forked as Node does it. */
  readonly startProcess?: () => EngineProcess;
}

interface Pending {
  readonly accept: (result: unknown) => void;
  readonly refuse: (error: Error) => void;
  readonly onEvent: JobOptions['onEvent'];
}

/** Starts the engine's process with the first call, and again with the first one after it ended. */
export function createEngine({
  cancelGrace = 60_000,
  startProcess = forkEngine,
}: EngineOptions = {}): Engine {
  let worker: EngineProcess | undefined;
  let lastId = 0;
  const pending = new Map<number, Pending>();

  function start(): EngineProcess {
    const started = startProcess();
    const printed = keepTail(started.stderr);
    started.onMessage((message) => receive(pending, message));
    started.onEnd((reason) => stop(started, reason, printed()));
    return started;
  }

  function stop(stopped: EngineProcess, reason: string, printed: string): void {
    if (worker === stopped) worker = undefined;
    // What Node prints of an uncaught error says more than an exit code.
    const cause = /^\w*Error.*: .+$/m.exec(printed)?.[0] ?? reason;
    failAll(pending, Object.assign(stoppedError(cause), { stack: printed || reason }));
  }

  return {
    get processId() {
      return worker?.id;
    },
    call: async (method, params, { onEvent, signal } = {}) => {
      if (signal?.aborted) throw new CancelledError('cancelled before it began');
      worker ??= start();
      const running = worker;
      const id = ++lastId;
      const answer = new Promise<unknown>((accept, refuse) => {
        pending.set(id, { accept, refuse, onEvent });
      });
      const cancel = cancellation(running, id, cancelGrace);
      signal?.addEventListener('abort', cancel.begin);
      try {
        running.send({ kind: 'request', id, method, params });
        return parseResult(method, await answer);
      } catch (error) {
        throw cancel.begun && error instanceof EngineStoppedError ? killedError() : error;
      } finally {
        signal?.removeEventListener('abort', cancel.begin);
        cancel.end();
        pending.delete(id);
      }
    },
    close: async () => {
      const closing = worker;
      if (!closing) return;
      const ended = new Promise<string>((done) => closing.onEnd(done));
      closing.kill();
      await ended;
    },
  };
}

/** Characters kept of what the process printed. */
const tailLength = 4000;

function keepTail(stream: Readable | null): () => string {
  let tail = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-tailLength);
    if (process.env.TESSERA_DEBUG) process.stderr.write(text);
  });
  return () => tail.trim();
}

function receive(pending: ReadonlyMap<number, Pending>, message: unknown): void {
  const parsed = engineMessage.safeParse(message);
  if (!parsed.success) {
    failAll(pending, new Error(`engine: ${parsed.error.message}`));
    return;
  }
  const request = pending.get(parsed.data.id);
  if (request) settle(request, parsed.data);
}

function settle({ accept, refuse, onEvent }: Pending, message: EngineMessage): void {
  if (message.kind === 'event') onEvent?.(message.event);
  else if (message.kind === 'result') accept(message.result);
  else refuse(errorOf(message.failure));
}

function failAll(pending: ReadonlyMap<number, Pending>, error: Error): void {
  for (const { refuse } of pending.values()) refuse(error);
}

function errorOf({ kind, message, stack }: EngineFailure): Error {
  if (kind === 'input') return new InputError(message);
  if (kind === 'cancelled') return new CancelledError(message);
  return Object.assign(new Error(message), { stack });
}

function stoppedError(reason: string): EngineStoppedError {
  return new EngineStoppedError(
    `the engine's process ended in the middle of the work (${reason}); often the machine ran out of memory, or a device's driver failed. Training goes on from its last checkpoint with --resume`,
    reason,
  );
}

function killedError(): CancelledError {
  return new CancelledError('cancelled; the step did not end in time, so the engine was stopped');
}

/** Asks for an end at the next step boundary and kills the process if there is none in time. */
function cancellation(worker: EngineProcess, id: number, grace: number) {
  let timer: NodeJS.Timeout | undefined;
  return {
    get begun() {
      return timer !== undefined;
    },
    begin: () => {
      worker.send({ kind: 'cancel', id });
      timer = setTimeout(() => worker.kill(), grace);
    },
    end: () => clearTimeout(timer),
  };
}
