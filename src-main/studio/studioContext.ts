import type { StudioEvent } from '../../src-shared/studioEvent.ts';
import type { Engine } from '../engine/host.ts';
import type { StudioJobs } from '../jobs/studioJobs.ts';
import type { Library } from '../library/library.ts';
import type { FaultLog } from './faultLog.ts';
import type { NewestCalls } from './newestCalls.ts';

type Changed = Extract<StudioEvent, { type: 'changed' }>['what'];

/** What handlers work with. */
export interface StudioContext {
  readonly library: Library;
  readonly jobs: StudioJobs;
  /** Composes pictures, while jobs compute in engines of their own. */
  readonly composer: Engine;
  /** Answers what takes no time, such as how a prompt is read, while a picture is being composed. */
  readonly reader: Engine;
  readonly createEngine: () => Engine;
  readonly shell: 'electron' | 'browser';
  readonly newest: NewestCalls;
  readonly faults: FaultLog;
  readonly emit: (event: StudioEvent) => void;
  /** Tells all windows that rows have changed. */
  readonly changed: (...what: Changed[]) => void;
}
