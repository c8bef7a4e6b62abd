import { join } from 'node:path';
import { api, type CallOutput, type CallRequest } from '../../src-shared/api.ts';
import { demo, demoLayout, demoPrompt } from '../../src-shared/demo.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import type { Engine } from '../engine/host.ts';
import { readBuiltIns } from './builtIns.ts';
import { composePreview } from './composePreview.ts';
import { inFolder, writeOutput } from './outputFile.ts';
import { trainConcept } from './trainConcept.ts';

type Input = CallRequest<'runDemo'>;

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
  const { device, precision, threads, seed, out, object, steps = demo.training.steps } = input;
  const { model, evaluators, samples } = await readBuiltIns();
  const sample = samples.find(({ name }) => name === input.sample);
  if (!sample) {
    const names = samples.map(({ name }) => name).join(', ');
    throw new InputError(`there is no sample "${input.sample}", expected one of ${names}`);
  }
  const { token, classWord, photos } = sample;
  const shared = { model, device, precision, threads, seed };
  const concept = join(out, `${sample.name}.safetensors`);
  const trainInput = {
    ...shared,
    ...demo.training,
    steps,
    photos,
    classWord,
    token,
    bothWays: true,
    // a demo begins anew every time
    keepCheckpoint: false,
    out: concept,
  };
  const concepts = await inFolder(out, () =>
    trainConcept(engine, parseInput(api.trainConcept.input, trainInput, 'demo'), options),
  );
  const layout = join(out, 'layout.json');
  await writeOutput(layout, `${JSON.stringify(demoLayout(sample, object), null, 2)}\n`);
  const composeInput = {
    ...{ ...shared, ...demo.sampling, evaluators, photos, compare: true, concepts: [concept] },
    prompt: demoPrompt(sample, object),
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
