import * as z from 'zod';
import { callProgress } from './jobRecord.ts';
import { type StudioCallName, studioApi } from './studioApi.ts';
import { studioEvent } from './studioEvent.ts';

/** What a window and its shell say to each other: over a WebSocket under `tessera serve`, over IPC in Electron. Plain
 * JSON; each side parses what the other one sends. */

const callNames = Object.keys(studioApi) as [StudioCallName, ...StudioCallName[]];

export const windowMessage = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('call'),
    id: z.int().nonnegative(),
    name: z.enum(callNames),
    input: z.unknown(),
  }),
  /** The caller does not wait any longer. */
  z.strictObject({ kind: z.literal('cancel'), id: z.int().nonnegative() }),
]);

export type WindowMessage = z.infer<typeof windowMessage>;

export const callFailure = z.strictObject({
  /** input: something given cannot be used. cancelled: as asked. fault: ours. */
  kind: z.enum(['input', 'cancelled', 'fault']),
  message: z.string(),
});

export type CallFailure = z.infer<typeof callFailure>;

export const shellMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('result'), id: z.int(), output: z.unknown() }),
  z.strictObject({ kind: z.literal('failure'), id: z.int(), failure: callFailure }),
  z.strictObject({ kind: z.literal('progress'), id: z.int(), progress: callProgress }),
  z.strictObject({ kind: z.literal('event'), event: studioEvent }),
]);

export type ShellMessage = z.infer<typeof shellMessage>;

/**
 * Bytes that a window sends of a photo at most: it need not be sent to be found too large. A backup may be as large as the
 * disk has room for. `about` tells it to the window.
 */
export const maximumUpload = 2 ** 30;
