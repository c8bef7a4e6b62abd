/**
 * The configuration of a checkpoint that brings none, read from the shapes of its weights, in the keys of diffusers'
 * config.json. What shapes cannot tell is assumed as the published SD 1.x and 2.x files have it.
 */
import { InputError } from '../../../src-shared/inputError.ts';
import type { Shape } from '../tensor/shape.ts';
import type { WeightTable } from './weightTable.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface DetectedConfig {
  /** What the weights say: nothing else can be true. */
  readonly facts: Json;
  /** What they cannot say. */
  readonly assumptions: Json;
}

export function detectUNet(table: WeightTable, family: 'sd1' | 'sd2'): DetectedConfig {
  const channels = levelChannels(table, 'down_blocks.*.resnets.0.conv1.weight');
  const firstAttention = findKey(table, /\.attn2\.to_k\.weight$/);
  const projection = findKey(table, /^(down_blocks|mid_block).*\.proj_in\.weight$/);
  return {
    facts: {
      in_channels: sizeAt(table, 'conv_in.weight', 1),
      out_channels: sizeAt(table, 'conv_out.weight', 0),
      block_out_channels: channels,
      layers_per_block: countFrom(table, 'down_blocks.0.resnets.*.conv1.weight'),
      down_block_types: blockTypes(table, 'down_blocks', 'DownBlock2D', channels.length),
      up_block_types: blockTypes(table, 'up_blocks', 'UpBlock2D', channels.length),
      cross_attention_dim: sizeAt(table, firstAttention, 1),
      use_linear_projection: shapeOf(table, projection).length === 2,
    },
    assumptions: {
      attention_head_dim: family === 'sd1' ? 8 : channels.map(headsOf),
      norm_num_groups: groupsFor(channels),
    },
  };
}

/** @param layers the blocks of the text encoder, where the table's length does not say it */
export function detectTextEncoder(table: WeightTable, family: 'sd1' | 'sd2'): DetectedConfig {
  const tokens = 'text_model.embeddings.token_embedding.weight';
  const layer = 'text_model.encoder.layers';
  const width = sizeAt(table, tokens, 1);
  return {
    facts: {
      vocab_size: sizeAt(table, tokens, 0),
      hidden_size: width,
      max_position_embeddings: sizeAt(table, 'text_model.embeddings.position_embedding.weight', 0),
      intermediate_size: sizeAt(table, `${layer}.0.mlp.fc1.weight`, 0),
      num_hidden_layers: countFrom(table, `${layer}.*.mlp.fc1.weight`),
    },
    assumptions: {
      num_attention_heads: headsOf(width),
      hidden_act: family === 'sd1' ? 'quick_gelu' : 'gelu',
    },
  };
}

export function detectAutoencoder(table: WeightTable): DetectedConfig {
  const channels = levelChannels(table, 'encoder.down_blocks.*.resnets.0.conv1.weight');
  return {
    facts: {
      in_channels: sizeAt(table, 'encoder.conv_in.weight', 1),
      out_channels: sizeAt(table, 'decoder.conv_out.weight', 0),
      latent_channels: sizeAt(table, 'decoder.conv_in.weight', 1),
      block_out_channels: channels,
      layers_per_block: countFrom(table, 'encoder.down_blocks.0.resnets.*.conv1.weight'),
    },
    assumptions: { norm_num_groups: groupsFor(channels), scaling_factor: 0.18215 },
  };
}

/**
 * CLIP's towers and the UNet of SD 2.x have heads of 64 channels. Networks too narrow for that exist as test models;
 * 8 is our guess for them, and the list of assumptions says so.
 */
function headsOf(channels: number): number {
  const width = [64, 8].find((candidate) => channels % candidate === 0) ?? channels;
  return channels / width;
}

/** 32, or where that does not divide the channels of every level, the largest smaller power of two that does. */
function groupsFor(channels: readonly number[]): number {
  const divides = (groups: number) => channels.every((count) => count % groups === 0);
  return [32, 16, 8, 4, 2].find(divides) ?? 1;
}

function blockTypes(table: WeightTable, blocks: string, plain: string, levels: number): string[] {
  return Array.from({ length: levels }, (_, level) =>
    table.has(`${blocks}.${level}.attentions.0.norm.weight`) ? `CrossAttn${plain}` : plain,
  );
}

/** Output channels of the modules that a pattern's star counts. */
function levelChannels(table: WeightTable, pattern: string): number[] {
  const levels = countFrom(table, pattern);
  return Array.from({ length: levels }, (_, level) =>
    sizeAt(table, pattern.replace('*', String(level)), 0),
  );
}

/** How many keys there are with 0, 1, 2 ... in the star's place. */
function countFrom(table: WeightTable, pattern: string): number {
  let count = 0;
  while (table.has(pattern.replace('*', String(count)))) count++;
  if (count === 0) refuseMissing(table, pattern.replace('*', '0'));
  return count;
}

function findKey(table: WeightTable, pattern: RegExp): string {
  for (const key of table.keys()) if (pattern.test(key)) return key;
  return refuseMissing(table, String(pattern));
}

function sizeAt(table: WeightTable, key: string, axis: number): number {
  const shape = shapeOf(table, key);
  if (shape[axis] !== undefined) return shape[axis];
  throw new InputError(
    `${table.source}: ${key} has ${shape.length} axes, expected at least ${axis + 1}`,
  );
}

function shapeOf(table: WeightTable, key: string): Shape {
  return table.get(key)?.shape ?? refuseMissing(table, key);
}

function refuseMissing(table: WeightTable, key: string): never {
  throw new InputError(
    `${table.source}: no weight ${key} (its name in diffusers): expected a whole checkpoint of Stable Diffusion 1.x or 2.x`,
  );
}
