import { renameSync, statSync, utimesSync } from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';
import { bindWeights } from '../../src-main/engine/checkpoint/bindWeights.ts';
import { tabulate } from '../../src-main/engine/checkpoint/weightTable.ts';
import { openSafetensors } from '../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../src-main/engine/files/writeSafetensors.ts';
import {
  createSessionKeeper,
  type KeeperOptions,
  trackSessions,
} from '../../src-main/engine/runtime/sessionKeeper.ts';
import type { Compile } from '../../src-main/engine/tensor/executable.ts';
import { createGraph, type Graph } from '../../src-main/engine/tensor/graph.ts';
import { add } from '../../src-main/engine/tensor/ops/add.ts';
import { input } from '../../src-main/engine/tensor/ops/input.ts';
import { mul } from '../../src-main/engine/tensor/ops/mul.ts';
import { float32Data } from '../../src-main/engine/tensor/tensorData.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { watchSessions } from '../support/watchSessions.ts';

const { path } = temporaryFolder();
const onProcessor = { executionProviders: ['cpu'], threads: 1 };
const { create, release, forget } = watchSessions();
beforeEach(forget);

const createKeeper = (options: KeeperOptions = {}) =>
  createSessionKeeper({ isShortOfMemory: () => false, ...options });

/** x times a number; the same graph for the same number. */
function times(factor: number): Graph {
  return createGraph({ product: mul(input('x', [1]), factor) });
}

async function run(compile: Compile, graph: Graph): Promise<number> {
  const executable = await compile(graph);
  const values = await executable.run({ x: float32Data([1], Float32Array.of(3)) });
  await executable.release();
  return Number(Object.values(values)[0].data[0]);
}

test('a graph that computes the same is compiled once, with other options again', async () => {
  const keeper = createKeeper();
  const compile = await keeper.borrowFor('a', onProcessor);
  expect(await run(compile, times(2))).toBe(6);
  expect(await run(compile, times(2))).toBe(6);
  expect(await run(await keeper.borrowFor('a', onProcessor), times(2))).toBe(6);
  expect(create).toHaveBeenCalledTimes(1);
  expect(await run(compile, times(5))).toBe(15);
  await run(await keeper.borrowFor('a', { ...onProcessor, threads: 2 }), times(2));
  expect(create).toHaveBeenCalledTimes(3);
  await keeper.releaseAll();
  expect(release).toHaveBeenCalledTimes(3);
});

test('two who ask for it at once share a session', async () => {
  const keeper = createKeeper();
  const compile = await keeper.borrowFor('a', onProcessor);
  expect(await Promise.all([1, 2].map(() => run(compile, times(2))))).toEqual([6, 6]);
  expect(create).toHaveBeenCalledTimes(1);
  await keeper.releaseAll();
  expect(release).toHaveBeenCalledTimes(1);
});

/** x plus the weight in a file. */
function plusWeight(file: string): Graph {
  const weights = tabulate(file, [openSafetensors(file)], (key, weight) => [[key, weight]]);
  return createGraph({ sum: add(input('x', [1]), bindWeights(weights, file).get('w', [1])) });
}

const writeWeight = (file: string, value: number) =>
  writeSafetensors(file, new Map([['w', float32Data([1], Float32Array.of(value))]]), {});

test('a replaced file is read anew, even one of the same size and time of change', async () => {
  const file = path('weight.safetensors');
  const keeper = createKeeper();
  const ask = async () => run(await keeper.borrowFor('a', onProcessor), plusWeight(file));
  writeWeight(file, 1);
  expect(await ask()).toBe(4);
  expect(await ask()).toBe(4);
  expect(create).toHaveBeenCalledTimes(1);
  const { atime, mtime } = statSync(file);
  writeWeight(path('other.safetensors'), 2);
  utimesSync(path('other.safetensors'), atime, mtime);
  renameSync(path('other.safetensors'), file);
  expect(await ask()).toBe(5);
  expect(release).toHaveBeenCalledTimes(1);
  await keeper.releaseAll();
});

test('those used longest ago make room, but none that is in use', async () => {
  const keeper = createKeeper({ most: 2 });
  const compile = await keeper.borrowFor('a', onProcessor);
  for (const factor of [1, 2, 1, 3]) await run(compile, times(factor));
  expect(release).toHaveBeenCalledTimes(1);
  await run(compile, times(1));
  expect(create).toHaveBeenCalledTimes(3);
  const inUse = await Promise.all([4, 5, 6].map((factor) => compile(times(factor))));
  await keeper.trim();
  const [value] = await Promise.all(
    inUse.map(({ run }) => run({ x: float32Data([1], Float32Array.of(3)) })),
  );
  expect(value.product.data[0]).toBe(12);
  for (const executable of inUse) await executable.release();
  await keeper.trim();
  expect(create.mock.calls.length - release.mock.calls.length).toBe(2);
  await keeper.releaseAll();
});

test('memory that is short, another purpose, and time release what nobody uses', async () => {
  let isShort = false;
  const keeper = createKeeper({ isShortOfMemory: () => isShort, idleTime: 40, lookEvery: 10 });
  const compile = await keeper.borrowFor('a', onProcessor);
  const inUse = await compile(times(1));
  await run(compile, times(2));
  isShort = true;
  await keeper.trim();
  expect(release).toHaveBeenCalledTimes(1);
  isShort = false;
  await inUse.release();
  await run(await keeper.borrowFor('b', onProcessor), times(3));
  expect(release).toHaveBeenCalledTimes(2);
  await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(3));
  await run(await keeper.borrowFor('b', onProcessor), times(3));
  expect(create).toHaveBeenCalledTimes(4);
  isShort = true;
  await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(4));
});

test('what is in use while all are released goes when it is given back', async () => {
  const keeper = createKeeper();
  const inUse = await (await keeper.borrowFor('a', onProcessor))(times(2));
  await keeper.releaseAll();
  const values = await inUse.run({ x: float32Data([1], Float32Array.of(3)) });
  expect(values.product.data[0]).toBe(6);
  expect(release).not.toHaveBeenCalled();
  await inUse.release();
  expect(release).toHaveBeenCalledTimes(1);
});

test('a session that cannot be made is not remembered', async () => {
  const keeper = createKeeper();
  const nowhere = { executionProviders: ['no such device'] };
  const compile = await keeper.borrowFor('a', nowhere);
  await expect(compile(times(2))).rejects.toThrow();
  await expect(compile(times(2))).rejects.toThrow();
  expect(create).toHaveBeenCalledTimes(2);
  await keeper.releaseAll();
  expect(release).not.toHaveBeenCalled();
});

test('what is tracked is released once, by itself or at the end', async () => {
  const keeper = createKeeper({ most: 0 });
  const { compile, end } = trackSessions(await keeper.borrowFor('a', onProcessor));
  const early = await compile(times(2));
  await compile(times(3));
  await early.release();
  await early.release();
  await end();
  await keeper.trim();
  expect(release).toHaveBeenCalledTimes(2);
});
