import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StoredWeight } from '../../../src-main/engine/checkpoint/bindWeights.ts';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import type { WeightTable } from '../../../src-main/engine/checkpoint/weightTable.ts';
import { openSafetensors, readTensor } from '../../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../../src-main/engine/files/writeSafetensors.ts';
import type { TensorData } from '../../../src-main/engine/tensor/tensorData.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { craftSparse } from '../../support/craftSafetensors.ts';
import { goldenPath } from '../../support/golden.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const { folder } = temporaryFolder();
const tinySd1 = goldenPath('tiny-sd1')!;
const tinySd1File = goldenPath('tiny-sd1-ldm.safetensors');
const tinySd2Weights = goldenPath('tiny-sd2/unet/diffusion_pytorch_model.safetensors');
/** The repository holds the configurations of tiny-sd2 only. */
const wholeTinySd2 = tinySd2Weights ? dirname(dirname(tinySd2Weights)) : '';
const models = ['unet', 'textEncoder', 'autoencoder'] as const;

function shapesOf(table: WeightTable): Record<string, readonly number[]> {
  return Object.fromEntries([...table].sort().map(([key, { shape }]) => [key, shape]));
}

const readFiles = new Map<string, Buffer>();

function bytesOf({ location }: StoredWeight): Buffer {
  const { file, offset, byteLength } = location;
  const whole = readFiles.get(file) ?? readFileSync(file);
  readFiles.set(file, whole);
  return whole.subarray(offset, offset + byteLength);
}

/** A copy of tiny-sd1 that a test may change. */
function copyOfTinySd1(name: string): string {
  const copy = join(folder, name);
  cpSync(tinySd1, copy, { recursive: true, dereference: true });
  return copy;
}

function tensorsOf(path: string): Map<string, TensorData> {
  const file = openSafetensors(path);
  return new Map([...file.tensors.keys()].map((key) => [key, readTensor(file, key)]));
}

describe('diffusers folders', () => {
  test('every weight of tiny-sd1 is found where it lies', () => {
    const { kind, family, weights, tokenizerFolder, assumptions } = openCheckpoint(tinySd1);
    expect({ kind, family, assumptions }).toEqual({
      kind: 'diffusers',
      family: 'sd1',
      assumptions: [],
    });
    expect(tokenizerFolder).toBe(join(tinySd1, 'tokenizer'));
    const file = openSafetensors(join(tinySd1, 'unet', 'diffusion_pytorch_model.safetensors'));
    expect(new Set(weights.unet.keys())).toEqual(new Set(file.tensors.keys()));
    const { location, dtype } = weights.unet.get('conv_in.weight')!;
    expect(dtype).toBe('float32');
    expect(location.file).toBe(file.path);
    expect(location.offset).toBe(file.tensors.get('conv_in.weight')!.offset);
  });

  test('the deprecated names of the autoencoder get their present ones', () => {
    const { autoencoder } = openCheckpoint(tinySd1).weights;
    const file = openSafetensors(join(tinySd1, 'vae', 'diffusion_pytorch_model.safetensors'));
    const names = { to_q: 'query', to_k: 'key', to_v: 'value', 'to_out.0': 'proj_attn' };
    for (const [name, old] of Object.entries(names)) {
      const weight = autoencoder.get(`encoder.mid_block.attentions.0.${name}.weight`)!;
      const entry = file.tensors.get(`encoder.mid_block.attentions.0.${old}.weight`)!;
      expect(weight.location.offset).toBe(entry.offset);
      expect(weight.shape).toEqual(entry.shape);
    }
  });

  test.skipIf(!tinySd2Weights)('tiny-sd2 has the head counts and names of its config', () => {
    const { family, configs, weights } = openCheckpoint(wholeTinySd2);
    expect(family).toBe('sd2');
    expect(configs.unet.attentionHeads).toHaveLength(configs.unet.blockOutChannels.length);
    expect(configs.scheduler.predictionType).toBe('v_prediction');
    expect(weights.textEncoder.size).toBe(52);
  });

  test('the prediction can be set', () => {
    const { configs } = openCheckpoint(tinySd1, { predictionType: 'v_prediction' });
    expect(configs.scheduler.predictionType).toBe('v_prediction');
  });

  test('a file in full precision is preferred to its variants, a variant is enough', () => {
    const copy = copyOfTinySd1('variants');
    const plain = join(copy, 'unet', 'diffusion_pytorch_model.safetensors');
    const variant = join(copy, 'unet', 'diffusion_pytorch_model.fp16.safetensors');
    cpSync(plain, variant);
    expect(openCheckpoint(copy).weights.unet.source).toBe(plain);
    rmSync(plain);
    expect(openCheckpoint(copy).weights.unet.source).toBe(variant);
  });

  test('a model in parts is put together by its index', () => {
    const copy = copyOfTinySd1('shards');
    const unet = join(copy, 'unet');
    const whole = join(unet, 'diffusion_pytorch_model.safetensors');
    const tensors = [...tensorsOf(whole)];
    const parts = [
      'diffusion_pytorch_model-00001-of-00002',
      'diffusion_pytorch_model-00002-of-00002',
    ];
    const partOf = (index: number) => `${parts[index % 2]}.safetensors`;
    for (const [number, part] of parts.entries()) {
      const own = tensors.filter((_, index) => index % 2 === number);
      writeSafetensors(join(unet, `${part}.safetensors`), new Map(own));
    }
    const places = tensors.map(([key], index) => [key, partOf(index)]);
    const index = join(unet, 'diffusion_pytorch_model.safetensors.index.json');
    writeFileSync(index, JSON.stringify({ weight_map: Object.fromEntries(places) }));
    rmSync(whole);
    const table = openCheckpoint(copy).weights.unet;
    expect(shapesOf(table)).toEqual(shapesOf(openCheckpoint(tinySd1).weights.unet));
    expect(basename(table.get(tensors[1][0])!.location.file)).toBe(partOf(1));

    writeFileSync(index, JSON.stringify({ weight_map: { 'conv_in.weight': '../x.safetensors' } }));
    expect(() => openCheckpoint(copy)).toThrow(
      `${index}: "conv_in.weight" is in "../x.safetensors", expected the name of a .safetensors file in the same folder`,
    );
    writeFileSync(index, JSON.stringify({ weight_map: { nowhere: partOf(0) } }));
    expect(() => openCheckpoint(copy)).toThrow(/no tensor "nowhere", which .*index\.json names/);
  });

  test('every missing, unexpected and mis-shaped weight is listed', () => {
    const copy = copyOfTinySd1('wrong weights');
    const path = join(copy, 'text_encoder', 'model.safetensors');
    const tensors = tensorsOf(path);
    tensors.delete('text_model.final_layer_norm.weight');
    tensors.set('text_model.extra', { dtype: 'float32', shape: [1], data: new Float32Array(1) });
    const bias = 'text_model.final_layer_norm.bias';
    tensors.set(bias, { dtype: 'float32', shape: [3], data: new Float32Array(3) });
    writeSafetensors(path, tensors);
    expect(() => openCheckpoint(copy)).toThrow(
      `${path}: the weights do not fit the configuration.\n` +
        '  1 missing:\n    "text_model.final_layer_norm.weight"\n' +
        '  1 unexpected:\n    "text_model.extra"\n' +
        `  1 of another shape:\n    "${bias}" is [3], expected [32]\n`,
    );
  });

  test('a text encoder may lack its prefix, and bring all of CLIP', () => {
    const copy = copyOfTinySd1('clip');
    const path = join(copy, 'text_encoder', 'model.safetensors');
    const bare = [...tensorsOf(path)].map(
      ([key, tensor]) => [key.replace(/^text_model\./, ''), tensor] as const,
    );
    const one = { dtype: 'float32', shape: [1], data: new Float32Array(1) } as const;
    const others = [
      ...['logit_scale', 'text_projection.weight', 'visual_projection.weight'],
      ...['vision_model.post_layernorm.bias', 'embeddings.position_ids'],
    ];
    writeSafetensors(path, new Map([...bare, ...others.map((key) => [key, one] as const)]));
    const table = openCheckpoint(copy).weights.textEncoder;
    expect(shapesOf(table)).toEqual(shapesOf(openCheckpoint(tinySd1).weights.textEncoder));
  });

  test('of a folder of the Hugging Face cache the versions are named', () => {
    const copy = copyOfTinySd1('models--org--tiny/snapshots/abc');
    expect(openCheckpoint(copy).family).toBe('sd1');
    expect(() => openCheckpoint(join(copy, '..', '..'))).toThrow(
      `is a folder of the Hugging Face cache, whose versions lie in it: give ${copy}`,
    );
  });

  test('long lists are cut and counted', () => {
    const copy = copyOfTinySd1('empty weights');
    const path = join(copy, 'unet', 'diffusion_pytorch_model.safetensors');
    writeSafetensors(path, new Map());
    expect(() => openCheckpoint(copy)).toThrow(/686 missing:\n( {4}".*"\n){10} {4}and 676 more/);
  });

  test('what is missing or of another kind is named', () => {
    const copy = copyOfTinySd1('refused');
    const config = join(copy, 'unet', 'config.json');
    const json = JSON.parse(readFileSync(config, 'utf8'));
    const write = (changes: object) =>
      writeFileSync(config, JSON.stringify({ ...json, ...changes }));
    write({ in_channels: 9 });
    expect(() => openCheckpoint(copy)).toThrow(/is an inpainting checkpoint \(9 input channels\)/);
    const vaeConfig = join(copy, 'vae', 'config.json');
    const vaeText = readFileSync(vaeConfig, 'utf8');
    writeFileSync(vaeConfig, JSON.stringify({ ...JSON.parse(vaeText), latent_channels: 9 }));
    // Where the latents themselves have so many channels, it is just another model: its weights do not fit yet.
    expect(() => openCheckpoint(copy)).toThrow(/conv_in\.weight/);
    writeFileSync(vaeConfig, vaeText);
    write({ addition_embed_type: 'text_time' });
    expect(() => openCheckpoint(copy)).toThrow(InputError);
    expect(() => openCheckpoint(copy)).toThrow(
      `${config}: addition_embed_type is "text_time": not supported by Tessera`,
    );
    writeFileSync(config, '{"act_fn": ');
    expect(() => openCheckpoint(copy)).toThrow(`${config}: not JSON`);
    write({});
    // Python writes numbers that JSON does not have.
    const scheduler = join(copy, 'scheduler', 'scheduler_config.json');
    writeFileSync(scheduler, '{"lambda_min_clipped": -Infinity, "steps_offset": 1}');
    expect(openCheckpoint(copy).configs.scheduler.sampling.keys.lambda_min_clipped).toBeNull();
    const index = join(copy, 'model_index.json');
    writeFileSync(index, '{"_class_name": "StableDiffusionXLPipeline"}');
    expect(() => openCheckpoint(copy)).toThrow(/is a Stable Diffusion XL checkpoint/);
    writeFileSync(index, '{"_class_name": "FluxPipeline"}');
    expect(() => openCheckpoint(copy)).toThrow(/is a Flux checkpoint/);
    rmSync(index);
    const vae = join(copy, 'vae');
    renameSync(join(vae, 'diffusion_pytorch_model.safetensors'), join(vae, 'model.bin'));
    expect(() => openCheckpoint(copy)).toThrow(
      `${vae}: no diffusion_pytorch_model.safetensors. Found model.bin, a pickle`,
    );
    rmSync(join(copy, 'scheduler'), { recursive: true });
    expect(() => openCheckpoint(copy)).toThrow(/scheduler_config\.json: no such file or folder/);
    expect(() => openCheckpoint(folder)).toThrow(
      /no unet\/config\.json, expected a diffusers folder/,
    );
    expect(() => openCheckpoint(join(folder, 'absent'))).toThrow(/no such file or folder/);
  });
});

describe('single files of the tiny models', () => {
  test.skipIf(!tinySd1File)('tiny-sd1-ldm has the bytes of the folder under the same keys', () => {
    const single = openCheckpoint(tinySd1File!);
    const reference = openCheckpoint(join(dirname(tinySd1File!), 'tiny-sd1'));
    expect(single.kind).toBe('single-file');
    expect(single.configs).toEqual(reference.configs);
    expect(single.unusedKeys).toEqual([]);
    for (const model of models) {
      expect(shapesOf(single.weights[model])).toEqual(shapesOf(reference.weights[model]));
      for (const [key, weight] of single.weights[model]) {
        const expected = bytesOf(reference.weights[model].get(key)!);
        expect(bytesOf(weight).equals(expected), key).toBe(true);
      }
    }
  });

  test('tiny-sd2-ldm-fp16 takes its configuration from the folder named like it', () => {
    const path = goldenPath('tiny-sd2-ldm-fp16.safetensors')!;
    const { family, configs, tokenizerFolder, assumptions, weights } = openCheckpoint(path);
    const json = JSON.parse(readFileSync(goldenPath('tiny-sd2/unet/config.json')!, 'utf8'));
    expect(family).toBe('sd2');
    expect(configs.unet.attentionHeads).toEqual(json.attention_head_dim);
    expect(basename(tokenizerFolder!)).toBe('tokenizer');
    expect(assumptions[0]).toMatch(/configuration taken from .*tiny-sd2$/);
    expect(weights.unet.get('conv_in.weight')!.dtype).toBe('float16');
  });

  test('the fused projection of OpenCLIP is three weights in the same bytes', () => {
    const path = goldenPath('tiny-sd2-ldm-fp16.safetensors')!;
    const table = openCheckpoint(path).weights.textEncoder;
    const fused = 'cond_stage_model.model.transformer.resblocks.1.attn.in_proj_';
    for (const parameter of ['weight', 'bias'] as const) {
      const entry = openSafetensors(path).tensors.get(fused + parameter)!;
      const whole = bytesOf({ dtype: 'float16', shape: [], location: { file: path, ...entry } });
      const parts = ['q', 'k', 'v'].map((name) => {
        const key = `text_model.encoder.layers.1.self_attn.${name}_proj.${parameter}`;
        return bytesOf(table.get(key)!);
      });
      expect(Buffer.concat(parts).equals(whole)).toBe(true);
    }
    const layers = [...table.keys()].map((key) => Number(/layers\.(\d+)/.exec(key)?.[1] ?? 0));
    expect(Math.max(...layers)).toBe(2);
  });

  test.skipIf(!tinySd2Weights)('tiny-sd2-ldm-fp16 is the folder rounded to half precision', () => {
    const single = openCheckpoint(goldenPath('tiny-sd2-ldm-fp16.safetensors')!);
    const reference = openCheckpoint(wholeTinySd2);
    for (const model of models) {
      expect(shapesOf(single.weights[model])).toEqual(shapesOf(reference.weights[model]));
      for (const [key, weight] of single.weights[model]) {
        const whole = new Float32Array(
          Uint8Array.from(bytesOf(reference.weights[model].get(key)!)).buffer,
        );
        const half = new Float16Array(Uint8Array.from(bytesOf(weight)).buffer);
        expect(half, key).toEqual(new Float16Array(whole));
      }
    }
  });

  test('without a folder or file beside it, every assumption is told', () => {
    const alone = join(folder, 'alone');
    mkdirSync(alone);
    const path = join(alone, 'model.safetensors');
    cpSync(goldenPath('tiny-sd2-ldm-fp16.safetensors')!, path);
    const { assumptions, configs, tokenizerFolder } = openCheckpoint(path);
    expect(tokenizerFolder).toBeUndefined();
    expect(assumptions).toContain('unet: norm_num_groups = 8');
    expect(assumptions.join('\n')).toContain('unet: attention_head_dim = ');
    expect(assumptions.join('\n')).toContain('scheduler: prediction_type = "v_prediction"');
    expect(configs.textEncoder.attentionHeads).toBe(5);

    const from = openCheckpoint(path, { configFrom: goldenPath('tiny-sd2')! });
    expect(from.configs.unet.attentionHeads).toEqual([2, 4, 4, 4]);
    expect(() => openCheckpoint(path, { configFrom: tinySd1 })).toThrow(
      /cross_attention_dim is 32, but the weights of .*model\.safetensors say 40/,
    );
  });

  test('a JSON file beside it says what the weights cannot', () => {
    const beside = join(folder, 'beside');
    mkdirSync(beside);
    const path = join(beside, 'model.safetensors');
    cpSync(goldenPath('tiny-sd2-ldm-fp16.safetensors')!, path);
    const write = (json: object) => writeFileSync(join(beside, 'model.json'), JSON.stringify(json));
    write({
      unet: { attention_head_dim: [2, 4, 4, 4] },
      scheduler: { prediction_type: 'epsilon' },
    });
    const { configs, assumptions } = openCheckpoint(path);
    expect(configs.unet.attentionHeads).toEqual([2, 4, 4, 4]);
    expect(configs.unet.normNumGroups).toBe(8);
    expect(configs.scheduler.predictionType).toBe('epsilon');
    expect(assumptions.join('\n')).not.toContain('attention_head_dim');
    write({ description: 'a note of another program', vae: 'Automatic' });
    expect(openCheckpoint(path).configs.unet.attentionHeads).toEqual([2, 3, 4, 4]);
    write({ unet: { attention_head_dim: 5 } });
    expect(() => openCheckpoint(path)).toThrow(
      /model\.json: attention_head_dim .* is 5: expected a divisor/,
    );
    write({ unet: { in_channels: 9 } });
    expect(() => openCheckpoint(path)).toThrow(/in_channels is 9, but the weights of .* say 4/);
  });

  test('an element type that cannot be computed with is named', () => {
    const { tensors } = openSafetensors(goldenPath('tiny-sd2-ldm-fp16.safetensors')!);
    const path = craftSparse(
      join(folder, 'fp8.safetensors'),
      [...tensors].map(([key, { shape }]) => ({ key, shape, dtype: 'F8_E4M3' })),
    );
    expect(() => openCheckpoint(path)).toThrow(
      /is F8_E4M3, expected one of F32, F16, BF16, F64, I64/,
    );
  });
});
