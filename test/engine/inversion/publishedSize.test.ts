import { describe, expect, it } from 'vitest';
import { bindWeights } from '../../../src-main/engine/checkpoint/bindWeights.ts';
import {
  expectedTextEncoderWeights,
  expectedUNetWeights,
} from '../../../src-main/engine/checkpoint/expectedWeights.ts';
import {
  attentionLora,
  type UNetChange,
  wholeUNet,
} from '../../../src-main/engine/inversion/trainables.ts';
import { trainExpression } from '../../../src-main/engine/inversion/trainExpression.ts';
import { parseSchedulerConfig } from '../../../src-main/engine/models/schedulerConfig.ts';
import { emitModel } from '../../../src-main/engine/onnx/emit.ts';
import { layoutGradientGraph } from '../../../src-main/engine/spatial/layoutGradient.ts';
import { gradient } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph, type Graph } from '../../../src-main/engine/tensor/graph.ts';
import { elementCount, type Shape } from '../../../src-main/engine/tensor/shape.ts';
import { published } from '../checkpoint/publishedKeys.ts';

/** Weights of which only the headers are known: emission needs no more. */
function unread(shapes: ReadonlyMap<string, Shape>) {
  const stored = [...shapes].map(([key, shape]) => {
    const location = { file: '/model.safetensors', offset: 0, byteLength: 2 * elementCount(shape) };
    return [key, { shape, dtype: 'float16', location }] as const;
  });
  return bindWeights(new Map(stored), 'model.safetensors');
}

const { unet, textEncoder } = published.sd1;
const model = {
  configs: {
    unet,
    textEncoder,
    autoencoder: published.autoencoder,
    scheduler: parseSchedulerConfig({}, 'scheduler'),
  },
  weights: {
    unet: unread(expectedUNetWeights(unet)),
    textEncoder: unread(expectedTextEncoderWeights(textEncoder)),
    autoencoder: unread(new Map()),
  },
};
const size = { height: 64, width: 64 };

function trainGraph(change: UNetChange): Graph {
  const { losses, parameters } = trainExpression(model, {
    ...{ batch: 2, classRows: 1, ...size, placeholders: 1, change, masked: false },
    anchor: { kind: 'reference' },
    lossWeights: { reconstruction: 0.6, anchor: 0.4, prior: 1 },
    detachFirstToken: false,
  });
  const gradients = gradient(losses.total, [...parameters.values()]);
  return createGraph(
    Object.fromEntries(gradients.map((each, index) => [`gradient${index}`, each])),
  );
}

describe('Stable Diffusion 1.5', () => {
  it.each<[string, () => Graph]>([
    ['textual inversion', () => trainGraph({ kind: 'none' })],
    ['a LoRA', () => trainGraph(attentionLora(unet, { rank: 4, alpha: 4 }))],
    ['DreamBooth', () => trainGraph(wholeUNet(unet))],
    ['spatial guidance', () => layoutGradientGraph(model, { ...size, objects: 2 }).graph],
  ])('%s is built and emitted without its weights', (_, build) => {
    const graph = build();
    // 7,000 to 28,000: a rule that grew with the square of the network would show
    expect(graph.nodes.length).toBeLessThan(40_000);
    expect(emitModel(graph).bytes.length).toBeLessThan(20e6);
  });
});
