/**
 * The config.json files of diffusers 0.17-0.31 (unet, vae), parsed to what the models here need; the text encoder's
 * stands in clipConfig.ts, the scheduler's in schedulerConfig.ts. Keys that would change the computation in ways not
 * built here are refused by name.
 */
import * as z from 'zod';
import {
  fail,
  isNothing,
  layerCount,
  only,
  onlyEverywhere,
  parseKeys,
  positive,
  requireLength,
  size,
} from './configKeys.ts';

const sizeOrList = z.union(
  [size, z.array(size).min(1)],
  'expected a whole number or a list of them',
);
const sizeOrSides = z.union(
  [size, z.tuple([size, size])],
  'expected a whole number or a height and a width',
);
const blockOutChannels = z
  .array(size, 'expected a list of whole numbers')
  .min(1, 'expected at least one level')
  .max(16, 'expected at most 16 levels');
const downBlockTypes = z.array(
  z.enum(['CrossAttnDownBlock2D', 'DownBlock2D'], {
    error: 'not supported by Tessera, expected "CrossAttnDownBlock2D" or "DownBlock2D"',
  }),
);
const upBlockTypes = z.array(
  z.enum(['CrossAttnUpBlock2D', 'UpBlock2D'], {
    error: 'not supported by Tessera, expected "CrossAttnUpBlock2D" or "UpBlock2D"',
  }),
);

const uNetKeys = z.object({
  _class_name: only('UNet2DConditionModel'),
  act_fn: only('silu', 'swish'),
  addition_embed_type: only(),
  attention_head_dim: sizeOrList.nullish(),
  attention_type: only('default'),
  block_out_channels: blockOutChannels.default([320, 640, 1280, 1280]),
  center_input_sample: z.boolean().default(false),
  class_embed_type: only(),
  class_embeddings_concat: only(false),
  conv_in_kernel: only(3),
  conv_out_kernel: only(3),
  cross_attention_dim: sizeOrList.default(1280),
  cross_attention_norm: only(),
  down_block_types: downBlockTypes.default([
    'CrossAttnDownBlock2D',
    'CrossAttnDownBlock2D',
    'CrossAttnDownBlock2D',
    'DownBlock2D',
  ]),
  downsample_padding: z.union([z.literal(0), z.literal(1)], 'expected 0 or 1').default(1),
  dual_cross_attention: only(false),
  encoder_hid_dim: only(),
  encoder_hid_dim_type: only(),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  in_channels: size.default(4),
  layers_per_block: layerCount.default(2),
  mid_block_only_cross_attention: only(false),
  mid_block_scale_factor: only(1),
  mid_block_type: only('UNetMidBlock2DCrossAttn'),
  norm_eps: positive.default(1e-5),
  norm_num_groups: size.default(32),
  num_attention_heads: sizeOrList.nullish(),
  num_class_embeds: only(),
  only_cross_attention: onlyEverywhere(false),
  out_channels: size.default(4),
  projection_class_embeddings_input_dim: only(),
  resnet_out_scale_factor: only(1),
  resnet_skip_time_act: only(false),
  resnet_time_scale_shift: only('default'),
  reverse_transformer_layers_per_block: only(),
  sample_size: sizeOrSides.nullish(),
  time_cond_proj_dim: only(),
  time_embedding_act_fn: only(),
  time_embedding_dim: only(),
  time_embedding_type: only('positional'),
  timestep_post_act: only(),
  transformer_layers_per_block: onlyEverywhere(1),
  up_block_types: upBlockTypes.default([
    'UpBlock2D',
    'CrossAttnUpBlock2D',
    'CrossAttnUpBlock2D',
    'CrossAttnUpBlock2D',
  ]),
  use_linear_projection: z.boolean().default(false),
});

export interface UNetConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Side of the square latent that the model was trained on, in latent pixels; the shorter one of an oblong. */
  readonly sampleSize: number;
  /** Channels of each level, finest first; all per-level lists have this length. */
  readonly blockOutChannels: readonly number[];
  readonly layersPerBlock: number;
  readonly downBlockTypes: readonly ('CrossAttnDownBlock2D' | 'DownBlock2D')[];
  /** Coarsest first, as the blocks run. */
  readonly upBlockTypes: readonly ('CrossAttnUpBlock2D' | 'UpBlock2D')[];
  /** NUMBER of attention heads of each level, finest first; the mid block has the last level's. */
  readonly attentionHeads: readonly number[];
  readonly crossAttentionDim: number;
  /** proj_in and proj_out of the transformers: linear [C, C], or 1 x 1 convolutions [C, C, 1, 1]. */
  readonly useLinearProjection: boolean;
  readonly normNumGroups: number;
  readonly normEps: number;
  readonly flipSinToCos: boolean;
  readonly freqShift: number;
  readonly centerInputSample: boolean;
  /** 1: symmetric; 0: one row and column of zeros at the bottom and right only. */
  readonly downsamplePadding: 0 | 1;
}

/**
 * @param json  the parsed unet/config.json
 * @param where the file, for messages
 * @throws ConfigError naming file, key, value and what was expected
 */
export function parseUNetConfig(json: unknown, where: string): UNetConfig {
  const keys = parseKeys(uNetKeys, json, where);
  const levels = keys.block_out_channels.length;
  requireLength(where, 'down_block_types', keys.down_block_types, levels);
  requireLength(where, 'up_block_types', keys.up_block_types, levels);
  const config: UNetConfig = {
    inChannels: keys.in_channels,
    outChannels: keys.out_channels,
    sampleSize: Math.min(...[keys.sample_size ?? 64].flat()),
    blockOutChannels: keys.block_out_channels,
    layersPerBlock: keys.layers_per_block,
    downBlockTypes: keys.down_block_types,
    upBlockTypes: keys.up_block_types,
    attentionHeads: headCounts(keys, levels, where),
    crossAttentionDim: oneSize(where, 'cross_attention_dim', keys.cross_attention_dim),
    useLinearProjection: keys.use_linear_projection,
    normNumGroups: keys.norm_num_groups,
    normEps: keys.norm_eps,
    flipSinToCos: keys.flip_sin_to_cos,
    freqShift: keys.freq_shift,
    centerInputSample: keys.center_input_sample,
    downsamplePadding: keys.downsample_padding,
  };
  checkUNet(config, where);
  return config;
}

/** diffusers passes `attention_head_dim` on as the number of heads, whatever its name says (its issue 2011). */
function headCounts(keys: z.infer<typeof uNetKeys>, levels: number, where: string): number[] {
  const key = isNothing(keys.num_attention_heads) ? 'attention_head_dim' : 'num_attention_heads';
  const heads = keys[key] ?? 8;
  if (typeof heads === 'number') return new Array<number>(levels).fill(heads);
  requireLength(where, key, heads, levels);
  return heads;
}

function oneSize(where: string, key: string, value: number | readonly number[]): number {
  const sizes = [value].flat();
  if (sizes.some((other) => other !== sizes[0])) {
    fail(where, key, value, 'not supported by Tessera, expected the same number at every level');
  }
  return sizes[0];
}

function checkUNet(config: UNetConfig, where: string): void {
  checkGroups(where, config.blockOutChannels, config.normNumGroups);
  for (const [level, channels] of config.blockOutChannels.entries()) {
    const heads = config.attentionHeads[level];
    if (levelHasAttention(config, level) && channels % heads !== 0) {
      const expected = `expected a divisor of the level's ${channels} channels`;
      fail(where, `attention_head_dim (heads of level ${level})`, heads, expected);
    }
  }
}

/** The mid block works at the last level and always attends. */
function levelHasAttention(config: UNetConfig, level: number): boolean {
  const last = config.blockOutChannels.length - 1;
  return (
    level === last ||
    config.downBlockTypes[level] === 'CrossAttnDownBlock2D' ||
    config.upBlockTypes[last - level] === 'CrossAttnUpBlock2D'
  );
}

function checkGroups(where: string, channels: readonly number[], groups: number): void {
  const odd = channels.find((count) => count % groups !== 0);
  if (odd === undefined) return;
  fail(
    where,
    'norm_num_groups',
    groups,
    `expected a divisor of every level's channels, ${odd} is not`,
  );
}

const autoencoderKeys = z.object({
  _class_name: only('AutoencoderKL'),
  act_fn: only('silu', 'swish'),
  block_out_channels: blockOutChannels.default([64]),
  down_block_types: z.array(only('DownEncoderBlock2D')).optional(),
  in_channels: size.default(3),
  latent_channels: size.default(4),
  latents_mean: only(),
  latents_std: only(),
  layers_per_block: layerCount.default(1),
  mid_block_add_attention: only(true),
  norm_num_groups: size.default(32),
  out_channels: size.default(3),
  scaling_factor: positive.nullish(),
  shift_factor: only(0),
  up_block_types: z.array(only('UpDecoderBlock2D')).optional(),
  use_post_quant_conv: only(true),
  use_quant_conv: only(true),
});

export interface AutoencoderConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly latentChannels: number;
  /** Channels of each level, finest first. */
  readonly blockOutChannels: readonly number[];
  readonly layersPerBlock: number;
  readonly normNumGroups: number;
  /** Latents are multiplied by this before diffusion and divided by it before decoding. */
  readonly scalingFactor: number;
}

/** As {@link parseUNetConfig}, for vae/config.json. */
export function parseAutoencoderConfig(json: unknown, where: string): AutoencoderConfig {
  const keys = parseKeys(autoencoderKeys, json, where);
  checkGroups(where, keys.block_out_channels, keys.norm_num_groups);
  return {
    inChannels: keys.in_channels,
    outChannels: keys.out_channels,
    latentChannels: keys.latent_channels,
    blockOutChannels: keys.block_out_channels,
    layersPerBlock: keys.layers_per_block,
    normNumGroups: keys.norm_num_groups,
    scalingFactor: keys.scaling_factor ?? 0.18215,
  };
}
