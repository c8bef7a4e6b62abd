import { InputError } from '../../src-shared/inputError.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import { CancelledError, createEngine } from '../engine/host.ts';
import { createStudio, type Studio } from '../studio.ts';
import { createReporter, type Reporter } from './reporter.ts';

/** Ends of a command. */
export const exitCodes = { ok: 0, failure: 1, badInput: 2, interrupted: 130 } as const;

export interface Session {
  readonly studio: Studio;
  readonly reporter: Reporter;
  /** Passes events on and carries Ctrl-C. */
  readonly options: JobOptions;
}

/**
 * Runs a command with an engine of its own and sets the exit code. The first Ctrl-C asks for an end at the next step
 * boundary, the second one ends at once.
 *
 * @param work returns the exit code
 */
export async function runCommand(
  { json = false }: { readonly json?: boolean },
  work: (session: Session) => Promise<number>,
): Promise<void> {
  const reporter = createReporter(json);
  const engine = createEngine();
  const interrupt = new AbortController();
  const onInterrupt = () => {
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
    reporter.close();
    console.error('stopping after this step; press Ctrl-C again to stop at once');
    interrupt.abort();
  };
  process.on('SIGINT', onInterrupt);
  try {
    const options = { onEvent: reporter.event, signal: interrupt.signal };
    process.exitCode = await work({ studio: createStudio(engine), reporter, options });
  } catch (error) {
    process.exitCode = reportError(error, reporter);
  } finally {
    process.off('SIGINT', onInterrupt);
    reporter.close();
    await engine.close();
  }
}

/** Tells an error in one message; its stack only where the variable TESSERA_DEBUG asks for it. */
export function reportError(error: unknown, reporter: Reporter): number {
  const message = error instanceof Error ? error.message : String(error);
  if (process.env.TESSERA_DEBUG && error instanceof Error) console.error(error.stack);
  if (error instanceof CancelledError) {
    reporter.error('cancelled', message);
    return exitCodes.interrupted;
  }
  const isInput = error instanceof InputError;
  reporter.error(isInput ? 'input' : 'fault', message);
  return isInput ? exitCodes.badInput : exitCodes.failure;
}
