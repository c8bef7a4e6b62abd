import { describe, expect, test } from 'vitest';
import { openSafetensors, readTensor } from '../../../src-main/engine/checkpoint/safetensors.ts';
import { writeSafetensors } from '../../../src-main/engine/checkpoint/writeSafetensors.ts';
import { applyConcepts } from '../../../src-main/engine/commands/applyConcepts.ts';
import { readConcept, writeConcept } from '../../../src-main/engine/commands/conceptFile.ts';
import { createNoisePredictor } from '../../../src-main/engine/diffusion/networks.ts';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
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

/** Keys of one attention replaced by the model's own times `factor`. */
function writeKeys(name: string, token: string, factor: number): string {
  const key = `${attentionKeys(openTinyModel('tiny-sd1').configs.unet)[1]}.to_k.weight`;
  const own = readTensor(openSafetensors(unetFile), key);
  if (own.dtype !== 'float32') throw new Error('internal: the tiny model is not float32');
  const value = float32Data(
    own.shape,
    own.data.map((weight) => factor * weight),
  );
  const parts = { rows: new Float32Array(64), replaced: new Map([[key, value]]), lora: new Map() };
  writeConcept(path(name), { ...description, token, method: 'custom-diffusion' }, parts);
  return path(name);
}

/** Prediction for fixed inputs of the tiny model with these concepts. */
async function predict(...files: string[]): Promise<Float32Array> {
  const model = applyConcepts(openTinyModel('tiny-sd1'), sd1, files.map(readConcept));
  const predictor = await createNoisePredictor(model, { batch: 1, height: 8, width: 8 });
  const random = RandomStream.create(2, 'test input');
  const { maxPositionEmbeddings, hiddenSize } = model.configs.textEncoder;
  try {
    const hiddenStates = random.normal(maxPositionEmbeddings * hiddenSize);
    return await predictor.predict(random.normal(4 * 64), [500], hiddenStates);
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

  test('two concepts that replace weights are refused by name', () => {
    const files = [writeKeys('k1.safetensors', '<a>', 1), writeKeys('k2.safetensors', '<b>', 1)];
    const apply = () => applyConcepts(openTinyModel('tiny-sd1'), sd1, files.map(readConcept));
    expect(apply).toThrow(/k1\.safetensors and .*k2\.safetensors both replace weights/);
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
