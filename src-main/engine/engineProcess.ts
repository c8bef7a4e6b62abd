import { fork } from 'node:child_process';
import { extname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { HostMessage } from './protocol.ts';

/** The engine's process, however the shell starts one. */
export interface EngineProcess {
  readonly id: number | undefined;
  /** What it prints of its end. */
  readonly stderr: Readable | null;
  /** Carries bytes and numbers as they are. To a process that has ended it does nothing. */
  send(message: HostMessage): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once. @param reason a signal, an exit code, or why it could not be started */
  onEnd(listener: (reason: string) => void): void;
  /** Ends it at once. */
  kill(): void;
}

/** The program of the process, compiled or not. */
export const engineProgram = resolve(import.meta.dirname, `worker${extname(import.meta.filename)}`);

/** Node's own way. Flags of this process, such as a test runner's, are not passed on. */
export function forkEngine(): EngineProcess {
  const started = fork(engineProgram, {
    serialization: 'advanced',
    execArgv: [],
    // what native libraries print is noise to the user, unless the process dies of it
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // In the middle of a step it would not hear that this process has gone.
  const kill = () => started.kill('SIGKILL');
  process.once('exit', kill);
  started.once('exit', () => process.off('exit', kill));
  return {
    get id() {
      return started.pid;
    },
    stderr: started.stderr,
    // A failure means that the process has ended, which its exit event tells.
    send: (message) => void started.send(message, () => {}),
    onMessage: (listener) => void started.on('message', listener),
    onEnd: (listener) => {
      started.once('error', (error) => listener(error.message));
      started.once('exit', (code, signal) => listener(signal ?? `exit code ${code}`));
    },
    kill: () => void kill(),
  };
}
