import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { composePictures } from '../../../src-main/engine/commands/composePictures.ts';
import type { CommandContext } from '../../../src-main/engine/commands/context.ts';
import { proposeAnchors } from '../../../src-main/engine/commands/words.ts';
import { createEngine } from '../../../src-main/engine/host.ts';
import type { EngineParams } from '../../../src-main/engine/protocol.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { parseLayout } from '../../../src-shared/layout.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { toyboxFolder } from '../../support/toybox.ts';
import { watchSessions } from '../../support/watchSessions.ts';
import { writeToyboxConcept } from '../../support/writeTestConcept.ts';

const { path } = temporaryFolder();
const choice = { model: toyboxFolder, device: 'cpu', precision: 'float32', threads: 1 } as const;
const { create, release, forget } = watchSessions();
const engine = createEngine();
afterAll(() => engine.close());
const calm: CommandContext = { signal: new AbortController().signal, report: () => {} };
/** Gives all kept sessions back: it keeps none. */
const releaseAll = () => proposeAnchors({ ...choice, classWord: 'cat' }, calm);
beforeEach(async () => {
  await releaseAll();
  forget();
});
afterEach(releaseAll);

const layout = parseLayout({ objects: [{ phrase: 'ball', boxes: [[0.5, 0, 1, 1]] }] });

const request = (
  concepts: string[],
  changes: Partial<EngineParams<'composePictures'>> = {},
): EngineParams<'composePictures'> => ({
  ...{ ...choice, prompt: 'a <thing> cat and a ball', negative: '' },
  ...{ official: false, layoutLoss: 'layout', shuffleLayout: false, layoutThreshold: 0.2 },
  ...{ guidedSteps: 1, layoutUpdates: 1, layout: { kind: 'given', layout } },
  ...{ sampler: 'dpmpp2m', karras: false, steps: 2, guidance: 5, seed: 4 },
  pictures: [{ name: 'picture', concepts, spatial: true }],
  ...changes,
});

const textOf = (png: Uint8Array) => Buffer.from(png).toString('base64');

const here = async (params: EngineParams<'composePictures'>, context = calm) =>
  textOf((await composePictures(params, context)).pictures[0].png);

/** By another process, which has seen none of these files before. */
const elsewhere = async (params: EngineParams<'composePictures'>) =>
  textOf((await engine.call('composePictures', params)).pictures[0].png);

test.each(['textual-inversion', 'custom-diffusion', 'lora-dreambooth'] as const)(
  'another version or strength of %s has its own picture, as of an engine that never saw it',
  async (method) => {
    const file = path(`${method}.safetensors`);
    writeToyboxConcept(file, { method, seed: 1 });
    const params = request([file]);
    const weaker = request([file], { uses: { [file]: { strength: 0.5 } } });
    const first = await here(params);
    const [weak, again] = [await here(weaker), await here(params)];
    expect(again).toBe(first);
    writeToyboxConcept(file, { method, seed: 2 });
    const replaced = [await here(params), await here(weaker)];
    expect(new Set([first, weak, ...replaced]).size).toBe(4);
    expect(replaced).toEqual([await elsewhere(params), await elsewhere(weaker)]);
  },
);

test('the same preview again compiles nothing; a request of another kind finds a free memory', async () => {
  const params = request([], { prompt: 'a cat and a ball' });
  const first = await here(params);
  const networks = create.mock.calls.length;
  expect(networks).toBe(4);
  expect(await here({ ...params, seed: 5 })).not.toBe(first);
  expect(create).toHaveBeenCalledTimes(networks);
  expect(release).not.toHaveBeenCalled();
  await releaseAll();
  expect(release).toHaveBeenCalledTimes(create.mock.calls.length);
});

test('sessions outlive a cancellation and what the user gave wrongly, but no fault', async () => {
  const params = request([], { prompt: 'a cat and a ball' });
  const first = await here(params);
  const networks = create.mock.calls.length;
  const controller = new AbortController();
  const cancelling = { signal: controller.signal, report: () => controller.abort() };
  await expect(here(params, cancelling)).rejects.toThrow('aborted');
  const wrong = request([], { prompt: 'a cat' });
  await expect(here(wrong)).rejects.toBeInstanceOf(InputError);
  expect(await here(params)).toBe(first);
  expect(create).toHaveBeenCalledTimes(networks);
  const failing = {
    ...calm,
    report: () => {
      throw new Error('a fault');
    },
  };
  await expect(here(params, failing)).rejects.toThrow('a fault');
  expect(release).toHaveBeenCalledTimes(networks);
  expect(await here(params)).toBe(first);
});
