import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import {
  expectedAutoencoderWeights,
  expectedTextEncoderWeights,
  expectedUNetWeights,
} from '../../../src-main/engine/checkpoint/expectedWeights.ts';
import { elementCount, type Shape } from '../../../src-main/engine/tensor/shape.ts';
import { craftSparse, type PlannedTensor } from '../../support/craftSafetensors.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { openClipTower, published, publishedSingleFile } from './publishedKeys.ts';

const { folder } = temporaryFolder();

/** Files with the shapes of the published ones, whose data are holes. */
function sparse(
  name: string,
  tensors: readonly PlannedTensor[],
  metadata?: Record<string, string>,
) {
  return craftSparse(join(folder, `${name}.safetensors`), tensors, metadata);
}

function parameters(weights: ReadonlyMap<string, Shape>): number {
  return [...weights.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
}

test('the modules ask for as many parameters as the published models have', () => {
  expect(parameters(expectedUNetWeights(published.sd1.unet))).toBe(859_520_964);
  expect(parameters(expectedUNetWeights(published.sd2.unet))).toBe(865_910_724);
  expect(parameters(expectedTextEncoderWeights(published.sd1.textEncoder))).toBe(123_060_480);
  expect(parameters(expectedTextEncoderWeights(published.sd2.textEncoder))).toBe(340_387_840);
  expect(parameters(expectedAutoencoderWeights(published.autoencoder))).toBe(83_653_863);
});

describe('single files of full size', () => {
  test.each(['F32', 'F16', 'BF16'])(
    'Stable Diffusion 1.x in %s needs no configuration',
    (dtype) => {
      const path = sparse(`sd1 ${dtype}`, publishedSingleFile('sd1', dtype));
      const { family, configs, assumptions, unusedKeys } = openCheckpoint(path);
      expect({ family, assumptions, unusedKeys }).toEqual({
        family: 'sd1',
        assumptions: [],
        unusedKeys: [],
      });
      expect(configs.unet).toEqual(published.sd1.unet);
      expect(configs.textEncoder).toEqual(published.sd1.textEncoder);
      expect(configs.autoencoder).toEqual(published.autoencoder);
      expect(configs.scheduler).toMatchObject({
        betaStart: 0.00085,
        betaEnd: 0.012,
        betaSchedule: 'scaled_linear',
        predictionType: 'epsilon',
      });
    },
  );

  test('Stable Diffusion 2.x', () => {
    const { family, configs, assumptions } = openCheckpoint(
      sparse('sd2', publishedSingleFile('sd2')),
    );
    expect(family).toBe('sd2');
    expect(configs.unet).toEqual(published.sd2.unet);
    expect(configs.textEncoder).toEqual(published.sd2.textEncoder);
    expect(assumptions).toEqual([
      'scheduler: prediction_type = "v_prediction" (2.0-base and 2.1-base need "epsilon")',
    ]);
  });

  test('a tower that was saved without its unused block keeps all 23', () => {
    const others = publishedSingleFile('sd2').filter(({ key }) => !/^cond_stage_model/.test(key));
    const tower = openClipTower(23).map(({ key, shape }) => ({
      key: `cond_stage_model.model.${key}`,
      dtype: 'F16',
      shape,
    }));
    const { configs } = openCheckpoint(sparse('sd2 converted', [...others, ...tower]));
    expect(configs.textEncoder.hiddenLayers).toBe(23);
  });

  test('metadata, a yaml or the user say what a Stable Diffusion 2 model predicts', () => {
    const tensors = publishedSingleFile('sd2');
    const predictionOf = (path: string, options = {}) =>
      openCheckpoint(path, options).configs.scheduler.predictionType;
    const spec = { 'modelspec.architecture': 'stable-diffusion-v2-512' };
    expect(predictionOf(sparse('spec', tensors, spec))).toBe('epsilon');
    const path = sparse('v2-inference', tensors);
    const yaml = join(folder, 'v2-inference.yaml');
    writeFileSync(yaml, 'model:\n  params:\n    linear_start: 0.00085\n');
    expect(predictionOf(path)).toBe('epsilon');
    writeFileSync(yaml, 'model:\n  params:\n    parameterization: "v"\n');
    expect(predictionOf(path)).toBe('v_prediction');
    expect(predictionOf(path, { predictionType: 'epsilon' })).toBe('epsilon');
    const marked = [...publishedSingleFile('sd1'), { key: 'v_pred', dtype: 'F32', shape: [0] }];
    expect(predictionOf(sparse('marked', marked))).toBe('v_prediction');
  });

  test('text encoders that were saved without the prefix text_model are read', () => {
    const bare = publishedSingleFile('sd1').map((tensor) => ({
      ...tensor,
      key: tensor.key.replace('transformer.text_model.', 'transformer.'),
    }));
    expect(openCheckpoint(sparse('bare', bare)).weights.textEncoder.size).toBe(196);
  });

  test('a text encoder of another width does not pass', () => {
    const text = publishedSingleFile('sd1').map((tensor) => ({
      ...tensor,
      shape:
        tensor.key.endsWith('attn2.to_k.weight') || tensor.key.endsWith('attn2.to_v.weight')
          ? [tensor.shape[0], 1024]
          : tensor.shape,
    }));
    expect(() => openCheckpoint(sparse('mixed', text))).toThrow(
      "the text encoder gives 768 channels, but the UNet's cross_attention_dim is 1024",
    );
  });

  test('keys of no known use are told', () => {
    const stray = { key: 'callbacks.state', dtype: 'F32', shape: [1] };
    const { unusedKeys } = openCheckpoint(sparse('stray', [...publishedSingleFile('sd1'), stray]));
    expect(unusedKeys).toEqual(['callbacks.state']);
  });
});

describe('refusals name what the file is', () => {
  const sd1 = publishedSingleFile('sd1');
  const withInput = (channels: number) =>
    sd1.map((tensor) =>
      tensor.key.endsWith('input_blocks.0.0.weight')
        ? { ...tensor, shape: [320, channels, 3, 3] }
        : tensor,
    );
  const only = (...keys: readonly (readonly [string, readonly number[]])[]) =>
    keys.map(([key, shape]) => ({ key, dtype: 'F16', shape }));
  const unet = 'model.diffusion_model';
  const cases: readonly (readonly [string, readonly PlannedTensor[], RegExp])[] = [
    [
      'inpainting',
      withInput(9),
      /is a Stable Diffusion 1\.x inpainting checkpoint\. Tessera works/,
    ],
    ['depth', withInput(5), /is a Stable Diffusion 1\.x depth-to-image checkpoint/],
    ['pix2pix', withInput(8), /is a Stable Diffusion 1\.x InstructPix2Pix checkpoint/],
    [
      'SDXL',
      only(
        [`${unet}.input_blocks.0.0.weight`, [320, 4, 3, 3]],
        [`${unet}.label_emb.0.0.weight`, [1280, 2816]],
        [
          'conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight',
          [9, 768],
        ],
      ),
      /is a Stable Diffusion XL checkpoint\. Tessera works/,
    ],
    [
      'SD3',
      only([`${unet}.joint_blocks.0.x_block.attn.qkv.weight`, [6, 2]]),
      /Stable Diffusion 3 checkpoint/,
    ],
    ['Flux', only([`${unet}.double_blocks.0.img_attn.qkv.weight`, [6, 2]]), /is a Flux checkpoint/],
    [
      'Flux alone',
      only(['double_blocks.0.img_attn.qkv.weight', [6, 2]]),
      /is a Flux diffusion model/,
    ],
    [
      'ControlNet',
      only(['control_model.input_blocks.0.0.weight', [320, 4, 3, 3]]),
      /is a ControlNet/,
    ],
    [
      'LoRA',
      only(['lora_unet_mid_block_attentions_0_attn2_to_k.lora_down.weight', [4, 768]]),
      /is a Stable Diffusion 1\.x LoRA\. Expected a whole checkpoint/,
    ],
    ['SDXL LoRA', only(['lora_te2_x.lora_down.weight', [4, 1280]]), /Stable Diffusion XL LoRA/],
    ['embedding', only(['<cat>', [2, 1024]]), /is a Stable Diffusion 2\.x concept embedding/],
    [
      'autoencoder',
      only(['decoder.conv_in.weight', [512, 4, 3, 3]]),
      /is an autoencoder\. Expected/,
    ],
    ['anything', only(['layers.0.weight', [2]], ['layers.0.bias', [2]]), /of unknown content/],
    [
      'no text encoder',
      sd1.filter(({ key }) => !key.startsWith('cond_stage_model')),
      /no weight text_model\.embeddings\.token_embedding\.weight.*expected a whole checkpoint/,
    ],
  ];

  test.each(cases)('%s', (name, tensors, message) => {
    expect(() => openCheckpoint(sparse(`refused ${name}`, tensors))).toThrow(message);
  });
});
