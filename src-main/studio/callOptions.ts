import type { CallProgress } from '../../src-shared/studioApi.ts';

/** How a window follows and stops a call. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CallProgress) => void;
  /** Of the window that calls: its newest preview ends its older one. */
  readonly windowId: string;
}
