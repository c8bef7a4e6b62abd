import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { api, type CallOutput, type CallRequest } from '../../src-shared/api.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import type { Engine } from '../engine/host.ts';
import { readBuiltIns } from './builtIns.ts';
import { composePreview } from './composePreview.ts';
import { writeOutput } from './outputFile.ts';
import { trainConcept } from './trainConcept.ts';

type Input = CallRequest<'runDemo'>;

/**
 * As hard as the released scripts train, in short: three vectors and steps as large as the words themselves. It learns
 * the looks of a thing, and without anchors it overfits (docs/results.md has the trials).
 */
export const training = { vectors: 3, batch: 2, steps: 300, learningRate: 0.05 };
export const sampling = { sampler: 'dpmpp2m', steps: 25, guidance: 5 } as const;

/** The concept on the left, the other object on the right. */
const places = {
  concept: [0.04, 0.3, 0.5, 0.95],
  object: [0.54, 0.35, 0.97, 0.93],
};

/**
 * The main job on what comes with the program: trains a sample concept plainly and with anchors, composes it with
 * another object with and without a layout, all from one seed, and writes the sheet and the figures.
 */
export async function runDemo(
  engine: Engine,
  input: Input,
  options: JobOptions,
): Promise<CallOutput<'runDemo'>> {
  const start = performance.now();
  const { device, threads, seed, out, object, steps = training.steps } = input;
  const { model, evaluators, samples } = await readBuiltIns();
  const sample = samples.find(({ name }) => name === input.sample);
  if (!sample) {
    const names = samples.map(({ name }) => name).join(', ');
    throw new InputError(`there is no sample "${input.sample}", expected one of ${names}`);
  }
  const { token, classWord, photos } = sample;
  await mkdir(out, { recursive: true });
  const shared = { model, device, threads, seed };
  const concept = join(out, `${sample.name}.safetensors`);
  const trainInput = {
    ...shared,
    ...training,
    steps,
    photos,
    classWord,
    token,
    bothWays: true,
    out: concept,
  };
  const concepts = await trainConcept(
    engine,
    parseInput(api.trainConcept.input, trainInput, 'demo'),
    options,
  );
  const layout = join(out, 'layout.json');
  const objects = [
    { phrase: `${token} ${classWord}`, boxes: [places.concept] },
    { phrase: object, boxes: [places.object] },
  ];
  await writeOutput(layout, `${JSON.stringify({ objects }, null, 2)}\n`);
  const composeInput = {
    ...{ ...shared, ...sampling, evaluators, photos, compare: true, concepts: [concept] },
    prompt: `a ${token} ${classWord} and ${/^[aeiou]/i.test(object) ? 'an' : 'a'} ${object}`,
    layout: { kind: 'file', path: layout },
    out: join(out, 'demo.png'),
  };
  const composed = await composePreview(
    engine,
    parseInput(api.composePreview.input, composeInput, 'demo'),
    options,
  );
  const metrics = join(out, 'metrics.json');
  const report = {
    sample,
    prompt: composeInput.prompt,
    seed,
    concepts,
    pictures: composed.pictures,
  };
  await writeOutput(metrics, `${JSON.stringify(report, null, 2)}\n`);
  const seconds = (performance.now() - start) / 1000;
  return { ...concepts, sheet: composed.picture, metrics, pictures: composed.pictures, seconds };
}
