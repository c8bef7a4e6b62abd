import { createHash } from 'node:crypto';
import type { OnnxModel } from '../onnx/emit.ts';
import type { Compile, CompileOptions, Executable } from '../tensor/executable.ts';
import type { Graph } from '../tensor/graph.ts';
import { stampOfFiles } from './fileStamp.ts';
import { memoryIsShort } from './memoryShortage.ts';
import { emitFor, openSession, type SessionOptions } from './session.ts';

/** Follows what is compiled, so that all of it can be released, each once. */
export function trackSessions(compile: Compile) {
  const tracked = new Set<Executable>();
  const releaseOnce = async (executable: Executable) => {
    if (tracked.delete(executable)) await executable.release();
  };
  return {
    compile: async (graph: Graph, options?: CompileOptions): Promise<Executable> => {
      const executable = await compile(graph, options);
      tracked.add(executable);
      return { ...executable, release: () => releaseOnce(executable) };
    },
    /** Releases what has not been released yet. */
    end: async () => {
      for (const executable of tracked) await releaseOnce(executable);
    },
  };
}

/**
 * Keeps sessions that nobody uses at the moment, because compiling a graph again costs more than a step of sampling.
 * A session is used again only for the same model in ONNX's bytes, with the same options, on the same weights: not
 * after a file that it maps was written to or replaced.
 */
export interface SessionKeeper {
  /**
   * What compiles for one purpose, such as the use of one checkpoint. Sessions kept for other purposes are released. To
   * release what is compiled gives it back to the keeper.
   */
  borrowFor(purpose: string, options: SessionOptions): Promise<Compile>;
  /** Releases what is too much: sessions beyond the limit and, while memory is short, those used longest ago. */
  trim(): Promise<void>;
  /** Releases all sessions: those in use when they are given back. */
  releaseAll(): Promise<void>;
}

export interface KeeperOptions {
  /** Sessions kept at most: the networks of two compositions, evaluators included. */
  readonly most?: number;
  /** Milliseconds after the last use of any. */
  readonly idleTime?: number;
  /** Milliseconds between two looks at time and memory. */
  readonly lookEvery?: number;
  readonly isShortOfMemory?: () => boolean;
}

interface KeptSession {
  readonly purpose: string;
  readonly files: ReadonlySet<string>;
  readonly stamp: string;
  readonly session: Promise<Executable>;
  borrowers: number;
}

export function createSessionKeeper({
  most = 16,
  idleTime = 5 * 60_000,
  lookEvery = 5000,
  isShortOfMemory = memoryIsShort,
}: KeeperOptions = {}): SessionKeeper {
  /** By what they compute; the one borrowed last comes last. */
  const kept = new Map<string, KeptSession>();
  let lastUse = 0;
  let look: NodeJS.Timeout | undefined;

  async function drop(isDropped: (kept: KeptSession) => boolean): Promise<void> {
    for (const [name, entry] of [...kept].filter(([, entry]) => isDropped(entry))) {
      // The timer may have been faster.
      if (kept.get(name) !== entry) continue;
      kept.delete(name);
      if (entry.borrowers === 0) await (await entry.session).release();
    }
    if (kept.size === 0) clearInterval(look);
  }

  async function borrow(purpose: string, options: SessionOptions, graph: Graph) {
    const model = emitFor(graph, options);
    const stamp = stampOfFiles(model.externalFiles);
    const name = nameOf(model, stamp, options);
    if (!kept.has(name)) await trim(most - 1);
    const files = model.externalFiles;
    const entry: KeptSession = kept.get(name) ?? {
      ...{ purpose, files, stamp, borrowers: 0 },
      session: openSession(graph, model, options),
    };
    entry.borrowers++;
    kept.delete(name);
    kept.set(name, entry);
    return lend(name, entry);
  }

  async function lend(name: string, entry: KeptSession): Promise<Executable> {
    try {
      const { run } = await entry.session;
      return { run, release: () => giveBack(name, entry) };
    } catch (error) {
      if (kept.get(name) === entry) kept.delete(name);
      throw error;
    }
  }

  async function giveBack(name: string, entry: KeptSession): Promise<void> {
    entry.borrowers--;
    lastUse = performance.now();
    if (entry.borrowers > 0) return;
    if (kept.get(name) === entry) watch();
    else await (await entry.session).release();
  }

  /** Other processes may come to need the memory while nothing is asked of this one. */
  function watch(): void {
    clearInterval(look);
    look = setInterval(() => {
      const isLate = performance.now() - lastUse > idleTime;
      void (isLate ? drop(({ borrowers }) => borrowers === 0) : trim());
    }, lookEvery).unref();
  }

  async function trim(limit = most): Promise<void> {
    while (kept.size > limit || isShortOfMemory()) {
      const oldest = kept.values().find(({ borrowers }) => borrowers === 0);
      if (!oldest) return;
      await drop((entry) => entry === oldest);
    }
  }

  return {
    borrowFor: async (purpose, options) => {
      await drop((entry) => entry.purpose !== purpose || stampOfFiles(entry.files) !== entry.stamp);
      return (graph) => borrow(purpose, options, graph);
    },
    trim: () => trim(),
    releaseAll: () => drop(() => true),
  };
}

function nameOf({ bytes }: OnnxModel, stamp: string, options: SessionOptions): string {
  const hash = createHash('sha256').update(bytes).digest('base64');
  return JSON.stringify([hash, stamp, options.executionProviders, options.threads]);
}
