import { describe, expect, onTestFinished, test } from 'vitest';
import { bindWeights } from '../../../src-main/engine/checkpoint/bindWeights.ts';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import type { DiffusionModel } from '../../../src-main/engine/diffusion/model.ts';
import {
  createImageDecoder,
  createImageEncoder,
  createTextEncoder,
} from '../../../src-main/engine/diffusion/networks.ts';
import { placeholderRowsName } from '../../../src-main/engine/inversion/trainExpression.ts';
import { createTrainGraph } from '../../../src-main/engine/verification/trainGraph.ts';
import { goldenFloats, readGolden, relativeL2 } from '../../support/goldenTensors.ts';
import { modelFixture, openToybox, toyboxFolder } from '../../support/toybox.ts';

const expected = readGolden(modelFixture);
const kept = openToybox();
const { scalingFactor } = kept.configs.autoencoder;
const size = { batch: 2, height: 16, width: 16 };
const tokenIds = rowsOf('tokenIds', kept.tokenizer.maxLength);
const timesteps = Array.from(expected.get('timesteps')?.data ?? [], Number);
/** As for the reference models. */
const tolerance = 1e-4;

function floats(key: string): Float32Array {
  return goldenFloats(expected, key);
}

function rowsOf(key: string, width: number): number[][] {
  const values = Array.from(expected.get(key)?.data ?? [], Number);
  return [0, 1].map((row) => values.slice(row * width, (row + 1) * width));
}

/** The engine's latents are scaled, PyTorch's here are not. */
function unscaled(latents: Float32Array): Float32Array {
  return latents.map((value) => value / scalingFactor);
}

/** Every weight in half precision bound as those of a large model are. */
function widenedInEachRun(): DiffusionModel {
  const { weights } = openCheckpoint(toyboxFolder);
  const bind = (part: keyof typeof weights) => bindWeights(weights[part], part, 0);
  const bound = {
    unet: bind('unet'),
    textEncoder: bind('textEncoder'),
    autoencoder: bind('autoencoder'),
  };
  return { ...kept, weights: bound };
}

describe.each([
  ['kept in float32', kept],
  ['widened in each run', widenedInEachRun()],
])("Toybox's weights, %s, give what PyTorch makes of them", (_, model) => {
  test('autoencoder, both ways', async () => {
    const encoder = await createImageEncoder(model, size);
    const decoder = await createImageDecoder(model, size);
    onTestFinished(async () => {
      await encoder.release();
      await decoder.release();
    });
    const { mean, deviation } = await encoder.encode(floats('pictures'));
    expect(relativeL2(unscaled(mean), floats('mean'))).toBeLessThan(tolerance);
    expect(relativeL2(unscaled(deviation), floats('deviation'))).toBeLessThan(tolerance);
    const decoded = await decoder.decode(floats('mean').map((value) => value * scalingFactor));
    expect(relativeL2(decoded, floats('decoded'))).toBeLessThan(tolerance);
  });

  test('text encoder with a word of its own', async () => {
    const encoder = await createTextEncoder(model, { batch: 2, placeholders: 1 });
    onTestFinished(() => encoder.release());
    const hidden = await encoder.encode(tokenIds, floats('row'));
    expect(relativeL2(hidden, floats('hiddenStates'))).toBeLessThan(tolerance);
  });

  test("UNet, loss, and the gradients to the text's hidden states and to the word", async () => {
    const graph = await createTrainGraph(model, {
      ...{ ...size, classRows: 0, placeholders: 1, masked: false, detachFirstToken: false },
      ...{ change: { kind: 'none' }, anchor: { kind: 'none' }, innerGradients: true },
      lossWeights: { reconstruction: 1, anchor: 0, prior: 0 },
    });
    onTestFinished(() => graph.release());
    const { losses, prediction, gradients } = await graph.run(
      { tokenIds, timesteps, noisyLatents: floats('noisyLatents'), target: floats('noise') },
      { [placeholderRowsName]: floats('row') },
    );
    expect(relativeL2(prediction, floats('prediction'))).toBeLessThan(tolerance);
    expect(relativeL2([losses.total], floats('loss'))).toBeLessThan(tolerance);
    const { encoderHiddenStates, [placeholderRowsName]: row } = gradients;
    const hiddenGradient = floats('gradient.hiddenStates');
    expect(relativeL2(encoderHiddenStates, hiddenGradient)).toBeLessThan(tolerance);
    expect(relativeL2(row, floats('gradient.row'))).toBeLessThan(tolerance);
  });
});
