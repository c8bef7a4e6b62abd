/** The engine's process: takes requests from its host, runs them one after the other, tells how they go. */
import { messageOf } from '../../src-shared/caught.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { checkComposition } from './commands/checkComposition.ts';
import { composePictures } from './commands/composePictures.ts';
import type { CommandContext } from './commands/context.ts';
import { describeConceptFile } from './commands/describeConcept.ts';
import { describeModel } from './commands/describeModel.ts';
import { describeTraining, probeTraining } from './commands/describeTraining.ts';
import { describeDevices, probe } from './commands/devices.ts';
import { exportConceptFiles } from './commands/exportConcept.ts';
import { chooseLayout, harvest } from './commands/harvest.ts';
import { describeForeignFile, importForeign } from './commands/importForeign.ts';
import { inspect } from './commands/inspect.ts';
import { makeRandom } from './commands/makeRandom.ts';
import { mapVocabulary } from './commands/mapVocabulary.ts';
import { recoverLocations } from './commands/recoverLocations.ts';
import { testDevice } from './commands/testDevice.ts';
import { trainConcept } from './commands/trainConcept.ts';
import { verify } from './commands/verify.ts';
import { checkToken, proposeAnchors, readPrompt, suggestWords } from './commands/words.ts';
import { receiveMessages, sendMessage } from './hostChannel.ts';
import {
  type EngineAnswer,
  type EngineFailure,
  type EngineMessage,
  type EngineMethod,
  type EngineParams,
  type HostMessage,
  hostMessage,
  parseParams,
} from './protocol.ts';

type Handlers = {
  readonly [Method in EngineMethod]: (
    params: EngineParams<Method>,
    context: CommandContext,
  ) => Promise<EngineAnswer<Method>>;
};

const handlers: Handlers = {
  trainConcept,
  describeTraining,
  probeTraining,
  composePictures,
  checkComposition,
  harvestLayouts: harvest,
  recoverLocations,
  verifyModel: verify,
  makeRandom,
  inspectFile: inspect,
  describeModel,
  describeConcept: describeConceptFile,
  describeForeign: describeForeignFile,
  importForeign,
  exportConcept: exportConceptFiles,
  suggestWords,
  proposeAnchors,
  readPrompt,
  checkToken,
  mapVocabulary,
  chooseLayout,
  testDevice,
  describeRuntime: describeDevices,
  probeDevice: probe,
};

const running = new Map<number, AbortController>();
/** Sessions and memory are shared, so requests wait for each other. */
let queue: Promise<void> = Promise.resolve();

receiveMessages((message) => {
  const parsed = hostMessage.parse(message);
  if (parsed.kind === 'cancel') running.get(parsed.id)?.abort(new Error('cancelled'));
  else enqueue(parsed);
});
// They reach the whole process group, or service; the host decides and asks for an end at a step boundary.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

function enqueue({ id, method, params }: HostMessage & { kind: 'request' }): void {
  const controller = new AbortController();
  running.set(id, controller);
  queue = queue.then(async () => {
    sendMessage(await answer(id, method, params, controller.signal));
    running.delete(id);
  });
}

async function answer(
  id: number,
  method: EngineMethod,
  params: unknown,
  signal: AbortSignal,
): Promise<EngineMessage> {
  try {
    signal.throwIfAborted();
    const context = {
      signal,
      report: (event) => sendMessage({ kind: 'event', id, event }),
    } satisfies CommandContext;
    return { kind: 'result', id, result: await handle(method, params, context) };
  } catch (error) {
    return { kind: 'failure', id, failure: failureOf(error, signal) };
  }
}

function handle<Method extends EngineMethod>(
  method: Method,
  params: unknown,
  context: CommandContext,
): Promise<EngineAnswer<Method>> {
  return handlers[method](parseParams(method, params), context);
}

function failureOf(error: unknown, signal: AbortSignal): EngineFailure {
  const message = messageOf(error);
  const stack = error instanceof Error ? error.stack : undefined;
  if (signal.aborted && error === signal.reason) return { kind: 'cancelled', message };
  return { kind: error instanceof InputError ? 'input' : 'fault', message, stack };
}
