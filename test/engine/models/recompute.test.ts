import { expect, test } from 'vitest';
import { type Recompute, unet } from '../../../src-main/engine/models/unet.ts';
import { replaceWeights } from '../../../src-main/engine/nn/weights.ts';
import { vjp } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import { drawInputs, real } from '../../support/opCase.ts';
import { runGraph, worstError } from '../../support/runGraph.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

const { configs, weights } = openTinyModel('tiny-sd1');
const { inChannels, crossAttentionDim, blockOutChannels } = configs.unet;
const trainedKey = 'mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight';
const specs = [
  real(1, inChannels, 8, 8),
  real(1, 5, crossAttentionDim),
  real(blockOutChannels[blockOutChannels.length - 1], crossAttentionDim),
  real(1, inChannels, 8, 8),
];

/** The UNet's prediction, and gradients of its sample, its text and one of its weights. */
function expression(recompute: Recompute) {
  const { tensors, feeds } = drawInputs(specs, 'float32', seededRandom(testSeed));
  const [sample, encoderHiddenStates, trained, cotangent] = tensors;
  const trainedWeights = replaceWeights(weights.unet, new Map([[trainedKey, trained]]));
  const timesteps = input('timesteps', [1]);
  const inputs = { sample, timesteps, encoderHiddenStates, recompute };
  const { prediction, attentionMaps } = unet(trainedWeights, configs.unet, inputs);
  const [bySample, byText, byWeight] = vjp([prediction], [cotangent], tensors.slice(0, 3));
  const graph = createGraph({ prediction, bySample, byText, byWeight });
  return { graph, feeds: { ...feeds, timesteps: [500] }, attentionMaps };
}

test.each(['activations', 'blocks'] as const)(
  'a UNet that computes its %s twice has the same gradients',
  async (part) => {
    const [kept, twice] = [expression('nothing'), expression(part)];
    const expected = await runGraph(kept.graph, kept.feeds);
    const actual = await runGraph(twice.graph, twice.feeds);
    for (const name of ['prediction', 'bySample', 'byText', 'byWeight']) {
      expect(worstError(actual[name], expected[name]), name).toBeLessThan(2e-6);
      expect(Math.hypot(...expected[name]), name).toBeGreaterThan(0);
    }
  },
);

test('blocks have a second forward pass, and no attention maps', () => {
  const [kept, twice] = [expression('nothing'), expression('blocks')];
  const softmaxes = ({ graph }: typeof kept) =>
    graph.nodes.filter(({ op }) => op === 'softmax').length;
  expect(softmaxes(twice)).toBe(2 * softmaxes(kept));
  expect(kept.attentionMaps.length).toBeGreaterThan(0);
  expect(twice.attentionMaps).toEqual([]);
});
