import { describe, expect, onTestFinished, test } from 'vitest';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import { createNoisePredictor } from '../../../src-main/engine/diffusion/networks.ts';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import {
  placeholderRowsName,
  type TrainStepOptions,
} from '../../../src-main/engine/inversion/trainExpression.ts';
import { createTrainStep } from '../../../src-main/engine/inversion/trainStep.ts';
import { loadModel } from '../../../src-main/engine/loadModel.ts';
import { createObservingPredictor } from '../../../src-main/engine/spatial/attentionMaps.ts';
import {
  createLayoutGradient,
  type LayoutEvaluationRequest,
} from '../../../src-main/engine/spatial/layoutGradient.ts';
import type { Compile } from '../../../src-main/engine/tensor/executable.ts';
import type { Graph } from '../../../src-main/engine/tensor/graph.ts';
import { inHalfPrecision } from '../../../src-main/engine/tensor/halfPrecision.ts';
import { parseBox } from '../../../src-shared/layout.ts';
import { goldenFloats, readGolden, relativeL2 } from '../../support/goldenTensors.ts';
import { compile } from '../../support/tinyModel.ts';
import { modelFixture, openToybox, toyboxFolder } from '../../support/toybox.ts';

const expected = readGolden(modelFixture);
const floats = (key: string) => goldenFloats(expected, key);
const size = { batch: 2, height: 16, width: 16 };

/** What was compiled, as it runs. */
const graphs: Graph[] = [];
const half: Compile = (graph, { halfPrecision } = {}) => {
  const rewritten = halfPrecision ? inHalfPrecision(graph) : graph;
  graphs.push(rewritten);
  return compile(rewritten);
};
const model = loadModel(openCheckpoint(toyboxFolder), half);

function rowsOf(key: string): number[][] {
  const values = Array.from(expected.get(key)?.data ?? [], Number);
  const width = model.tokenizer.maxLength;
  return [0, 1].map((row) => values.slice(row * width, (row + 1) * width));
}

describe("Toybox in half precision stays near PyTorch's float32", () => {
  test('predictions', async () => {
    const predictor = await createNoisePredictor(model, size);
    onTestFinished(() => predictor.release());
    const timesteps = Array.from(expected.get('timesteps')?.data ?? [], Number);
    const hidden = floats('hiddenStates');
    const prediction = await predictor.predict(floats('noisyLatents'), timesteps, hidden);
    expect(relativeL2(prediction, floats('prediction'))).toBeLessThan(3e-3);
  });

  test('predictions with the attention that they come with', async () => {
    const latents = floats('noisyLatents').slice(0, 6 * size.height * size.width);
    const observe = async (own: typeof model) => {
      const predictor = await createObservingPredictor(own, size);
      onTestFinished(() => predictor.release());
      return predictor.predict(latents, 61, floats('hiddenStates'));
    };
    const [rounded, exact] = [await observe(model), await observe(openToybox())];
    expect(relativeL2(rounded.prediction, exact.prediction)).toBeLessThan(3e-3);
    for (const [index, { probabilities }] of rounded.levels.entries()) {
      const expected = exact.levels[index].probabilities;
      expect(relativeL2(probabilities, expected)).toBeLessThan(3e-3);
    }
  });

  test('its weights are read as they are stored', () => {
    const { nodes } = graphs[0];
    const products = nodes.filter(({ op }) => ['conv2d', 'gemm', 'matmul'].includes(op));
    expect(products.length).toBeGreaterThan(100);
    expect(products.every(({ outputs }) => outputs[0].dtype === 'float16')).toBe(true);
    const casts = nodes.filter(({ op, inputs }) => op === 'cast' && inputs[0].node.op === 'weight');
    // those of the time embedding meet float32 and are few
    const widened = casts.reduce(
      (sum, { inputs }) => sum + inputs[0].shape.reduce((a, b) => a * b),
      0,
    );
    expect(widened).toBeLessThan(20_000);
  });

  const options = {
    ...{ ...size, classRows: 0, placeholders: 1, masked: false, detachFirstToken: false },
    change: { kind: 'none' },
    anchor: { kind: 'none' },
    lossWeights: { reconstruction: 1, anchor: 0, prior: 0 },
  } satisfies TrainStepOptions;

  /** Loss and gradient of the word, for targets that are larger by a factor. */
  async function train(own: typeof model, factor: number) {
    const step = await createTrainStep(own, options);
    onTestFinished(() => step.release());
    const timesteps = Array.from(expected.get('timesteps')?.data ?? [], Number);
    const target = floats('noise').map((value) => value * factor);
    const batch = { tokenIds: rowsOf('tokenIds'), timesteps, target };
    const { losses, gradients } = await step.run(
      { ...batch, noisyLatents: floats('noisyLatents') },
      { [placeholderRowsName]: floats('row') },
    );
    return { loss: losses.total, gradient: gradients[placeholderRowsName] };
  }

  test('a training step', async () => {
    const { loss, gradient } = await train(model, 1);
    expect(relativeL2([loss], floats('loss'))).toBeLessThan(1e-3);
    expect(relativeL2(gradient, floats('gradient.row'))).toBeLessThan(3e-2);
  });

  test('a gradient too large for its numbers is computed again, with a smaller scale', async () => {
    const factor = 1e5;
    const exact = await train(openToybox(), factor);
    const { loss, gradient } = await train(model, factor);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(relativeL2([loss], [exact.loss])).toBeLessThan(1e-3);
    expect(relativeL2(gradient, exact.gradient)).toBeLessThan(3e-2);
  });

  test.each(['layout', 'box'] as const)('the gradient of the %s loss', async (loss) => {
    const random = RandomStream.create(1, 'half precision');
    const request = {
      sample: random.normal(6 * size.height * size.width),
      timestep: 800,
      hiddenStates: floats('hiddenStates').slice(0, floats('hiddenStates').length / 2),
      objects: [
        { positions: [2], boxes: [parseBox([0.05, 0.2, 0.5, 0.9])] },
        { positions: [5], boxes: [parseBox([0.5, 0.3, 0.95, 0.9])] },
      ],
    } satisfies LayoutEvaluationRequest;
    const evaluate = async (own: typeof model) => {
      const gradient = await createLayoutGradient(own, { ...size, objects: 2, loss });
      onTestFinished(() => gradient.release());
      return gradient.evaluate(request);
    };
    const exact = await evaluate(openToybox());
    const rounded = await evaluate(model);
    expect(relativeL2([rounded.loss], [exact.loss])).toBeLessThan(1e-3);
    expect(relativeL2(rounded.gradient, exact.gradient)).toBeLessThan(3e-2);
  });
});
