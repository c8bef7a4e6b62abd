import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import { applyConcepts } from '../../../src-main/engine/concepts/applyConcepts.ts';
import { readConcept, writeConcept } from '../../../src-main/engine/concepts/conceptFile.ts';
import { readForeignConcept } from '../../../src-main/engine/concepts/foreignConcept.ts';
import {
  createNoisePredictor,
  createTextEncoder,
} from '../../../src-main/engine/diffusion/networks.ts';
import { openTensorFile } from '../../../src-main/engine/files/openTensorFile.ts';
import { writeSafetensors } from '../../../src-main/engine/files/writeSafetensors.ts';
import { loadModel } from '../../../src-main/engine/loadModel.ts';
import { float32Data, type TensorData } from '../../../src-main/engine/tensor/tensorData.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { requireGoldenPath } from '../../support/golden.ts';
import { readGolden, relativeL2 } from '../../support/goldenTensors.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { compile } from '../../support/tinyModel.ts';

const { path } = temporaryFolder();
const golden = (name: string) => requireGoldenPath(`concepts/${name}`);
const outputs = readGolden(golden('outputs.safetensors'));
const output = (key: string) => Float32Array.from(outputs.get(key)!.data, Number);
const checkpoint = openCheckpoint(requireGoldenPath('tiny-sd1'));
const kohya = golden('lora-kohya-full-fp16.safetensors');

function read(file: string, more: { readonly embedding?: string; readonly token?: string } = {}) {
  const model = loadModel(checkpoint, compile);
  return readForeignConcept({ checkpoint, model }, { file, classWord: 'cat', ...more });
}

/** The tiny model with the file's concept, as it is composed with: imported, written, read and applied. */
async function personal(file: string, strength = 1) {
  const { description, parts } = await read(file);
  writeConcept(path('concept.safetensors'), description, parts);
  const concept = { ...readConcept(path('concept.safetensors')), strength };
  return applyConcepts(loadModel(checkpoint, compile), checkpoint, [concept]);
}

async function hiddenStates(model: Awaited<ReturnType<typeof personal>>): Promise<Float32Array> {
  const ids = [Array.from(outputs.get('ids')!.data, Number)];
  const encoder = await createTextEncoder(model, { batch: 1 });
  return encoder.encode(ids).finally(() => encoder.release());
}

async function predicted(model: Awaited<ReturnType<typeof personal>>, hidden: Float32Array) {
  const predictor = await createNoisePredictor(model, { batch: 1, height: 16, width: 16 });
  return predictor.predict(output('x'), [500], hidden).finally(() => predictor.release());
}

/** Writes tensors of a file under other names; without those that get none. */
function renamed(
  name: string,
  newName: (key: string) => string | undefined,
  metadata = {},
): string {
  const file = openTensorFile(kohya);
  const tensors = [...file.tensors.keys()].flatMap((key): [string, TensorData][] => {
    const other = newName(key);
    return other === undefined ? [] : [[other, file.read(key)]];
  });
  writeSafetensors(path(name), new Map(tensors), metadata);
  return path(name);
}

function writeTensors(name: string, shapes: Record<string, number[]>, value = 1): string {
  const tensors = Object.entries(shapes).map(([key, shape]): [string, TensorData] => {
    const count = shape.reduce((product, size) => product * size, 1);
    return [key, float32Data(shape, new Float32Array(count).fill(value))];
  });
  writeSafetensors(path(name), new Map(tensors), {});
  return path(name);
}

describe('computes what the reference does', () => {
  test('a LoRA of kohya, with text encoder, feed-forward and 1 x 1 convolutions', async () => {
    const model = await personal(kohya);
    const hidden = await hiddenStates(model);
    expect(relativeL2(hidden, output('lora.kohya.full.hidden'))).toBeLessThan(2e-5);
    const noise = await predicted(model, hidden);
    expect(relativeL2(noise, output('lora.kohya.full.t500'))).toBeLessThan(2e-5);
    expect(relativeL2(noise, output('base.t500'))).toBeGreaterThan(1e-2);
  });

  test('nothing of it at strength 0', async () => {
    const model = await personal(kohya, 0);
    const hidden = await hiddenStates(model);
    expect(relativeL2(hidden, output('hidden'))).toBeLessThan(2e-5);
    expect(relativeL2(await predicted(model, hidden), output('base.t500'))).toBeLessThan(2e-5);
  });

  test('the keys and values of Custom Diffusion, of a pickle', async () => {
    const model = await personal(golden('pytorch_custom_diffusion_weights.bin'));
    const noise = await predicted(model, output('hidden'));
    expect(relativeL2(noise, output('custom_diffusion.t500'))).toBeLessThan(2e-5);
    expect(relativeL2(noise, output('base.t500'))).toBeGreaterThan(1e-2);
  });
});

/** lora_unet_..._attn1_to_k.lora_down.weight -> [..., 'to_k', 'down'], for projections of attention in the UNet. */
function attentionParts(key: string) {
  const found =
    /^lora_unet_(\w+?_attentions_\d_transformer_blocks_0_attn[12])_(to_q|to_k|to_v|to_out_0)\.lora_(down|up)\.weight$/.exec(
      key,
    );
  if (!found) return undefined;
  const [, attention, projection, role] = found;
  const layer = attention
    .replace(/^(down|up)_blocks_(\d)_/, '$1_blocks.$2.')
    .replace(/^mid_block_/, 'mid_block.')
    .replace(/attentions_(\d)_transformer_blocks_0_/, 'attentions.$1.transformer_blocks.0.');
  return { layer, projection: projection.replace('to_out_0', 'to_out.0'), role };
}

describe('names of other programs', () => {
  const namings: Record<string, (layer: string, projection: string, role: string) => string> = {
    'diffusers 0.17': (layer, projection, role) =>
      `${layer}.processor.${projection.replace('.0', '')}_lora.${role}.weight`,
    'diffusers 0.21': (layer, projection, role) =>
      `unet.${layer}.processor.${projection.replace('.0', '')}_lora.${role}.weight`,
    'diffusers 0.22': (layer, projection, role) =>
      `unet.${layer}.${projection}.lora.${role}.weight`,
    PEFT: (layer, projection, role) =>
      `unet.${layer}.${projection}.lora_${role === 'down' ? 'A' : 'B'}.weight`,
    'a PEFT adapter': (layer, projection, role) =>
      `base_model.model.${layer}.${projection}.lora_${role === 'down' ? 'A' : 'B'}.default.weight`,
  };

  test.each(Object.entries(namings))('of %s mean the same layers', async (_, naming) => {
    const file = renamed('renamed.safetensors', (key) => {
      const parts = attentionParts(key);
      return parts && naming(parts.layer, parts.projection, parts.role);
    });
    const { parts, description } = await read(file);
    const whole = (await read(kohya)).parts;
    expect(description).toMatchObject({ method: 'lora-dreambooth', lora: { rank: 4, alpha: 4 } });
    expect(parts.lora.size).toBe(128);
    expect(parts.textLora?.size).toBe(0);
    for (const [layer, { down, up }] of parts.lora) {
      const scaled = whole.lora.get(layer)!;
      expect(down).toEqual(scaled.down);
      // kohya's has alpha 2 and rank 4, these have no alpha
      expect(up.data).toEqual((scaled.up.data as Float32Array).map((value) => 2 * value));
    }
  });

  test.each([
    ['text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer', '.down'],
    ['text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora', '.down'],
    ['text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_A', ''],
  ])('of a text encoder: %s', async (beginning, end) => {
    const up = end === '' ? `${beginning.slice(0, -1)}B` : `${beginning}.up`;
    const file = writeTensors('text.safetensors', {
      [`${beginning}${end}.weight`]: [2, 32],
      [`${up}.weight`]: [32, 2],
    });
    const { parts } = await read(file);
    expect([...(parts.textLora?.keys() ?? [])]).toEqual([
      'text_model.encoder.layers.0.self_attn.q_proj',
    ]);
  });

  test('an alpha of 0, or of PEFT in the metadata, is taken as it is meant', async () => {
    const unet = (key: string) => (key.startsWith('lora_unet') ? key : undefined);
    const factors = (await read(renamed('whole.safetensors', unet))).parts.lora;
    const layer = [...factors.keys()][0];
    const upOf = async (file: string) => (await read(file)).parts.lora.get(layer)!.up.data[0];
    const [half, whole] = [
      factors.get(layer)!.up.data[0],
      2 * Number(factors.get(layer)!.up.data[0]),
    ];
    const bare = (key: string) => (key.endsWith('.alpha') ? undefined : unet(key));
    expect(await upOf(renamed('bare.safetensors', bare))).toBe(whole);
    const lora_adapter_metadata = JSON.stringify({ 'unet.lora_alpha': 2, 'unet.r': 4 });
    expect(await upOf(renamed('peft.safetensors', bare, { lora_adapter_metadata }))).toBe(half);
    // of a network by itself, as save_lora_adapter writes it
    const alone = JSON.stringify({ lora_alpha: 2, r: 4 });
    const own = (key: string) => {
      const parts = attentionParts(key);
      return parts && `${parts.layer}.${parts.projection}.lora_${parts.role}.weight`;
    };
    const ofNetwork = renamed('alone.safetensors', own, { lora_adapter_metadata: alone });
    const [first] = (await read(ofNetwork)).parts.lora;
    expect(first[1].up).toEqual(factors.get(first[0])!.up);
    const prefix = kohyaName(layer);
    const zero = writeTensors('zero.safetensors', {
      [`${prefix}.lora_down.weight`]: [...factors.get(layer)!.down.shape],
      [`${prefix}.lora_up.weight`]: [...factors.get(layer)!.up.shape],
    });
    const file = openTensorFile(zero);
    const tensors = new Map([...file.tensors.keys()].map((key) => [key, file.read(key)]));
    tensors.set(`${prefix}.alpha`, float32Data([], Float32Array.of(0)));
    writeSafetensors(path('zero.safetensors'), tensors, {});
    expect(await upOf(zero)).toBe(1);
  });
});

describe('an adapter of PEFT, with its settings beside it', () => {
  const text = 'text_model.encoder.layers.0.self_attn.q_proj';
  const unet = 'mid_block.attentions.0.transformer_blocks.0.attn2.to_q';

  /** Scale of the layer's change, with this adapter_config.json. */
  async function scale(layer: string, settings?: object) {
    const folder = path(`adapter-${Math.random()}`);
    mkdirSync(folder);
    if (settings) writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(settings));
    const file = writeTensors(`${basename(folder)}/adapter_model.safetensors`, {
      [`base_model.model.${layer}.lora_A.weight`]: [4, 32],
      [`base_model.model.${layer}.lora_B.weight`]: [32, 4],
    });
    const { parts, assumption } = await read(file);
    const lora = new Map([...parts.lora, ...parts.textLora!]);
    return { assumption, scale: lora.get(layer)?.up.data[0] };
  }

  test.each<[string, object, string, number]>([
    ['alpha over the rank', { lora_alpha: 10 }, unet, 2.5],
    ["alpha over the rank's root", { lora_alpha: 10, use_rslora: true }, unet, 5],
    ['an alpha of its own', { lora_alpha: 10, alpha_pattern: { 'attn2.to_q': 2 } }, unet, 0.5],
    ['an alpha of another', { lora_alpha: 10, alpha_pattern: { tn2: 2 } }, unet, 2.5],
    ['alpha of a text encoder', { lora_alpha: 10 }, text, 2.5],
  ])('%s', async (_, settings, layer, expected) => {
    expect(await scale(layer, settings)).toEqual({ assumption: undefined, scale: expected });
  });

  test('without them alpha is taken to be the rank, and that is said', async () => {
    const { scale: found, assumption } = await scale(unet);
    expect(found).toBe(1);
    expect(assumption).toMatch(/adapter_config\.json does not lie beside it: alpha is taken to be/);
  });

  test.each<[object, RegExp]>([
    [{ use_dora: true }, /adapter_config\.json sets use_dora, which Tessera cannot use/],
    [{ alpha_pattern: { '.*to_q': 2 } }, /sets alpha_pattern by a rule, "\.\*to_q", which/],
  ])('what cannot be used is refused: %j', async (settings, message) => {
    await expect(scale(unet, { lora_alpha: 1, ...settings })).rejects.toThrow(message);
  });
});

function kohyaName(layer: string): string {
  return `lora_unet_${layer.replaceAll('.', '_')}`;
}

describe('words', () => {
  test('of Custom Diffusion come from a file of their own', async () => {
    const embedding = golden('modifier-token.bin');
    const { description, parts } = await read(golden('pytorch_custom_diffusion_weights.bin'), {
      embedding,
    });
    expect(description).toMatchObject({ token: '<cute-cat>', method: 'custom-diffusion' });
    const { data } = readGolden(golden('expected.safetensors')).get('vector0')!;
    expect(parts.rows).toEqual(data);
  });

  test('of a LoRA without one mean the class word', async () => {
    const { description } = await read(kohya, { token: '<lora>' });
    expect(description).toMatchObject({ token: '<lora>', vectors: 1 });
    expect(description.drift?.classCosine).toBeCloseTo(1, 5);
  });

  test('are called by the file where nothing else has a name', async () => {
    expect((await read(kohya)).description.token).toBe('<lora-kohya-full-fp16>');
  });
});

describe('refused by name', () => {
  const down = 'lora_unet_mid_block_attentions_0_proj_in.lora_down.weight';
  const up = down.replace('down', 'up');
  const k =
    'mid_block.attentions.0.transformer_blocks.0.attn2.processor.to_k_custom_diffusion.weight';

  test.each([
    [
      'a layer that is not there',
      { 'unet.tail.lora.down.weight': [2, 8] },
      /"unet\.tail.*changes a layer that is not there in .*tiny-sd1: choose/,
    ],
    [
      'a part of no layer',
      { '.alpha': [1], 'unet.\n.lora_down.weight': [1] },
      /changes a layer that/,
    ],
    [
      'one layer twice',
      { [down]: [2, 32], [down.replace('lora_down', 'lora_A')]: [2, 32] },
      /stand for the same/,
    ],
    ['a half without the other', { [down]: [2, 32, 1, 1] }, /lacks its other half/],
    [
      'factors of another width',
      { [down]: [2, 64, 1, 1], [up]: [32, 2, 1, 1] },
      /has factors \[2, 64, 1, 1\] and .* for a layer \[32, 32, 1, 1\] in/,
    ],
    [
      'factors of another kernel',
      { [down]: [2, 32, 3, 3], [up]: [32, 2, 1, 1] },
      /has factors \[2, 32, 3, 3\]/,
    ],
    [
      'factors of two ranks',
      { [down]: [2, 32], [up]: [32, 3] },
      /has factors \[2, 32\] and \[32, 3\]/,
    ],
    [
      'a change of another kind',
      { 'lora_unet_mid.hada_w1_a': [2, 2] },
      /is no part of a LoRA that Tessera can use/,
    ],
    [
      'a LoRA of another model',
      { 'lora_te2_x.lora_down.weight': [2, 8] },
      /is a Stable Diffusion XL LoRA, which Tessera cannot use/,
    ],
    [
      'keys of another width',
      { [k]: [32, 40] },
      /to_k.* \[32, 40\] stands for a weight \[32, 32\] in/,
    ],
    [
      'more than keys',
      { [k]: [32, 32], 'conv_in.weight': [1] },
      /"conv_in\.weight" is no weight of Custom Diffusion/,
    ],
  ])('%s', async (_, shapes, message) => {
    const refused = read(writeTensors('refused.safetensors', shapes as Record<string, number[]>));
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(message);
  });

  test('a DoRA, by what its metadata says', async () => {
    const lora_adapter_metadata = JSON.stringify({ 'unet.lora_alpha': 2, 'unet.use_dora': true });
    const bare = (key: string) => (/^lora_unet.*weight$/.test(key) ? key : undefined);
    const file = renamed('scales.safetensors', bare, { lora_adapter_metadata });
    await expect(read(file)).rejects.toThrow('sets use_dora, which Tessera cannot use');
  });

  test('values that are no numbers', async () => {
    const file = writeTensors('nan.safetensors', { [down]: [2, 32], [up]: [32, 2] }, Number.NaN);
    await expect(read(file)).rejects.toThrow(/has values that are no numbers: the file is damaged/);
  });

  test('two files of words, and weights for a word', async () => {
    const embedding = golden('modifier-token.bin');
    await expect(read(golden('a1111.pt'), { embedding })).rejects.toThrow(/is an embedding itself/);
    await expect(read(kohya, { embedding: kohya })).rejects.toThrow(/is no embedding: expected/);
  });
});
