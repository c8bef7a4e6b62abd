import { describe, expect, test } from 'vitest';
import {
  createLayoutGradient,
  layoutGradientGraph,
  officialLayoutLoss,
} from '../../../src-main/engine/spatial/layoutGradient.ts';
import { parseBox } from '../../../src-shared/layout.ts';
import { goldenFloats, relativeL2 } from '../../support/goldenTensors.ts';
import {
  encodePrompts,
  goldenObjects,
  placeholderRow,
  readIndex,
  readTensors,
  toleranceOf,
} from '../../support/spatialReference.ts';
import { availableModels, openTinyModel } from '../../support/tinyModel.ts';

describe.each(availableModels)('compute_ca_loss of the released code, %s', (modelName) => {
  const model = openTinyModel(modelName);
  const row = placeholderRow(modelName);
  const index = readIndex(`${modelName}-golden/index.json`);
  const tensors = readTensors(`${modelName}-golden/ca.safetensors`);
  const variants = {
    official: officialLayoutLoss,
    all_heads: { heads: 'all', emptyBoxes: 'keep' },
  } as const;

  for (const [name, ca] of Object.entries(index.ca_cases)) {
    for (const [variant, options] of Object.entries(variants)) {
      test(`${name}, ${variant}`, async () => {
        const objects = goldenObjects(ca);
        const [height, width] = ca.latent;
        const layout = await createLayoutGradient(model, {
          ...options,
          height,
          width,
          objects: objects.length,
        });
        const { loss, gradient } = await layout.evaluate({
          sample: goldenFloats(tensors, `${name}.x`),
          timestep: ca.t,
          hiddenStates: await encodePrompts(model, row, ca.ids),
          objects,
        });
        await layout.release();
        for (const [key, actual] of [
          [`${name}.loss.${variant}`, [loss]],
          [`${name}.grad.${variant}`, gradient],
        ] as const) {
          const error = relativeL2(actual, goldenFloats(tensors, key));
          expect(error, key).toBeLessThan(toleranceOf(index, 'ca.safetensors', key));
        }
      });
    }
  }
});

describe('the gradient graph', () => {
  const model = openTinyModel('tiny-sd1');
  const size = { height: 8, width: 12, objects: 2 };

  test('ends at the last map that it needs', () => {
    const { graph, mapSizes } = layoutGradientGraph(model, size);
    const keys = graph.nodes.flatMap((node) =>
      node.op === 'weight' ? [String(node.attributes.key)] : [],
    );
    // SD 1.x: no attention in up_blocks.0; three transformers in up_blocks.1, the last one ends at its probabilities.
    const last = 'up_blocks.1.attentions.2.transformer_blocks.0.attn2';
    expect(mapSizes).toHaveLength(4);
    expect(keys).toContain(`${last}.to_q.weight`);
    expect(
      keys.filter((key) => /^(up_blocks\.[23]|up_blocks\.1\.upsamplers|conv_)/.test(key)),
    ).toEqual(['conv_in.weight', 'conv_in.bias']);
    expect(keys.filter((key) => key.startsWith(last)).sort()).toEqual([
      `${last}.to_k.weight`,
      `${last}.to_q.weight`,
    ]);
    expect([...graph.inputs.keys()].sort()).toEqual([
      'encoderHiddenStates',
      'layout.masks.1x2',
      'layout.masks.2x3',
      'layout.positionWeights',
      'sample',
      'timesteps',
    ]);
  });

  test('gives the gradient for a latent that is not square, for boxes that move, in either loss', async () => {
    const ids = Object.values(readIndex('tiny-sd1-golden/index.json').ca_cases)[0].ids;
    const hiddenStates = await encodePrompts(model, placeholderRow('tiny-sd1'), ids);
    for (const loss of ['layout', 'box'] as const) {
      const layout = await createLayoutGradient(model, { ...size, loss, lossScale: 1 });
      for (const edge of [0.3, 0.7]) {
        const objects = [
          { positions: [1], boxes: [parseBox([0, 0.1, edge, 0.9])] },
          {
            positions: [4],
            boxes: [parseBox([edge, 0, 1, 0.5]), parseBox([0.9, 0.9, 0.91, 0.91])],
          },
        ];
        const request = { timestep: 700, hiddenStates, objects };
        const sample = wave(4 * size.height * size.width, 1);
        const direction = wave(sample.length, 2);
        const { gradient } = await layout.evaluate({ ...request, sample });
        const lossAt = async (step: number) => {
          const moved = sample.map((value, index) => value + step * direction[index]);
          return (await layout.evaluate({ ...request, sample: moved })).loss;
        };
        const numeric = ((await lossAt(0.002)) - (await lossAt(-0.002))) / 0.004;
        const analytic = gradient.reduce((sum, value, index) => sum + value * direction[index], 0);
        expect(Math.abs(analytic), `${loss} ${edge}`).toBeGreaterThan(1e-4);
        expect(Math.abs(numeric - analytic), `${loss} ${edge}`).toBeLessThan(
          0.02 * Math.abs(analytic),
        );
      }
      await layout.release();
    }
  });

  test('refuses another number of objects than it was compiled for', async () => {
    const layout = await createLayoutGradient(model, size);
    const objects = [{ positions: [1], boxes: [parseBox([0, 0, 1, 1])] }];
    const request = { sample: new Float32Array(), timestep: 1, hiddenStates: new Float32Array() };
    await expect(layout.evaluate({ ...request, objects })).rejects.toThrow(
      'compiled for 2 objects, not 1',
    );
    await layout.release();
  });
});

/** Numbers without a pattern that a convolution could match. */
function wave(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) =>
    Math.sin(seed + 12.9898 * i * (seed + (i % 7))),
  );
}
