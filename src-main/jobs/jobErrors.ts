import { InputError } from '../../src-shared/inputError.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { errorText } from '../../src-shared/parseInput.ts';
import { EngineStoppedError } from '../engine/host.ts';

type JobError = NonNullable<JobStatus['error']>;

interface Kind {
  readonly pattern: RegExp;
  /** In place of the error's own words, where those would not help. */
  readonly message?: string;
  readonly advice: string;
}

const kept = 'Nothing is lost: "Resume" goes on from the last checkpoint.';

/** Sorted by how sure they are: the first that fits counts. */
const kinds: readonly Kind[] = [
  {
    pattern: /no space (is )?left|ENOSPC|SQLITE_FULL|disk is full|EDQUOT/i,
    message: 'The disk is full.',
    advice: `Make room, for example by emptying the trash and freeing space under Settings. ${kept}`,
  },
  {
    pattern: /read-only|EROFS|SQLITE_READONLY|no permission to read or write|EACCES|EPERM/i,
    message: 'The folder of the library cannot be written to.',
    advice: `Make it writable, or move the library to another disk. ${kept}`,
  },
  {
    pattern:
      /bad_alloc|out of memory|OUTOFMEMORY|failed to allocate|allocation failed|not enough memory|Cannot allocate/i,
    message: 'The memory is not enough for this.',
    advice: `Close other programs. If that does not help, train anew with smaller pictures, a smaller batch, or textual inversion. ${kept}`,
  },
  {
    pattern:
      /device ".*" cannot be used|device (was )?(lost|removed|hung|reset)|DXGI_ERROR|CUDA (error|failure)|CUBLAS|CUDNN|adapter/i,
    advice: `Wait for the driver, reconnect the device or restart the machine. ${kept}`,
  },
  {
    pattern: /diverged/i,
    advice: 'Start it anew with a lower learning rate, or keep one of the steps before.',
  },
  {
    pattern: /no such file or folder|is no longer|has changed|does not have the model/i,
    advice: `Put the file back where it was, or add the model again under Models. ${kept}`,
  },
];

/** Why a job failed and what to do about it, in the user's words. */
export function explainFailure(error: unknown): JobError {
  const message = withoutFlags(errorText(error));
  // The host's own words about an engine that ended only guess at the cause.
  const evidence = error instanceof EngineStoppedError ? error.reason : message;
  const kind = kinds.find(({ pattern }) => pattern.test(evidence));
  if (kind) return { message: kind.message ?? message, advice: kind.advice };
  if (error instanceof EngineStoppedError) return explainStops(error);
  const advice =
    error instanceof InputError
      ? `Mend what it names and resume, or start it anew with other settings. ${kept}`
      : `This is a fault of the program: please copy the diagnostics under Settings into a report. ${kept}`;
  return { message, advice };
}

function explainStops({ reason }: EngineStoppedError): JobError {
  return {
    message: `The engine ended several times at the same place (${reason}); most often the machine runs out of memory there, or a driver fails.`,
    advice: `Close other programs, or start it anew with smaller pictures, a smaller batch or another device. ${kept}`,
  };
}

/** Where the library itself could not take down how a job ended. */
export function explainUnsaved(error: unknown): JobError {
  const { message, advice } = explainFailure(error);
  return { message: `${message} The library could not be written to.`, advice };
}

/** Options of the command line mean nothing in a window. */
function withoutFlags(message: string): string {
  return message
    .split(/(?<=[.;])\s+/)
    .filter((sentence) => !/(^|\s)--[a-z]/.test(sentence))
    .join(' ')
    .replace(/;$/, '.');
}
