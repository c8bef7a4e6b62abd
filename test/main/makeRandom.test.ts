import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src-main/engine/checkpoint/checkpoint.ts';
import { writeRandomCheckpoint } from '../../src-main/engine/checkpoint/randomCheckpoint.ts';
import { makeRandom as makeRandomInEngine } from '../../src-main/engine/commands/makeRandom.ts';
import {
  createNoisePredictor,
  createTextEncoder,
} from '../../src-main/engine/diffusion/networks.ts';
import { RandomStream } from '../../src-main/engine/diffusion/random.ts';
import { loadModel } from '../../src-main/engine/loadModel.ts';
import type { JobEvent } from '../../src-shared/job.ts';
import { committedGolden, jsonLines, runCli } from '../support/runCli.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { compile } from '../support/tinyModel.ts';

const { path } = temporaryFolder();
const makeRandom = () => runCli(['make-random', '--family', 'toybox', '--json', path('toybox')]);

/** The UNet's file of a tiny checkpoint. */
async function tiny(name: string, seed: number, half: boolean): Promise<Buffer> {
  const like = { folder: committedGolden('tiny-sd1') };
  const random = (label: string) => RandomStream.create(seed, label);
  await writeRandomCheckpoint(path(name), { like, random, half });
  return readFileSync(path(`${name}/unet/diffusion_pytorch_model.safetensors`));
}

describe('tessera make-random', () => {
  test('writes a checkpoint that computes finite numbers', async () => {
    const { code, stdout } = await makeRandom();
    expect(code).toBe(0);
    const { parameters } = jsonLines(stdout).at(-1) ?? {};
    expect(parameters).toBeGreaterThan(16e6);
    const model = loadModel(openCheckpoint(path('toybox')), compile);
    const encoder = await createTextEncoder(model, { batch: 1 });
    expect(model.tokenizer.maxLength).toBe(32);
    const hidden = await encoder.encode([model.tokenizer.encodePadded('a cat').ids]);
    const predictor = await createNoisePredictor(model, { batch: 1, height: 16, width: 16 });
    const sample = Float32Array.from({ length: 6 * 16 * 16 }, (_, index) => Math.sin(index));
    const noise = await predictor.predict(sample, [500], hidden);
    const deviation = Math.hypot(...noise) / Math.sqrt(noise.length);
    expect(deviation).toBeGreaterThan(0.01);
    expect(deviation).toBeLessThan(100);
  });

  test('replaces nothing', async () => {
    const { code, stdout, stderr } = await makeRandom();
    expect(code).toBe(2);
    expect(stdout + stderr).toContain('this folder is not empty, and nothing in it is replaced');
  });
});

test('a seed gives the same bytes, another others, half precision half as many', async () => {
  const first = await tiny('first', 3, false);
  expect((await tiny('second', 3, false)).equals(first)).toBe(true);
  expect((await tiny('third', 4, false)).equals(first)).toBe(false);
  expect(first.length / (await tiny('half', 3, true)).length).toBeCloseTo(2, 0);
});

test('a checkpoint that cannot be finished leaves nothing, so that the next attempt can', async () => {
  const like = { folder: committedGolden('tiny-sd1') };
  const random = (label: string) => RandomStream.create(1, label);
  const onFile = () => Promise.reject(new Error('the disk is full'));
  mkdirSync(path('unfinished'));
  const failing = writeRandomCheckpoint(path('unfinished'), { like, random, half: false, onFile });
  await expect(failing).rejects.toThrow('the disk is full');
  expect(readdirSync(path('unfinished'))).toEqual([]);
  await tiny('unfinished', 1, false);
});

test('a request to stop is heard between two files', async () => {
  const like = { folder: committedGolden('tiny-sd1') };
  const stop = new AbortController();
  const seen: number[] = [];
  const report = (event: JobEvent) => {
    if (event.type !== 'progress') return;
    seen.push(event.step);
    setTimeout(() => stop.abort(new Error('cancelled')), 0);
  };
  const params = { like, seed: 1, half: false, out: path('stopped') };
  const stopped = makeRandomInEngine(params, { signal: stop.signal, report });
  await expect(stopped).rejects.toThrow('cancelled');
  expect(seen).toEqual([0, 1]);
  expect(readdirSync(path('stopped'))).toEqual([]);
});
