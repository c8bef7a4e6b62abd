import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspectFile } from '../../../src-main/engine/checkpoint/inspect.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { craft, craftSparse, type PlannedTensor } from '../../support/craftSafetensors.ts';
import { pickled, writeTorchZip } from '../../support/craftTorch.ts';
import { goldenPath, requireGoldenPath } from '../../support/golden.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const { folder } = temporaryFolder();

function inspectPlanned(
  name: string,
  tensors: readonly (readonly [string, readonly number[]])[],
  metadata?: Record<string, string>,
) {
  const planned = tensors.map(([key, shape]): PlannedTensor => ({ key, dtype: 'F16', shape }));
  return inspectFile(craftSparse(join(folder, `${name}.safetensors`), planned, metadata));
}

describe('checkpoints', () => {
  test('a diffusers folder', () => {
    const found = inspectFile(goldenPath('tiny-sd1')!);
    expect(found).toMatchObject({
      kind: 'checkpoint folder',
      family: 'sd1',
      description: 'a Stable Diffusion 1.x checkpoint in diffusers folders',
      details: ['pipeline: StableDiffusionPipeline'],
      dtypes: { F32: 982, I64: 1 },
    });
    expect(found.groups.map(({ prefix, tensors }) => [prefix, tensors])).toEqual([
      ['text_encoder/model.safetensors', 53],
      ['unet/diffusion_pytorch_model.safetensors', 686],
      ['vae/diffusion_pytorch_model.safetensors', 244],
    ]);
    const sum = found.groups.reduce((total, { parameters }) => total + parameters, 0);
    expect(found.parameters).toBe(sum);
    expect(found.tensors).toContainEqual({
      key: 'conv_in.weight',
      dtype: 'F32',
      shape: [16, 4, 3, 3],
      file: 'unet/diffusion_pytorch_model.safetensors',
    });
  });

  test('a single file', () => {
    const found = inspectFile(goldenPath('tiny-sd2-ldm-fp16.safetensors')!);
    expect(found).toMatchObject({
      kind: 'checkpoint',
      family: 'sd2',
      variant: undefined,
      description: 'a Stable Diffusion 2.x checkpoint',
      metadata: { format: 'pt' },
      dtypes: { F16: 991, I32: 1 },
      bytes: 2049336,
    });
    expect(found.groups).toContainEqual(
      expect.objectContaining({ prefix: 'model.diffusion_model', tensors: 686 }),
    );
  });

  test.each([
    ['unet/diffusion_pytorch_model', 'diffusion model', 'a Stable Diffusion 1.x diffusion model'],
    ['vae/diffusion_pytorch_model', 'autoencoder', 'an autoencoder'],
    ['text_encoder/model', 'text encoder', 'a text encoder'],
  ])('the part %s of one', (name, kind, description) => {
    const found = inspectFile(goldenPath(`tiny-sd1/${name}.safetensors`)!);
    expect(found).toMatchObject({ kind, description });
  });
});

describe('concepts', () => {
  test.each([
    ['emb_params.safetensors', 'concept embedding', ['word: cute-cat', 'vectors: 3, width 32']],
    [
      'learned_embeds.safetensors',
      'concept embedding',
      ['word: <cute-cat>', 'vectors: 3, width 32'],
    ],
    ['a1111-legacy.pt', 'concept embedding', ['word: cute-cat', 'vectors: 3, width 32']],
    ['modifier-token.bin', 'concept embedding', ['word: <cute-cat>', 'vectors: 1, width 32']],
    ['lora-kohya-full-fp16.safetensors', 'LoRA', ['layers: 210', 'rank: 4', 'alpha: 2']],
    [
      'pytorch_custom_diffusion_weights.bin',
      'Custom Diffusion weights',
      ['replaces 32 key and value projections of cross-attention'],
    ],
  ])('%s', (name, kind, details) => {
    const found = inspectFile(requireGoldenPath(`concepts/${name}`));
    expect(found).toMatchObject({ kind, details });
  });

  test('a checkpoint in a pickle stays one, and is told', () => {
    const tensor = pickled.tensor({ elements: 6, shape: [2, 3], strides: [3, 1] });
    const key = 'model.diffusion_model.input_blocks.0.0.weight';
    const pickle = pickled.whole(pickled.entry('state_dict', pickled.entry(key, tensor)));
    writeTorchZip(join(folder, 'whole.ckpt'), pickle, new Float32Array(6));
    const found = inspectFile(join(folder, 'whole.ckpt'));
    expect(found).toMatchObject({ kind: 'pickle', details: ['holds a checkpoint'] });
  });

  test('a pickle that asks for more is named with the reason', () => {
    const found = inspectFile(requireGoldenPath('concepts/malicious.bin'));
    expect(found).toMatchObject({ kind: 'pickle', bytes: 939, tensors: [] });
    expect(found.details.join()).toMatch(/asks for .*print/);
  });

  test('widths and metadata tell the base model', () => {
    expect(
      inspectPlanned('two', [
        ['<cat>', [768]],
        ['<cat>_1', [768]],
      ]),
    ).toMatchObject({
      kind: 'concept embedding',
      family: 'sd1',
      details: ['word: <cat>', 'vectors: 2, width 768'],
    });
    expect(
      inspectPlanned('sdxl', [
        ['clip_l', [2, 768]],
        ['clip_g', [2, 1280]],
      ]),
    ).toMatchObject({
      kind: 'concept embedding',
      family: 'sdxl',
      details: ['word: sdxl', 'vectors: 4, width 768 and 1280'],
    });
    const lora = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_v';
    const factors = [[`${lora}.lora_down.weight`, [8, 32]]] as const;
    expect(inspectPlanned('v2', factors, { ss_v2: 'True' }).family).toBe('sd2');
    const flux = { 'modelspec.architecture': 'flux-1-dev/lora' };
    expect(inspectPlanned('flux', factors, flux).family).toBe('flux');
    expect(inspectPlanned('untold', factors).family).toBeUndefined();
  });
});

describe('anything else', () => {
  test('a pickle that is cut off is named', () => {
    const path = join(folder, 'model.ckpt');
    writeFileSync(path, 'PK\x03\x04 archive/data.pkl', 'latin1');
    const found = inspectFile(path);
    expect(found).toMatchObject({ kind: 'pickle', bytes: 21, tensors: [], parameters: 0 });
    expect(found.description).toMatch(
      /^a pickle in a zip archive.*convert the file to \.safetensors/,
    );
  });

  test('well-formed files that nobody knows are listed', () => {
    const found = inspectPlanned('unknown', [
      ['x.y', [2, 3]],
      ['x.z', []],
      ['7', [0]],
    ]);
    expect(found).toMatchObject({ kind: 'unknown', family: undefined, parameters: 7 });
    expect(found.groups.map(({ prefix }) => prefix).sort()).toEqual(['7', 'x']);
    const empty = inspectFile(craft(join(folder, 'empty.safetensors'), '{}'));
    expect(empty).toMatchObject({ kind: 'unknown', parameters: 0 });
    const strange = { '': [1], 'lora_down.weight': [], alpha: [], '__proto__.x': [2] };
    expect(inspectPlanned('strange', Object.entries(strange)).tensors).toHaveLength(4);
  });

  test('a damaged file and an empty folder are refused', () => {
    const damaged = craft(join(folder, 'damaged.safetensors'), '{"a":1}');
    expect(() => inspectFile(damaged)).toThrow(InputError);
    const none = goldenPath('tiny-sd1/tokenizer')!;
    expect(() => inspectFile(none)).toThrow(
      `${none}: no .safetensors files here or one level below`,
    );
  });
});
