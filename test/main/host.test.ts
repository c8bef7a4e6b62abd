import { afterAll, expect, test } from 'vitest';
import {
  CancelledError,
  createEngine,
  type EngineOptions,
  EngineStoppedError,
} from '../../src-main/engine/host.ts';
import type { EngineParams } from '../../src-main/engine/protocol.ts';
import { api } from '../../src-shared/api.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobEvent } from '../../src-shared/job.ts';
import { committedGolden } from '../support/runCli.ts';

const engines: ReturnType<typeof createEngine>[] = [];

function startEngine(options?: EngineOptions) {
  const engine = createEngine(options);
  engines.push(engine);
  return engine;
}

afterAll(() => Promise.all(engines.map((engine) => engine.close())));

/** So long that it is never finished. */
function endlessPicture(): EngineParams<'composePictures'> {
  const input = api.composePreview.input.parse({
    model: committedGolden('tiny-sd1'),
    prompt: 'a cat',
    steps: 1000,
    out: 'unused.png',
  });
  const { concepts, compare: _, layout: __, out: ___, ...params } = input;
  return { ...params, pictures: [{ name: 'picture', concepts, spatial: false }] };
}

test('a killed engine fails the call with its reason, and the next call has a new one', async () => {
  const engine = startEngine();
  const kill = (event: JobEvent) => {
    if (event.type === 'progress' && event.step === 2) process.kill(engine.processId!, 'SIGKILL');
  };
  const call = engine.call('composePictures', endlessPicture(), { onEvent: kill });
  await expect(call).rejects.toThrow(EngineStoppedError);
  await expect(call).rejects.toThrow(/SIGKILL.*--resume/);
  expect(engine.processId).toBeUndefined();
  const { runtime } = await engine.call('describeRuntime', {});
  expect(runtime).toMatch(/^ONNX Runtime \d/);
});

test('cancelling ends at a step boundary and keeps the engine', async () => {
  const engine = startEngine();
  const controller = new AbortController();
  const steps: number[] = [];
  const onEvent = (event: JobEvent) => {
    if (event.type === 'progress') steps.push(event.step);
    if (steps.length === 3) controller.abort();
  };
  const options = { onEvent, signal: controller.signal };
  await expect(engine.call('composePictures', endlessPicture(), options)).rejects.toThrow(
    CancelledError,
  );
  expect(steps.length).toBeLessThan(100);
  const { processId } = engine;
  await engine.call('describeRuntime', {});
  expect(engine.processId).toBe(processId);
});

test('a step that does not end in time is killed', async () => {
  const engine = startEngine({ cancelGrace: 0 });
  const controller = new AbortController();
  const call = engine.call('composePictures', endlessPicture(), { signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toThrow(CancelledError);
  await expect(engine.call('describeRuntime', {})).resolves.toBeDefined();
});

test('calls wait for each other; each gets its own answer', async () => {
  const engine = startEngine();
  const inspect = (name: string) => engine.call('inspectFile', { path: committedGolden(name) });
  const [folder, file] = await Promise.all([
    inspect('tiny-sd1'),
    inspect('tiny-sd2-ldm-fp16.safetensors'),
  ]);
  expect(folder.family).toBe('sd1');
  expect(file.family).toBe('sd2');
});

test("what the user gave crosses the process boundary as the user's error", async () => {
  const engine = startEngine();
  const call = engine.call('inspectFile', { path: '/nowhere/at/all' });
  await expect(call).rejects.toThrow(InputError);
  await expect(call).rejects.toThrow('/nowhere/at/all: no such file or folder');
});

test('a cancelled call does not begin', async () => {
  const engine = startEngine();
  const call = engine.call('describeRuntime', {}, { signal: AbortSignal.abort() });
  await expect(call).rejects.toThrow(CancelledError);
  expect(engine.processId).toBeUndefined();
});
