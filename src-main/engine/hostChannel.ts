import type { EngineMessage } from './protocol.ts';

/** The engine's end of the way to its host: the channel of a forked process, or the port of Electron's utility process. */

interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

/** Electron adds it to the processes that it starts. */
const parentPort: ParentPort | undefined = Reflect.get(process, 'parentPort');

export function receiveMessages(listener: (message: unknown) => void): void {
  if (parentPort) {
    // Such a process ends with the one that started it.
    parentPort.on('message', ({ data }) => listener(data));
    return;
  }
  process.on('message', listener);
  process.on('disconnect', () => process.exit());
}

export function sendMessage(message: EngineMessage): void {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
}
