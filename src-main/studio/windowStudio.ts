import { InputError } from '../../src-shared/inputError.ts';
import type { StudioCallName } from '../../src-shared/studioApi.ts';
import type { StudioEvent } from '../../src-shared/studioEvent.ts';
import { CancelledError, createEngine, type Engine } from '../engine/host.ts';
import { createStudioJobs } from '../jobs/studioJobs.ts';
import type { BlobStore } from '../library/blobs.ts';
import { type Library, openLibrary } from '../library/library.ts';
import type { CallOptions } from './callOptions.ts';
import { serveCall } from './callTable.ts';
import { createFaultLog } from './faultLog.ts';
import { registerBuiltIns } from './models.ts';
import { createNewestCalls } from './newestCalls.ts';
import type { StudioContext } from './studioContext.ts';
import { startUpkeep, type Upkeep } from './upkeep.ts';

export interface WindowStudioOptions {
  /** Where the library lies; made where it is missing. */
  readonly folder: string;
  /** What `about` tells. */
  readonly shell: 'electron' | 'browser';
  /** Makes an engine: in a forked process where absent, while Electron brings one of its own kind. */
  readonly createEngine?: () => Engine;
}

/** The studio as its windows see it, whichever shell carries the calls. */
export interface WindowStudio {
  /**
   * Serves one call of the contract (studioApi.ts): parses the input, runs the handler.
   *
   * @throws InputError that names the field, or says what given cannot be used; CancelledError after `signal`, or when a
   *   newer call took its place; Error for faults
   */
  call(name: StudioCallName, input: unknown, options?: Partial<CallOptions>): Promise<unknown>;
  /** Tells a listener everything that windows hear unasked. @returns what ends it */
  subscribe(listener: (event: StudioEvent) => void): () => void;
  /** Files that windows bring and fetch. */
  readonly blobs: BlobStore;
  /** Stops what runs, which goes on when the studio is opened again, and closes the library. */
  close(): Promise<void>;
}

/**
 * Opens the library, knows the built-in model, and goes on with jobs that wait.
 *
 * @throws InputError where the library cannot be opened: it is newer than this program, damaged, or open elsewhere
 */
export async function openWindowStudio(options: WindowStudioOptions): Promise<WindowStudio> {
  const library = openLibrary(options.folder);
  const listeners = new Set<(event: StudioEvent) => void>();
  const studio = createContext(library, options, (event) => {
    for (const listener of listeners) listener(event);
  });
  let upkeep: Upkeep | undefined;
  const close = async () => {
    listeners.clear();
    await upkeep?.close();
    await studio.jobs.close();
    await Promise.all([studio.composer.close(), studio.reader.close()]);
    library.close();
  };
  try {
    await registerBuiltIns(studio);
    await studio.jobs.start();
    upkeep = startUpkeep(studio);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    call: (name, input, callOptions) => serve(studio, name, input, callOptions),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    blobs: library.blobs,
    close,
  };
}

function createContext(
  library: Library,
  { shell, createEngine: makeEngine = createEngine }: WindowStudioOptions,
  emit: StudioContext['emit'],
): StudioContext {
  const reader = makeEngine();
  const jobs = createStudioJobs({ library, engine: reader, emit, createEngine: makeEngine });
  return {
    ...{ library, jobs, reader, shell, emit, createEngine: makeEngine },
    composer: makeEngine(),
    newest: createNewestCalls(),
    faults: createFaultLog(),
    changed: (...kinds) => {
      for (const what of kinds) emit({ type: 'changed', what });
    },
  };
}

async function serve(
  studio: StudioContext,
  name: StudioCallName,
  input: unknown,
  options: Partial<CallOptions> = {},
): Promise<unknown> {
  const { signal = new AbortController().signal, onProgress = () => {}, windowId = '' } = options;
  try {
    return await serveCall(studio, name, input, { signal, onProgress, windowId });
  } catch (error) {
    if (signal.aborted && error === signal.reason) throw new CancelledError('cancelled');
    const isOurs = !(error instanceof InputError || error instanceof CancelledError);
    if (isOurs) studio.faults.note(name, error);
    throw error;
  }
}
