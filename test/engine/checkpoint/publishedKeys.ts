import {
  expectedAutoencoderWeights,
  expectedTextEncoderWeights,
  expectedUNetWeights,
} from '../../../src-main/engine/checkpoint/expectedWeights.ts';
import { parseTextEncoderConfig } from '../../../src-main/engine/models/clipConfig.ts';
import { parseAutoencoderConfig, parseUNetConfig } from '../../../src-main/engine/models/config.ts';
import type { Shape } from '../../../src-main/engine/tensor/shape.ts';
import type { PlannedTensor } from '../../support/craftSafetensors.ts';

const heads2 = { attention_head_dim: [5, 10, 20, 20], use_linear_projection: true };

/** The config.json values of runwayml/stable-diffusion-v1-5 and stabilityai/stable-diffusion-2-1. */
export const published = {
  sd1: {
    unet: parseUNetConfig({ cross_attention_dim: 768, attention_head_dim: 8 }, 'sd1 unet'),
    textEncoder: parseTextEncoderConfig(
      { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12, num_hidden_layers: 12 },
      'sd1 text',
    ),
  },
  sd2: {
    unet: parseUNetConfig({ cross_attention_dim: 1024, ...heads2 }, 'sd2 unet'),
    textEncoder: parseTextEncoderConfig(
      {
        hidden_size: 1024,
        intermediate_size: 4096,
        num_attention_heads: 16,
        num_hidden_layers: 23,
        hidden_act: 'gelu',
      },
      'sd2 text',
    ),
  },
  autoencoder: parseAutoencoderConfig(
    { block_out_channels: [128, 256, 512, 512], layers_per_block: 2 },
    'vae',
  ),
};

/** Keys and shapes of the single files, written down here as the loader must undo them. */
export function publishedSingleFile(family: 'sd1' | 'sd2', dtype = 'F16'): PlannedTensor[] {
  const { unet, textEncoder } = published[family];
  const text = expectedTextEncoderWeights(textEncoder);
  const plan = (key: string, shape: Shape): PlannedTensor => ({ key, dtype, shape });
  return [
    plan('betas', [1000]),
    plan('model_ema.decay', []),
    ...[...expectedUNetWeights(unet)].map(([key, shape]) =>
      plan(`model.diffusion_model.${toCompVisUNet(key)}`, shape),
    ),
    ...[...expectedAutoencoderWeights(published.autoencoder)].map(([key, shape]) => {
      const isProjection = /attentions\.0\.to_.*weight$/.test(key);
      return plan(
        `first_stage_model.${toCompVisAutoencoder(key)}`,
        isProjection ? [...shape, 1, 1] : shape,
      );
    }),
    ...(family === 'sd1'
      ? [...text].map(([key, shape]) => plan(`cond_stage_model.transformer.${key}`, shape))
      : openClipTower(24).map(({ key, shape }) => plan(`cond_stage_model.model.${key}`, shape))),
  ];
}

/** Blocks of SD 1.x and 2.x in one row: 2 layers and a downsampler, 3 layers with an upsampler in the last. */
function toCompVisUNet(key: string): string {
  return key
    .replace('time_embedding.linear_1', 'time_embed.0')
    .replace('time_embedding.linear_2', 'time_embed.2')
    .replace('conv_in.', 'input_blocks.0.0.')
    .replace('conv_norm_out.', 'out.0.')
    .replace('conv_out.', 'out.2.')
    .replace(
      /^down_blocks\.(\d)\.downsamplers\.0\.conv/,
      (_, l) => `input_blocks.${3 * l + 3}.0.op`,
    )
    .replace(/^down_blocks\.(\d)\.resnets\.(\d)/, (_, l, j) => `input_blocks.${3 * l + 1 + +j}.0`)
    .replace(
      /^down_blocks\.(\d)\.attentions\.(\d)/,
      (_, l, j) => `input_blocks.${3 * l + 1 + +j}.1`,
    )
    .replace(/^up_blocks\.(\d)\.resnets\.(\d)/, (_, l, j) => `output_blocks.${3 * l + +j}.0`)
    .replace(/^up_blocks\.(\d)\.attentions\.(\d)/, (_, l, j) => `output_blocks.${3 * l + +j}.1`)
    .replace('up_blocks.0.upsamplers.0', 'output_blocks.2.1')
    .replace(/^up_blocks\.(\d)\.upsamplers\.0/, (_, l) => `output_blocks.${3 * l + 2}.2`)
    .replace(/^mid_block\.resnets\.(\d)/, (_, n) => `middle_block.${2 * n}`)
    .replace('mid_block.attentions.0', 'middle_block.1')
    .replace(/^((?:in|out)put_blocks\.\d+\.0|middle_block\.[02])\.norm1\./, '$1.in_layers.0.')
    .replace('.conv1.', '.in_layers.2.')
    .replace('.time_emb_proj.', '.emb_layers.1.')
    .replace(/^((?:in|out)put_blocks\.\d+\.0|middle_block\.[02])\.norm2\./, '$1.out_layers.0.')
    .replace('.conv2.', '.out_layers.3.')
    .replace('.conv_shortcut.', '.skip_connection.');
}

function toCompVisAutoencoder(key: string): string {
  return key
    .replace(/down_blocks\.(\d)\.resnets/, 'down.$1.block')
    .replace(/down_blocks\.(\d)\.downsamplers\.0/, 'down.$1.downsample')
    .replace(/up_blocks\.(\d)\.resnets/, (_, level) => `up.${3 - level}.block`)
    .replace(/up_blocks\.(\d)\.upsamplers\.0/, (_, level) => `up.${3 - level}.upsample`)
    .replace(/mid_block\.resnets\.(\d)/, (_, n) => `mid.block_${+n + 1}`)
    .replace('mid_block.attentions.0.group_norm', 'mid.attn_1.norm')
    .replace('mid_block.attentions.0.to_out.0', 'mid.attn_1.proj_out')
    .replace(/mid_block\.attentions\.0\.to_/, 'mid.attn_1.')
    .replace('conv_norm_out', 'norm_out')
    .replace('conv_shortcut', 'nin_shortcut');
}

/** open_clip ViT-H-14, text side. */
export function openClipTower(blocks: number): { key: string; shape: Shape }[] {
  const block = (index: number): [string, Shape][] =>
    [
      ['ln_1.weight', [1024]],
      ['ln_1.bias', [1024]],
      ['attn.in_proj_weight', [3072, 1024]],
      ['attn.in_proj_bias', [3072]],
      ['attn.out_proj.weight', [1024, 1024]],
      ['attn.out_proj.bias', [1024]],
      ['ln_2.weight', [1024]],
      ['ln_2.bias', [1024]],
      ['mlp.c_fc.weight', [4096, 1024]],
      ['mlp.c_fc.bias', [4096]],
      ['mlp.c_proj.weight', [1024, 4096]],
      ['mlp.c_proj.bias', [1024]],
    ].map(([key, shape]) => [`transformer.resblocks.${index}.${key}`, shape as Shape]);
  const tower: [string, Shape][] = [
    ['positional_embedding', [77, 1024]],
    ['text_projection', [1024, 1024]],
    ['logit_scale', []],
    ['token_embedding.weight', [49408, 1024]],
    ...Array.from({ length: blocks }, (_, index) => block(index)).flat(),
    ['ln_final.weight', [1024]],
    ['ln_final.bias', [1024]],
  ];
  return tower.map(([key, shape]) => ({ key, shape }));
}
