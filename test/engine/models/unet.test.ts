import { expect, onTestFinished, test } from 'vitest';
import { createNoisePredictor } from '../../../src-main/engine/diffusion/networks.ts';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import type { Graph } from '../../../src-main/engine/tensor/graph.ts';
import { relativeL2 } from '../../support/goldenTensors.ts';
import { availableModels, compile, openTinyModel } from '../../support/tinyModel.ts';

const size = { height: 8, width: 12 };
const seed = 11;

test.each(availableModels)(
  `%s predicts two pictures for two prompts each as four pictures (seed ${seed})`,
  async (name) => {
    const graphs: Graph[] = [];
    const model = {
      ...openTinyModel(name),
      compile: (graph: Graph) => {
        graphs.push(graph);
        return compile(graph);
      },
    };
    const { inChannels } = model.configs.unet;
    const { hiddenSize, maxPositionEmbeddings } = model.configs.textEncoder;
    const random = RandomStream.create(seed, 'guided prediction');
    const latents = random.normal(2 * inChannels * size.height * size.width);
    const hidden = random.normal(4 * maxPositionEmbeddings * hiddenSize);

    const guided = await createNoisePredictor(model, { batch: 2, prompts: 2, ...size });
    const plain = await createNoisePredictor(model, { batch: 4, ...size });
    onTestFinished(() => Promise.all([guided.release(), plain.release()]).then(() => {}));
    const expected = await plain.predict(
      Float32Array.of(...latents, ...latents),
      [900, 20, 900, 20],
      hidden,
    );
    expect(relativeL2(await guided.predict(latents, [900, 20], hidden), expected)).toBeLessThan(
      1e-6,
    );

    // what lies before the first cross-attention is there once per picture, the rest once per prompt
    const batches = graphs[0].nodes
      .filter(({ op }) => op === 'conv2d')
      .map(({ outputs: [{ shape }] }) => shape[0]);
    const first = batches.indexOf(4);
    expect(first).toBeGreaterThan(2);
    expect(batches).toEqual([
      ...new Array<number>(first).fill(2),
      ...new Array<number>(batches.length - first).fill(4),
    ]);
  },
);
