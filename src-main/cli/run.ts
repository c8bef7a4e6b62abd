import type { Command } from 'commander';
import { messageOf } from '../../src-shared/caught.ts';
import { InputError, MisfitError } from '../../src-shared/inputError.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import { CancelledError, createEngine } from '../engine/host.ts';
import { createStudio, type Studio } from '../studio.ts';
import { withGivenName } from './givenNames.ts';
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
 * Runs a command with an engine of its own and sets the exit code. A request to end, such as Ctrl-C, is heard at the next
 * step boundary, a second one at once. Output that nobody reads any longer is such a request.
 *
 * @param work returns the exit code
 */
export async function runCommand(
  command: Command,
  work: (session: Session) => Promise<number>,
): Promise<void> {
  const reporter = createReporter(command.opts().json ?? false);
  const engine = createEngine();
  const interrupt = new AbortController();
  const stopHearing = hearEndRequests(() => {
    reporter.close();
    console.error('stopping after this step; press Ctrl-C again to stop at once');
    interrupt.abort();
  });
  for (const stream of [process.stdout, process.stderr]) {
    stream.once('error', () => interrupt.abort());
  }
  try {
    const options = { onEvent: reporter.event, signal: interrupt.signal };
    process.exitCode = await work({ studio: createStudio(engine), reporter, options });
  } catch (error) {
    process.exitCode = reportError(inGivenWords(command, error), reporter);
  } finally {
    stopHearing();
    reporter.close();
    await engine.close();
  }
}

/** The contract's names of fields mean nothing to who has typed options. */
function inGivenWords(command: Command, error: unknown): unknown {
  return error instanceof MisfitError ? new InputError(withGivenName(command, error)) : error;
}

/** Ctrl-C, a kill, and a terminal that was closed. */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/**
 * Milliseconds in which a second signal is an echo of the first: npm passes Ctrl-C on to a program that the terminal has
 * sent it to already.
 */
const echo = 500;

/**
 * Hears requests to end; a second one ends the process at once.
 *
 * @param onRequest ends the work where it can go on later
 * @returns ends the hearing
 */
export function hearEndRequests(onRequest: () => void): () => void {
  let requestedAt: number | undefined;
  const onSignal = () => {
    if (requestedAt === undefined) {
      requestedAt = performance.now();
      onRequest();
    } else if (performance.now() - requestedAt > echo) process.exit(exitCodes.interrupted);
  };
  for (const signal of endSignals) process.on(signal, onSignal);
  return () => {
    for (const signal of endSignals) process.off(signal, onSignal);
  };
}

/** Tells an error in one message; its stack only where the variable TESSERA_DEBUG asks for it. */
export function reportError(error: unknown, reporter: Reporter): number {
  const message = messageOf(error);
  if (process.env.TESSERA_DEBUG && error instanceof Error) console.error(error.stack);
  if (error instanceof CancelledError) {
    reporter.error('cancelled', message);
    return exitCodes.interrupted;
  }
  const isInput = error instanceof InputError;
  reporter.error(isInput ? 'input' : 'fault', message);
  return isInput ? exitCodes.badInput : exitCodes.failure;
}
