import * as z from 'zod';
import { InputError } from '../../src-shared/inputError.ts';
import { errorText } from '../../src-shared/parseInput.ts';
import {
  type CallFailure,
  type ShellMessage,
  type WindowMessage,
  windowMessage,
} from '../../src-shared/shellProtocol.ts';
import { CancelledError } from '../engine/host.ts';
import type { StudioPort } from './studioPort.ts';

/** The shell's end of one window's connection. */
export interface WindowSession {
  /** @throws Error when the message cannot even be answered: the connection is to be closed */
  receive(message: unknown): void;
  /** The window has gone: what it waits for is cancelled. */
  close(): void;
}

/** Serves the calls of one window and tells it the studio's events. */
export function openWindowSession(
  studio: Pick<StudioPort, 'call' | 'subscribe'>,
  windowId: string,
  send: (message: ShellMessage) => void,
): WindowSession {
  const running = new Map<number, AbortController>();
  let open = true;
  const tell = (message: ShellMessage) => open && send(message);
  const unsubscribe = studio.subscribe((event) => tell({ kind: 'event', event }));

  async function serve({ id, name, input }: Extract<WindowMessage, { kind: 'call' }>) {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const output = await studio.call(name, input, {
        windowId,
        signal: controller.signal,
        onProgress: (progress) => tell({ kind: 'progress', id, progress }),
      });
      tell({ kind: 'result', id, output });
    } catch (error) {
      tell({ kind: 'failure', id, failure: failureOf(error) });
    } finally {
      running.delete(id);
    }
  }

  return {
    receive: (received) => {
      const { data: message, error } = windowMessage.safeParse(received);
      if (!message) return tell(notUnderstood(received, error));
      if (message.kind === 'cancel') running.get(message.id)?.abort();
      else if (running.has(message.id)) throw new Error(`two calls have the id ${message.id}`);
      else void serve(message);
    },
    close: () => {
      open = false;
      unsubscribe();
      for (const controller of running.values()) controller.abort();
    },
  };
}

/** A page of another version than the program may make calls that do not exist here. */
function notUnderstood(received: unknown, error: z.ZodError | undefined): ShellMessage {
  const known = z.object({ id: z.int().nonnegative() }).safeParse(received);
  if (!known.success) throw new Error('the message is no call');
  const message = `the program does not understand its window; reload it (${error?.issues[0]?.message})`;
  return { kind: 'failure', id: known.data.id, failure: { kind: 'fault', message } };
}

function failureOf(error: unknown): CallFailure {
  const message = errorText(error);
  if (error instanceof InputError) return { kind: 'input', message };
  if (error instanceof CancelledError) return { kind: 'cancelled', message };
  if (process.env.TESSERA_DEBUG && error instanceof Error) console.error(error.stack);
  return { kind: 'fault', message };
}
