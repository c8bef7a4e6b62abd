import type { StudioCallName, StudioEvent } from '../../src-shared/studioApi.ts';
import type { Engine } from '../engine/host.ts';
import type { CallOptions } from './callOptions.ts';

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
  /** Stops what runs, which goes on when the studio is opened again, and closes the library. */
  close(): Promise<void>;
}
