import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { openSafetensors, readTensor } from '../../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../../src-main/engine/files/writeSafetensors.ts';
import { createAdamW } from '../../../src-main/engine/inversion/adamW.ts';
import {
  createLocationRecovery,
  drawBoxes,
  type LocationRecovery,
  likeliestBoxes,
  locationParameterShapes,
  locationRecoveryTensors,
  readLocationRecovery,
} from '../../../src-main/engine/spatial/locationRecovery.ts';
import {
  createLocationPredictor,
  examplesOfPrior,
  type LocationExample,
  locationTrainingGraph,
  trainLocationRecovery,
} from '../../../src-main/engine/spatial/locationTraining.ts';
import { float32Data, type TensorData } from '../../../src-main/engine/tensor/tensorData.ts';
import { parseBox, parseLayoutPrior } from '../../../src-shared/layout.ts';
import { compile } from '../../support/tinyModel.ts';

const config = { tokens: 6, hiddenSize: 5, objects: 2, features: 16 };
const positions = [[1, 2], [4]];
const seed = 21;
/** Standard deviations of the coordinates of the two objects. */
const deviations = [0.03, 0.08];

/** A world where places follow from the hidden states of the objects' tokens, with noise of known size. */
function drawExample(random: RandomStream): LocationExample {
  const hiddenStates = random.normal(config.tokens * config.hiddenSize);
  const feature = (token: number) => Math.tanh(hiddenStates[token * config.hiddenSize]);
  const boxes = [feature(1), feature(4)].map((value, object) => {
    const noise = random.normal(4);
    const centre = 0.5 + 0.1 * value;
    const sides = [centre - 0.2, 0.25, centre + 0.2, 0.75];
    return parseBox(sides.map((side, index) => side + deviations[object] * 0.6 * noise[index]));
  });
  return { hiddenStates, positions, boxes };
}

function drawExamples(count: number, label: string): LocationExample[] {
  const random = RandomStream.create(seed, label);
  return Array.from({ length: count }, () => drawExample(random));
}

async function train(examples: readonly LocationExample[], steps: number) {
  const recovery = createLocationRecovery(
    config,
    examples.map(({ boxes }) => boxes),
    RandomStream.create(seed, 'start'),
  );
  const adamW = createAdamW([
    { parameters: recovery.parameters, learningRate: 0.01, weightDecay: 0.01 },
  ]);
  const losses: number[] = [];
  await trainLocationRecovery({
    recovery,
    examples,
    compile,
    optimise: (gradients, step) => adamW.step(gradients, 1 - step / steps),
    random: RandomStream.create(seed, 'batches'),
    steps,
    batchSize: 128,
    onStep: (_, loss) => losses.push(loss),
  });
  return { recovery, losses };
}

describe('training', () => {
  test('recovers places and their spread', async () => {
    const { recovery, losses } = await train(drawExamples(4000, 'training'), 500);
    const predictor = await createLocationPredictor(compile, recovery);
    const squares = [0, 0];
    const variances = [0, 0];
    let likelihood = 0;
    const held = drawExamples(200, 'held out');
    for (const { hiddenStates, boxes } of held) {
      const proposals = await predictor.predict(hiddenStates, positions);
      for (const [object, { mean, variance }] of proposals.entries()) {
        for (let side = 0; side < 4; side++) {
          const square = (boxes[object][side] - mean[side]) ** 2 / variance[side];
          squares[object] += square / (4 * held.length);
          variances[object] += variance[side] / (4 * held.length);
          likelihood += (Math.log(2 * Math.PI * variance[side]) + square) / 2 / (8 * held.length);
        }
      }
    }
    await predictor.release();
    const truth = deviations.map((deviation) => (0.6 * deviation) ** 2);
    // the entropy of the noise: no prediction can have a smaller expected loss
    const bound = truth.reduce((sum, own) => sum + Math.log(2 * Math.PI * Math.E * own) / 4, 0);
    expect(losses[0]).toBeGreaterThan(bound + 0.3);
    expect(likelihood, `seed ${seed}`).toBeLessThan(bound + 0.1);
    for (const object of [0, 1]) {
      expect(squares[object], `seed ${seed}`).toBeGreaterThan(0.8);
      expect(squares[object], `seed ${seed}`).toBeLessThan(1.25);
      expect(variances[object] / truth[object], `seed ${seed}`).toBeGreaterThan(0.8);
      expect(variances[object] / truth[object], `seed ${seed}`).toBeLessThan(1.25);
    }
  });

  test('fits the only picture there is without running away', async () => {
    const [example] = drawExamples(1, 'one');
    const { recovery, losses } = await train([example], 200);
    const predictor = await createLocationPredictor(compile, recovery);
    const proposals = await predictor.predict(example.hiddenStates, positions);
    await predictor.release();
    for (const [object, box] of likeliestBoxes(proposals).entries()) {
      for (const side of [0, 1, 2, 3]) {
        expect(Math.abs(box[side] - example.boxes[object][side])).toBeLessThan(0.005);
      }
    }
    // bounded from below by the least deviation, 1 %
    expect(losses.at(-1)).toBeGreaterThan(Math.log(2 * Math.PI * 1e-4) / 2 - 1e-3);
  });

  test('does not look at tokens that belong to no object', async () => {
    const recovery = smallRecovery();
    const predictor = await createLocationPredictor(compile, recovery);
    const hidden = drawExamples(1, 'hidden')[0].hiddenStates;
    const at = (token: number) => hidden.with(token * config.hiddenSize, 9);
    const plain = await predictor.predict(hidden, positions);
    expect(await predictor.predict(at(3), positions)).toEqual(plain);
    expect(await predictor.predict(at(4), positions)).not.toEqual(plain);
    await expect(predictor.predict(hidden, [[1]])).rejects.toThrow('made for 2 objects, not 1');
    await expect(predictor.predict(hidden, [[1], [6]])).rejects.toThrow(
      'token 6 is outside 0 to 5',
    );
    await predictor.release();
  });

  test('has the gradient of central differences', async () => {
    const executable = await compile(locationTrainingGraph(config, 3));
    const batch = drawExamples(3, 'gradient');
    const { parameters } = smallRecovery();
    const shapes = Object.entries(locationParameterShapes(config));
    const random = RandomStream.create(seed, 'direction');
    const directions = new Map(shapes.map(([key]) => [key, random.normal(parameters[key].length)]));
    const valuesAt = (distance: number): Record<string, TensorData> => ({
      hiddenStates: float32(
        [3, 6, 5],
        batch.flatMap((one) => [...one.hiddenStates]),
      ),
      tokenMask: float32(
        [3, 6, 1],
        batch.flatMap(() => [0, 1, 1, 0, 1, 0]),
      ),
      boxes: float32(
        [3, 2, 4],
        batch.flatMap((one) => one.boxes.flat()),
      ),
      ...Object.fromEntries(
        shapes.map(([key, shape]) => {
          const moved = [...parameters[key]].map(
            (value, i) => value + distance * directions.get(key)![i],
          );
          return [`parameter.${key}`, float32(shape, moved)] as const;
        }),
      ),
    });
    const lossAt = async (distance: number) =>
      Number((await executable.run(valuesAt(distance))).loss.data[0]);
    const numeric = ((await lossAt(2e-3)) - (await lossAt(-2e-3))) / 4e-3;
    const gradients = await executable.run(valuesAt(0));
    const analytic = shapes
      .map(([key]) =>
        Array.from(gradients[`gradient.${key}`].data, Number).reduce(
          (sum, value, i) => sum + value * directions.get(key)![i],
          0,
        ),
      )
      .reduce((a, b) => a + b);
    await executable.release();
    expect(Math.abs(analytic), `seed ${seed}`).toBeGreaterThan(1e-3);
    expect(Math.abs(numeric - analytic), `seed ${seed}`).toBeLessThan(2e-3 * Math.abs(analytic));
  });

  test('can be stopped, and stops at a loss that is not finite', async () => {
    const recovery = smallRecovery();
    const examples = drawExamples(2, 'stop');
    const rest = { recovery, compile, steps: 2, random: RandomStream.create(1, 'batches') };
    const optimise = () => {};
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(trainLocationRecovery({ ...rest, examples, optimise, signal })).rejects.toThrow(
      'enough',
    );
    const broken = () => void recovery.parameters['location.bias'].fill(Number.NaN);
    await expect(trainLocationRecovery({ ...rest, examples, optimise: broken })).rejects.toThrow(
      'learning places diverged in step 2: the loss is NaN. Learn again with a lower learning rate',
    );
  });
});

test('a prior gives an example per sample', () => {
  const heatMap = { height: 1, width: 1, values: [1] };
  const box = parseBox([0, 0, 1, 0.5]);
  const sample = { seed: 1, objects: [{ box, heatMap }] };
  const prior = parseLayoutPrior({
    version: 1,
    prompt: 'cat',
    objects: ['cat'],
    samples: [sample, sample],
  });
  const prompt = { hiddenStates: Float32Array.of(1), positions: [[1]] };
  const example: LocationExample = { ...prompt, boxes: [box] };
  expect(examplesOfPrior(prior, prompt)).toEqual([example, example]);
});

describe('proposals', () => {
  const proposals = [{ mean: [0.2, 0.3, 0.6, 0.9], variance: [1e-4, 4e-4, 1e-4, 1e-4] }];

  test('have a likeliest box', () => {
    expect(likeliestBoxes(proposals)).toEqual([[0.2, 0.3, 0.6, 0.9]]);
  });

  test('are drawn from, the same again from the same seed', () => {
    const random = RandomStream.create(seed, 'draw');
    const drawn = Array.from({ length: 2000 }, () => drawBoxes(proposals, random)[0]);
    for (const side of [0, 1, 2]) {
      const values: number[] = drawn.map((box) => box[side]);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
      expect(mean, `seed ${seed}`).toBeCloseTo(proposals[0].mean[side], 2);
      expect(variance / proposals[0].variance[side], `seed ${seed}`).toBeGreaterThan(0.85);
      expect(variance / proposals[0].variance[side], `seed ${seed}`).toBeLessThan(1.15);
    }
    expect(drawBoxes(proposals, RandomStream.create(seed, 'draw'))[0]).toEqual(drawn[0]);
  });
});

describe('a stored network', () => {
  test('comes back as it was', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-location-'));
    try {
      const path = join(folder, 'recovery.safetensors');
      const recovery = smallRecovery();
      const { tensors, metadata } = locationRecoveryTensors(recovery);
      writeSafetensors(path, tensors, metadata);
      const file = openSafetensors(path);
      const read = new Map([...file.tensors.keys()].map((key) => [key, readTensor(file, key)]));
      expect(readLocationRecovery(path, read, file.metadata)).toEqual(recovery);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('that is something else is refused', () => {
    const { tensors, metadata } = locationRecoveryTensors(smallRecovery());
    const entries = new Map(Object.entries(metadata));
    const read =
      (changed: Iterable<readonly [string, TensorData]>, own = entries) =>
      () =>
        readLocationRecovery('x.safetensors', new Map(changed), own);
    expect(read(tensors, new Map())).toThrow('x.safetensors: no location recovery');
    expect(read([])).toThrow('tensor "hidden.weight" is missing, expected float32 [16,5]');
    expect(read([...tensors, ['hidden.bias', float64([16], new Array(16).fill(0))]])).toThrow(
      'tensor "hidden.bias" is float64 [16], expected float32 [16]',
    );
    const other = (text: string) => new Map(entries).set('config', text);
    expect(read(tensors, other('{'))).toThrow('x.safetensors: config is not JSON');
    expect(read(tensors, other('{"tokens":0}'))).toThrow(
      'x.safetensors: config: tokens is 0; expected a whole number from 1',
    );
  });
});

function smallRecovery(): LocationRecovery {
  const boxes = drawExamples(4, 'small').map((example) => example.boxes);
  return createLocationRecovery(config, boxes, RandomStream.create(seed, 'small start'));
}

function float32(shape: readonly number[], values: readonly number[]): TensorData {
  return float32Data(shape, Float32Array.from(values));
}

function float64(shape: readonly number[], values: readonly number[]): TensorData {
  return { dtype: 'float64', shape, data: Float64Array.from(values) };
}
