import { describe, expect, test } from 'vitest';
import { applyConcepts } from '../../../src-main/engine/concepts/applyConcepts.ts';
import { readConcept, writeConcept } from '../../../src-main/engine/concepts/conceptFile.ts';
import { ownersOf, separateStates } from '../../../src-main/engine/concepts/sideBySide.ts';
import { createNoisePredictor } from '../../../src-main/engine/diffusion/networks.ts';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { openSafetensors, readTensor } from '../../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../../src-main/engine/files/writeSafetensors.ts';
import { attentionKeys } from '../../../src-main/engine/models/unet.ts';
import { float32Data } from '../../../src-main/engine/tensor/tensorData.ts';
import type { ConceptDescription } from '../../../src-shared/concept.ts';
import { relativeL2 } from '../../support/goldenTensors.ts';
import { committedGolden } from '../../support/runCli.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

const { path } = temporaryFolder();
const sd1 = { family: 'sd1' } as const;
const layer = `${attentionKeys(openTinyModel('tiny-sd1').configs.unet)[1]}.to_v`;
const unetFile = committedGolden('tiny-sd1/unet/diffusion_pytorch_model.safetensors');

const description: ConceptDescription = {
  version: 1,
  token: '<a>',
  vectors: 2,
  classWord: 'cat',
  method: 'lora-dreambooth',
  variant: 'semantic',
  family: 'sd1',
  width: 32,
  modelName: 'tiny-sd1',
  seed: 0,
  steps: 1,
  loss: 0,
  anchors: [],
  lora: { rank: 2, alpha: 4 },
};

/** A LoRA of one layer, rank 2, its output times `factor`. */
function writeLora(name: string, token: string, factor: number): string {
  const random = RandomStream.create(1, 'test LoRA');
  const { shape } = openSafetensors(unetFile).tensors.get(`${layer}.weight`)!;
  const down = float32Data([2, shape[1]], random.normal(2 * shape[1]));
  const up = float32Data(
    [shape[0], 2],
    random.normal(2 * shape[0]).map((value) => factor * value),
  );
  const parts = {
    rows: random.normal(64),
    replaced: new Map(),
    lora: new Map([[layer, { down, up }]]),
  };
  writeConcept(path(name), { ...description, token }, parts);
  return path(name);
}

/** Keys of two layers of cross-attention. */
const keys = attentionKeys(openTinyModel('tiny-sd1').configs.unet)
  .filter((attention) => attention.endsWith('.attn2'))
  .map((attention) => `${attention}.to_k.weight`);

/** A concept that replaces one weight by the model's own times `factor`. */
function writeKeys(
  name: string,
  token: string,
  factor: number,
  key = keys[0],
  method: ConceptDescription['method'] = 'custom-diffusion',
): string {
  const own = readTensor(openSafetensors(unetFile), key);
  if (own.dtype !== 'float32') throw new Error('internal: the tiny model is not float32');
  const value = float32Data(
    own.shape,
    own.data.map((weight) => factor * weight),
  );
  const parts = { rows: new Float32Array(64), replaced: new Map([[key, value]]), lora: new Map() };
  writeConcept(path(name), { ...description, token, method }, parts);
  return path(name);
}

/** Prediction for fixed inputs of the tiny model with these concepts; the prompt names none of them. */
function predict(...files: string[]): Promise<Float32Array> {
  return predictOwned(files, 0);
}

/** @param owner 1 or 2: all tokens of the prompt are the first or second concept's */
async function predictOwned(files: readonly string[], owner: number): Promise<Float32Array> {
  const model = applyConcepts(openTinyModel('tiny-sd1'), sd1, files.map(readConcept));
  const predictor = await createNoisePredictor(model, { batch: 1, height: 8, width: 8 });
  const random = RandomStream.create(2, 'test input');
  const { maxPositionEmbeddings, hiddenSize, vocabSize } = model.configs.textEncoder;
  const id = owner === 0 ? 0 : vocabSize + (owner - 1) * description.vectors;
  const ids = new Array(maxPositionEmbeddings).fill(id);
  try {
    const hiddenStates = random.normal(maxPositionEmbeddings * hiddenSize);
    const conditions = model.conditionOn(hiddenStates, [ids]);
    return await predictor.predict(random.normal(4 * 64), [500], conditions);
  } finally {
    await predictor.release();
  }
}

describe('weights of concepts', () => {
  test('LoRAs of two concepts add up', async () => {
    const plain = await predict();
    const plus = writeLora('plus.safetensors', '<a>', 1);
    const minus = writeLora('minus.safetensors', '<b>', -1);
    expect(relativeL2(await predict(plus), plain)).toBeGreaterThan(1e-3);
    expect(relativeL2(await predict(plus, minus), plain)).toBeLessThan(2e-5);
  });

  test('a LoRA is scaled by alpha over rank', async () => {
    const once = await predict(writeLora('once.safetensors', '<a>', 1));
    const twice = await predict(
      writeLora('x.safetensors', '<a>', 0.5),
      writeLora('y.safetensors', '<b>', 0.5),
    );
    expect(relativeL2(twice, once)).toBeLessThan(2e-5);
    const quarter = await predict(writeLora('quarter.safetensors', '<a>', 0.25));
    expect(relativeL2(quarter, once)).toBeGreaterThan(1e-3);
  });

  test("replaced weights stand in the place of the model's own", async () => {
    const plain = await predict();
    expect(await predict(writeKeys('own.safetensors', '<a>', 1))).toEqual(plain);
    expect(
      relativeL2(await predict(writeKeys('other.safetensors', '<a>', 2)), plain),
    ).toBeGreaterThan(1e-4);
  });

  test('two concepts with keys of their own each have them for their own tokens', async () => {
    const files = [writeKeys('k1.safetensors', '<a>', 2), writeKeys('k2.safetensors', '<b>', -1)];
    // nobody's tokens: as without concepts
    expect(relativeL2(await predict(...files), await predict())).toBeLessThan(2e-5);
    // all tokens of one concept: as with that one alone
    for (const [index, file] of files.entries()) {
      const [alone, together] = [await predict(file), await predictOwned(files, index + 1)];
      expect(relativeL2(together, alone)).toBeLessThan(2e-5);
      expect(relativeL2(together, await predict())).toBeGreaterThan(1e-4);
    }
  });

  test('one that leaves a layer alone has the model’s keys there', async () => {
    const unchanged = writeKeys('k3.safetensors', '<a>', 1);
    const other = writeKeys('k4.safetensors', '<b>', 2, keys[1]);
    expect(relativeL2(await predictOwned([unchanged, other], 1), await predict())).toBeLessThan(
      2e-5,
    );
    expect(
      relativeL2(await predictOwned([unchanged, other], 2), await predict(other)),
    ).toBeLessThan(2e-5);
  });

  test('beside them a LoRA does what it does alone', async () => {
    const lora = writeLora('lora.safetensors', '<c>', 1);
    const files = [writeKeys('k8.safetensors', '<a>', 2), writeKeys('k9.safetensors', '<b>', -1)];
    expect(relativeL2(await predict(...files, lora), await predict(lora))).toBeLessThan(2e-5);
    const [alone, together] = [
      [files[0], lora],
      [...files, lora],
    ];
    expect(relativeL2(await predictOwned(together, 1), await predict(...alone))).toBeLessThan(2e-5);
  });

  test('at strength 0 a concept takes no part', () => {
    const concepts = [writeKeys('k5.safetensors', '<a>', 2), writeKeys('k6.safetensors', '<b>', 2)];
    const [first, second] = concepts.map(readConcept);
    const model = applyConcepts(openTinyModel('tiny-sd1'), sd1, [
      first,
      { ...second, strength: 0 },
    ]);
    expect(model.textWidth).toBeUndefined();
  });

  test('one that replaces the whole UNet goes with no other that replaces weights', () => {
    const whole = writeKeys('whole.safetensors', '<a>', 1, 'conv_in.weight', 'dreambooth');
    const files = [whole, writeKeys('k7.safetensors', '<b>', 1)];
    const apply = () => applyConcepts(openTinyModel('tiny-sd1'), sd1, files.map(readConcept));
    expect(apply).toThrow(/whole\.safetensors replaces the whole UNet, and .*k7\.safetensors/);
  });
});

describe('whose a token is', () => {
  const words = [
    { first: 100, end: 102, classIds: [7] },
    { first: 102, end: 103, classIds: [8, 9] },
  ];

  test.each([
    ['its rows and the class word after them', [1, 100, 101, 7, 5], [0, 1, 1, 1, 0]],
    ['a class word of two tokens', [1, 102, 8, 9, 8], [0, 2, 2, 2, 0]],
    ['no class word elsewhere, nor another one', [7, 100, 101, 8, 7], [0, 1, 1, 0, 0]],
    ['both in one prompt', [100, 101, 7, 4, 102, 8, 9], [1, 1, 1, 0, 2, 2, 2]],
    ['rows at the very end', [4, 100, 101], [0, 1, 1]],
    ['half a class word', [102, 8], [2, 0]],
  ])('%s', (_, ids, owners) => {
    expect(ownersOf(ids, words)).toEqual(owners);
  });

  test('its state stands in its concept’s part', () => {
    const states = Float32Array.of(1, 2, 3, 4, 5, 6);
    const wide = separateStates(states, [[5, 100, 102]], words);
    expect([...wide]).toEqual([1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 5, 6]);
  });
});

describe('words of concepts', () => {
  test('stand behind the vocabulary in the order of their rows', () => {
    const files = [writeLora('w1.safetensors', '<a>', 1), writeLora('w2.safetensors', '<b>', 1)];
    const model = applyConcepts(openTinyModel('tiny-sd1'), sd1, files.map(readConcept));
    const { vocabSize } = model.configs.textEncoder;
    expect(model.placeholders).toBe(4);
    expect(model.placeholderRows).toHaveLength(4 * 32);
    const { ids } = model.encodePadded('a <b> and <a>');
    const placeholders = ids.filter((id) => id >= vocabSize).map((id) => id - vocabSize);
    expect(placeholders).toEqual([2, 3, 0, 1]);
  });

  test('a concept file with a damaged description is refused by name', () => {
    const metadata = { 'tessera.concept': '{"version": 2}' };
    const rows = new Map([['<a>', float32Data([1, 32], new Float32Array(32))]]);
    writeSafetensors(path('damaged.safetensors'), rows, metadata);
    expect(() => readConcept(path('damaged.safetensors'))).toThrow(
      /damaged\.safetensors: its description: version is 2; expected 1/,
    );
  });

  test('rows that are not finite are refused', () => {
    const parts = {
      rows: new Float32Array(64).fill(Number.NaN),
      replaced: new Map(),
      lora: new Map(),
    };
    writeConcept(path('nan.safetensors'), description, parts);
    expect(() => readConcept(path('nan.safetensors'))).toThrow(/rows of "<a>" are not finite/);
  });
});
