import { describe, expect, test } from 'vitest';
import { createNoisePredictor } from '../../../src-main/engine/diffusion/networks.ts';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { unet } from '../../../src-main/engine/models/unet.ts';
import {
  collectObjectAttention,
  createObservingPredictor,
} from '../../../src-main/engine/spatial/attentionMaps.ts';
import { massInside, smallestBox } from '../../../src-main/engine/spatial/heatMap.ts';
import {
  drawHarvestedLayout,
  type HarvestRequest,
  harvestLayouts,
  pretrainedText,
  suggestLayout,
} from '../../../src-main/engine/spatial/layoutPrior.ts';
import {
  placeObjects,
  placeObjectsOfficially,
} from '../../../src-main/engine/spatial/placedObjects.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import { float32Data } from '../../../src-main/engine/tensor/tensorData.ts';
import { parseLayout, parseLayoutPriorText } from '../../../src-shared/layout.ts';
import { relativeL2 } from '../../support/goldenTensors.ts';
import { encodePrompts, placeholderRow } from '../../support/spatialReference.ts';
import { compile, openTinyModel } from '../../support/tinyModel.ts';

const model = openTinyModel('tiny-sd1');
const size = { height: 8, width: 12 };
const request: HarvestRequest = {
  prompt: 'photo of a <my-cat> cat and a dog',
  objects: ['<my-cat> cat', 'dog'],
  negativePrompt: '',
  concepts: [{ token: '<my-cat>', classWord: 'cat' }],
  samples: 3,
  steps: 4,
  guidanceScale: 7.5,
  seed: 5,
  ...size,
};

describe('pretrained words stand for concepts', () => {
  const concepts = [
    { token: '<my-cat>', classWord: 'cat' },
    { token: '<my-cat>-2', classWord: 'teddy bear' },
  ];
  test.each([
    ['a <my-cat> cat', 'a cat'],
    ['a <my-cat> on a mat', 'a cat on a mat'],
    ['<my-cat>  Cat, sitting', 'Cat, sitting'],
    ['<my-cat> cats', 'cat cats'],
    ['<my-cat>-2 teddy bear and <my-cat>', 'teddy bear and cat'],
    ['nothing to see', 'nothing to see'],
  ])('%j -> %j', (text, expected) => expect(pretrainedText(text, concepts)).toBe(expected));
});

describe('the observing predictor', () => {
  test('predicts as the plain one and averages the maps of the conditional prompt', async () => {
    const prompts = ['', 'a cat and a dog'].map((text) => model.tokenizer.encodePadded(text).ids);
    const hidden = await encodePrompts(model, placeholderRow('tiny-sd1'), ...prompts);
    const latents = RandomStream.create(1, 'latent').normal(4 * 8 * 12);
    const plain = await createNoisePredictor(model, { batch: 1, prompts: 2, ...size });
    const observing = await createObservingPredictor(model, size);
    const { prediction, levels } = await observing.predict(latents, 500, hidden);
    expect(relativeL2(prediction, await plain.predict(latents, [500], hidden))).toBeLessThan(1e-6);
    expect(levels.map(({ height, width }) => `${height}x${width}`)).toEqual([
      '8x12',
      '4x6',
      '2x3',
      '1x2',
    ]);
    const maps = await conditionalMaps(latents, hidden);
    expect(levels.reduce((sum, level) => sum + level.layers, 0)).toBe(maps.length);
    for (const level of levels) {
      const own = maps.filter(({ height }) => height === level.height);
      const expected = level.probabilities.map(
        (_, i) => own.reduce((sum, map) => sum + map.mean[i], 0) / own.length,
      );
      expect(own).toHaveLength(level.layers);
      expect(relativeL2(level.probabilities, expected)).toBeLessThan(1e-5);
    }
    await Promise.all([plain.release(), observing.release()]);
  });

  /** Every map of the second prompt, averaged over heads on the host. */
  async function conditionalMaps(latents: Float32Array, hidden: Float32Array) {
    const { attentionMaps } = unet(model.weights.unet, model.configs.unet, {
      sample: input('sample', [2, 4, 8, 12]),
      timesteps: input('timesteps', [2]),
      encoderHiddenStates: input('hidden', [2, 77, model.configs.textEncoder.hiddenSize]),
    });
    const named = attentionMaps.map((map, index) => [`map${index}`, map.probabilities] as const);
    const executable = await compile(createGraph(Object.fromEntries(named)));
    const values = await executable.run({
      sample: float32Data([2, 4, 8, 12], Float32Array.of(...latents, ...latents)),
      timesteps: float32Data([2], Float32Array.of(500, 500)),
      hidden: float32Data([2, 77, model.configs.textEncoder.hiddenSize], hidden),
    });
    await executable.release();
    return attentionMaps.map(({ height, probabilities: { shape } }, index) => {
      const [, heads, cells, tokens] = shape;
      const all = Float32Array.from(values[`map${index}`].data, Number);
      const at = (head: number, i: number) => all[(heads + head) * cells * tokens + i];
      const mean = Float32Array.from(
        { length: cells * tokens },
        (_, i) =>
          Array.from({ length: heads }, (_, head) => at(head, i)).reduce((a, b) => a + b, 0) /
          heads,
      );
      return { height, mean };
    });
  }
});

test('objects are averaged over tokens, layers and steps at a common size', () => {
  const attention = collectObjectAttention([[0], [0, 1]], { height: 2, width: 2 });
  const coarse = {
    height: 1,
    width: 1,
    layers: 1,
    tokens: 2,
    probabilities: Float32Array.of(0.5, 0.1),
  };
  // left column: token 0; right column: token 1
  const fine = {
    height: 1,
    width: 2,
    layers: 3,
    tokens: 2,
    probabilities: Float32Array.of(0.9, 0.1, 0.1, 0.9),
  };
  attention.add([coarse, fine]);
  attention.add([coarse, fine]);
  const [first, both] = attention.heatMaps();
  const left = 0.25 * 0.5 + 0.75 * 0.9;
  const right = 0.25 * 0.5 + 0.75 * 0.1;
  expect(
    massInside(first, [
      parseLayout({ objects: [{ phrase: 'x', boxes: [[0, 0, 0.5, 1]] }] }).objects[0].boxes[0],
    ]),
  ).toBeCloseTo(left / (left + right), 6);
  for (const value of both.values) expect(value).toBeCloseTo(0.25, 6);
});

describe('a harvest', () => {
  test('finds the objects of every sample, the same again from the same seed', async () => {
    const seen: number[] = [];
    const prior = await harvestLayouts(model, {
      ...request,
      onSample: (sample, index) => seen.push(sample.seed, index),
    });
    expect(seen).toEqual([5, 0, 6, 1, 7, 2]);
    expect(prior.objects).toEqual(['<my-cat> cat', 'dog']);
    expect(prior.prompt).toBe(request.prompt);
    for (const { objects } of prior.samples) {
      expect(objects).toHaveLength(2);
      for (const { box, heatMap } of objects) {
        expect([heatMap.height, heatMap.width]).toEqual([8, 12]);
        expect(heatMap.values.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
        expect(massInside(heatMap, [box])).toBeGreaterThan(0.8 - 1e-4);
        expect(box).toEqual(smallestBox(heatMap));
      }
    }
    expect(prior.samples[0].objects).not.toEqual(prior.samples[1].objects);
    const again = await harvestLayouts(model, { ...request, samples: 1, seed: 6 });
    expect(again.samples[0]).toEqual(prior.samples[1]);
    expect(parseLayoutPriorText(JSON.stringify(prior), 'prior.json')).toEqual(prior);
  });

  test('gives equal words one occurrence each', async () => {
    const prior = await harvestLayouts(model, {
      ...request,
      prompt: 'a <a> cat and a <b> cat',
      objects: ['<a> cat', '<b> cat'],
      concepts: ['<a>', '<b>'].map((token) => ({ token, classWord: 'cat' })),
      samples: 1,
      steps: 2,
    });
    const [first, second] = prior.samples[0].objects;
    expect(first.heatMap).not.toEqual(second.heatMap);
  });

  test.each([
    [{ objects: ['horse'] }, 'phrase "horse" is not in the prompt'],
    [{ objects: ['dog', 'dog'] }, '"dog" asks for occurrence 2 of "dog"'],
    [{ objects: [] }, 'harvest: no object'],
    [{ samples: 0 }, 'harvest: 0 samples; expected a whole number from 1'],
  ])('%j is refused', async (change, message) => {
    await expect(harvestLayouts(model, { ...request, ...change })).rejects.toThrow(message);
  });

  test('can be stopped', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(harvestLayouts(model, { ...request, signal })).rejects.toThrow('enough');
  });
});

describe('a prior', () => {
  const heatMap = { height: 1, width: 2, values: [0.75, 0.25] };
  const boxes = [
    [
      [0, 0, 0.5, 0.5],
      [0.5, 0, 1, 1],
    ],
    [
      [0.1, 0.1, 0.5, 0.5],
      [0.5, 0.2, 1, 1],
    ],
    [
      [0.5, 0.4, 0.8, 0.9],
      [0, 0.4, 0.5, 1],
    ],
  ];
  const prior = parseLayoutPriorText(
    JSON.stringify({
      version: 1,
      prompt: 'a cat and a dog',
      objects: ['cat', 'dog'],
      samples: boxes.map((own, seed) => ({ seed, objects: own.map((box) => ({ box, heatMap })) })),
    }),
    'prior.json',
  );

  test('suggests its middle', () => {
    expect(suggestLayout(prior).objects[0]).toEqual({
      phrase: 'cat',
      boxes: [[0.1, 0.1, 0.5, 0.5]],
    });
  });

  test('is drawn from, whole samples with equal chances', () => {
    const random = RandomStream.create(4, 'shuffle');
    const counts = [0, 0, 0];
    for (let draw = 0; draw < 300; draw++) {
      const drawn = drawHarvestedLayout(prior, random).objects.map(({ boxes: [box] }) => box);
      counts[boxes.findIndex((own) => String(own) === String(drawn))]++;
    }
    expect(Math.min(...counts), 'seed 4').toBeGreaterThan(70);
  });

  test('that is damaged is refused by the field', () => {
    const broken = JSON.stringify({ ...prior, objects: ['cat'] });
    expect(() => parseLayoutPriorText(broken, 'prior.json')).toThrow(
      'expected a box and a heat map for each object in every sample',
    );
    const short = structuredClone(prior.samples[0].objects[0]);
    const samples = [
      { seed: 1, objects: [{ ...short, heatMap: { ...heatMap, width: 3 } }, short] },
    ];
    expect(() => parseLayoutPriorText(JSON.stringify({ ...prior, samples }), 'prior.json')).toThrow(
      /^prior\.json: samples\[0\]\.objects\[0\]\.heatMap is .*; expected height \* width values/,
    );
  });
});

describe('a layout in a prompt', () => {
  const prompt = 'a cat and a red cat';
  const layoutOf = (object: object) =>
    parseLayout({ objects: [{ boxes: [[0, 0, 1, 1]], ...object }] });

  test('finds all occurrences, or those asked for', () => {
    const place = (object: object) => placeObjects(model.tokenizer, prompt, layoutOf(object))[0];
    expect(place({ phrase: 'cat' }).positions).toEqual([2, 6]);
    expect(place({ phrase: 'cat', occurrences: [2] }).positions).toEqual([6]);
    expect(place({ token: 'red cat' })).toEqual({ positions: [5, 6], boxes: [[0, 0, 1, 1]] });
  });

  test('officially takes the first match of each word', () => {
    const layout = layoutOf({ phrase: 'red cat' });
    expect(placeObjectsOfficially(prompt, layout)).toEqual([
      { positions: [5, 2], boxes: [[0, 0, 1, 1]] },
    ]);
  });

  test('looks for what a phrase stands for', () => {
    const layout = layoutOf({ concept: '<my-cat>' });
    const placed = placeObjects(model.tokenizer, prompt, layout, () => 'red cat');
    expect(placed[0].positions).toEqual([5, 6]);
  });

  test('refuses an occurrence that is not there', () => {
    const layout = layoutOf({ phrase: 'cat', occurrences: [3] });
    expect(() => placeObjects(model.tokenizer, prompt, layout)).toThrow(
      'occurrence 3 of "cat" is asked for, the prompt has 2',
    );
  });
});
