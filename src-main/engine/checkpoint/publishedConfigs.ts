import type { Component } from './configFiles.ts';
import type { Json } from './detectConfig.ts';

/** The config.json files of published checkpoints, as far as Tessera reads them. */

const unet = {
  _class_name: 'UNet2DConditionModel',
  act_fn: 'silu',
  block_out_channels: [320, 640, 1280, 1280],
  center_input_sample: false,
  down_block_types: [
    'CrossAttnDownBlock2D',
    'CrossAttnDownBlock2D',
    'CrossAttnDownBlock2D',
    'DownBlock2D',
  ],
  downsample_padding: 1,
  flip_sin_to_cos: true,
  freq_shift: 0,
  in_channels: 4,
  layers_per_block: 2,
  mid_block_scale_factor: 1,
  norm_eps: 1e-5,
  norm_num_groups: 32,
  out_channels: 4,
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
};

const vae = {
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  block_out_channels: [128, 256, 512, 512],
  down_block_types: Array.from({ length: 4 }, () => 'DownEncoderBlock2D'),
  in_channels: 3,
  latent_channels: 4,
  layers_per_block: 2,
  norm_num_groups: 32,
  out_channels: 3,
  scaling_factor: 0.18215,
  up_block_types: Array.from({ length: 4 }, () => 'UpDecoderBlock2D'),
};

/** The noise schedule that all of SD 1.x and 2.x were trained with. */
export const publishedSchedule = {
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  clip_sample: false,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
};

const scheduler = { _class_name: 'PNDMScheduler', ...publishedSchedule };

const text = {
  architectures: ['CLIPTextModel'],
  model_type: 'clip_text_model',
  bos_token_id: 49406,
  eos_token_id: 49407,
  layer_norm_eps: 1e-5,
  max_position_embeddings: 77,
  vocab_size: 49408,
};

type ConfigFiles = Readonly<Record<Component, Json>>;

/** runwayml/stable-diffusion-v1-5 */
export const sd15: ConfigFiles = {
  unet: { ...unet, attention_head_dim: 8, cross_attention_dim: 768, sample_size: 64 },
  vae: { ...vae, sample_size: 512 },
  text_encoder: {
    ...text,
    ...{ hidden_act: 'quick_gelu', hidden_size: 768, intermediate_size: 3072 },
    ...{ num_attention_heads: 12, num_hidden_layers: 12 },
  },
  scheduler: { ...scheduler, prediction_type: 'epsilon' },
};

/** stabilityai/stable-diffusion-2-1 */
export const sd21: ConfigFiles = {
  unet: {
    ...unet,
    ...{ attention_head_dim: [5, 10, 20, 20], use_linear_projection: true },
    ...{ cross_attention_dim: 1024, sample_size: 96 },
  },
  vae: { ...vae, sample_size: 768 },
  text_encoder: {
    ...text,
    ...{ hidden_act: 'gelu', hidden_size: 1024, intermediate_size: 4096 },
    ...{ num_attention_heads: 16, num_hidden_layers: 23 },
  },
  scheduler: { ...scheduler, prediction_type: 'v_prediction' },
};
