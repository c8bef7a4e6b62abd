import type { Engine } from '../engine/host.ts';
import type { Library } from '../library/library.ts';
import type { JobRunner } from './jobRunner.ts';

/** What queueing a job works with. */
export interface JobDesk {
  readonly library: Library;
  readonly runner: Pick<JobRunner, 'add'>;
  /** For short questions; not the one that does the job. */
  readonly engine: Engine;
  /** For trials of devices. */
  readonly createEngine?: () => Engine;
}
