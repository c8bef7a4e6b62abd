/**
 * Keys of single-file checkpoints (CompVis/stable-diffusion and Stability-AI/stablediffusion, ldm/modules) and the names
 * of the same tensors in diffusers 0.17. What a key's number means follows from which modules the file has.
 */
import { InputError } from '../../../src-shared/inputError.ts';
import { quote } from '../files/storedValues.ts';
import type { StoredWeight } from './bindWeights.ts';
import { renameAutoencoder } from './diffusersKeys.ts';
import type { NamedWeight, Renaming } from './weightTable.ts';

export const uNetPrefix = 'model.diffusion_model.';
export const autoencoderPrefix = 'first_stage_model.';
export const clipPrefix = 'cond_stage_model.transformer.';
export const openClipPrefix = 'cond_stage_model.model.';

/** Training state, schedules and the parts of CLIP that a prompt does not need. */
const ignored: readonly RegExp[] = [
  /^model_ema\./,
  /^(alphas|betas|logvar|lvlb_weights|scale_factor|v_pred)$/,
  /^(alphas_cumprod|sqrt_|log_one_minus_alphas_cumprod|posterior_)/,
  /^embedding_manager\./,
  /^first_stage_model\.(loss|model_ema)\./,
  /^cond_stage_model\.(logit_scale|text_projection)$/,
  /^cond_stage_model\.transformer\.(text_projection\.weight$|logit_scale$|vision_model\.|visual_projection\.)/,
  /^cond_stage_model\.transformer\.(text_model\.)?embeddings\.position_ids$/,
  /^cond_stage_model\.model\.(attn_mask|logit_scale|text_projection)$/,
  /^cond_stage_model\.model\.visual\./,
];

export function isIgnored(key: string): boolean {
  return ignored.some((pattern) => pattern.test(key));
}

/** A renaming for the keys under a prefix, without it. */
export function under(prefix: string, rename: Renaming): Renaming {
  return (key, weight) =>
    key.startsWith(prefix) && !isIgnored(key) ? rename(key.slice(prefix.length), weight) : [];
}

const uNetSingles: Readonly<Record<string, string>> = {
  'time_embed.0': 'time_embedding.linear_1',
  'time_embed.2': 'time_embedding.linear_2',
  'input_blocks.0.0': 'conv_in',
  'out.0': 'conv_norm_out',
  'out.2': 'conv_out',
  'middle_block.0': 'mid_block.resnets.0',
  'middle_block.1': 'mid_block.attentions.0',
  'middle_block.2': 'mid_block.resnets.1',
};

const resnetParts: Readonly<Record<string, string>> = {
  'in_layers.0': 'norm1',
  'in_layers.2': 'conv1',
  'emb_layers.1': 'time_emb_proj',
  'out_layers.0': 'norm2',
  'out_layers.3': 'conv2',
  skip_connection: 'conv_shortcut',
};

/** @param keys all keys under {@link uNetPrefix}, without it */
export function uNetRenaming(keys: ReadonlySet<string>): Renaming {
  const modules = uNetModules(keys);
  return (key, weight) => [[uNetName(key, modules), weight]];
}

/** A key that fits nowhere keeps its name, so that it is reported as unexpected. */
function uNetName(key: string, modules: ReadonlyMap<string, string>): string {
  const parts = key.split('.');
  for (const length of [2, 3]) {
    const module = modules.get(parts.slice(0, length).join('.'));
    if (module) return `${module}.${uNetLeaf(module, parts.slice(length).join('.'))}`;
  }
  return key;
}

function uNetLeaf(module: string, leaf: string): string {
  if (/\.downsamplers\.0$/.test(module)) return leaf.replace(/^op\./, 'conv.');
  if (!/\.resnets\.\d+$/.test(module)) return leaf;
  const [, part, parameter] = /^(.*)\.(weight|bias)$/.exec(leaf) ?? [];
  return resnetParts[part] ? `${resnetParts[part]}.${parameter}` : leaf;
}

/** CompVis numbers the blocks in one row; a downsampler or an upsampler ends a level. */
function uNetModules(keys: ReadonlySet<string>): Map<string, string> {
  const present = new Set([...keys].map((key) => key.split('.').slice(0, 3).join('.')));
  return new Map([
    ...Object.entries(uNetSingles),
    ...downModules(keys, present),
    ...upModules(keys, present),
  ]);
}

function downModules(keys: ReadonlySet<string>, present: ReadonlySet<string>) {
  const modules = new Map<string, string>();
  let level = 0;
  let layer = 0;
  for (let block = 1; present.has(`input_blocks.${block}.0`); block++) {
    const from = `input_blocks.${block}`;
    if (keys.has(`${from}.0.op.weight`)) {
      modules.set(`${from}.0`, `down_blocks.${level++}.downsamplers.0`);
      layer = 0;
      continue;
    }
    modules.set(`${from}.0`, `down_blocks.${level}.resnets.${layer}`);
    modules.set(`${from}.1`, `down_blocks.${level}.attentions.${layer++}`);
  }
  return modules;
}

function upModules(keys: ReadonlySet<string>, present: ReadonlySet<string>) {
  const modules = new Map<string, string>();
  let level = 0;
  let layer = 0;
  for (let block = 0; present.has(`output_blocks.${block}.0`); block++) {
    const from = `output_blocks.${block}`;
    const upsampler = [1, 2].find((part) => keys.has(`${from}.${part}.conv.weight`));
    modules.set(`${from}.0`, `up_blocks.${level}.resnets.${layer}`);
    modules.set(`${from}.1`, `up_blocks.${level}.attentions.${layer++}`);
    if (upsampler !== undefined) {
      modules.set(`${from}.${upsampler}`, `up_blocks.${level++}.upsamplers.0`);
      layer = 0;
    }
  }
  return modules;
}

const autoencoderAttention: Readonly<Record<string, string>> = {
  norm: 'group_norm',
  q: 'to_q',
  k: 'to_k',
  v: 'to_v',
  proj_out: 'to_out.0',
};

/** @param keys all keys under {@link autoencoderPrefix}, without it */
export function autoencoderRenaming(keys: ReadonlySet<string>): Renaming {
  const upLevels = [...keys].map((key) => Number(/^decoder\.up\.(\d+)\./.exec(key)?.[1] ?? -1));
  const last = upLevels.reduce((most, level) => Math.max(most, level), 0);
  return (key, weight) => renameAutoencoder(autoencoderName(key, last), weight);
}

function autoencoderName(key: string, lastLevel: number): string {
  return key
    .replace(/^encoder\.down\.(\d+)\.block\./, 'encoder.down_blocks.$1.resnets.')
    .replace(/^encoder\.down\.(\d+)\.downsample\./, 'encoder.down_blocks.$1.downsamplers.0.')
    .replace(/^decoder\.up\.(\d+)\./, (_, level) => `decoder.up_blocks.${lastLevel - level}.`)
    .replace(/(^decoder\.up_blocks\.\d+\.)block\./, '$1resnets.')
    .replace(/(^decoder\.up_blocks\.\d+\.)upsample\./, '$1upsamplers.0.')
    .replace(
      /(^..coder\.)mid\.block_([12])\./,
      (_, side, n) => `${side}mid_block.resnets.${n - 1}.`,
    )
    .replace(/(^..coder\.)mid\.attn_1\.(norm|q|k|v|proj_out)\./, attentionName)
    .replace(/(^..coder\.)norm_out\./, '$1conv_norm_out.')
    .replace(/\.nin_shortcut\./, '.conv_shortcut.');
}

function attentionName(_: string, side: string, part: string): string {
  return `${side}mid_block.attentions.0.${autoencoderAttention[part]}.`;
}

const openClipParts: readonly (readonly [RegExp, string])[] = [
  [/^token_embedding\./, 'embeddings.token_embedding.'],
  [/^positional_embedding$/, 'embeddings.position_embedding.weight'],
  [/^ln_final\./, 'final_layer_norm.'],
  [/^transformer\.resblocks\./, 'encoder.layers.'],
  [/\.ln_([12])\./, '.layer_norm$1.'],
  [/\.mlp\.c_fc\./, '.mlp.fc1.'],
  [/\.mlp\.c_proj\./, '.mlp.fc2.'],
  [/\.attn\.out_proj\./, '.self_attn.out_proj.'],
];

/**
 * OpenCLIP's text tower (open_clip 2.7, SD 2.x).
 *
 * @param layers how many of its blocks the text encoder uses: SD 2.x leaves out the last one
 */
export function openClipRenaming(layers: number): Renaming {
  return (key, weight) => {
    const block = /^transformer\.resblocks\.(\d+)\./.exec(key)?.[1];
    if (block !== undefined && Number(block) >= layers) return [];
    const name = openClipParts.reduce((text, [from, to]) => text.replace(from, to), key);
    return splitFused(`text_model.${name}`, weight);
  };
}

/** in_proj holds query, key and value one below the other: three weights in the same bytes. */
function splitFused(key: string, weight: StoredWeight): readonly NamedWeight[] {
  const [, layer, parameter] = /^(.*)\.attn\.in_proj_(weight|bias)$/.exec(key) ?? [];
  if (layer === undefined) return [[key, weight]];
  const { shape, location } = weight;
  if (shape.length === 0 || shape[0] % 3 !== 0) {
    throw new InputError(
      `${location.file}: tensor ${quote(key)} has ${shape[0] ?? 0} rows, expected a multiple of 3 (query, key, value)`,
    );
  }
  const byteLength = location.byteLength / 3;
  return ['q', 'k', 'v'].map((projection, index) => [
    `${layer}.self_attn.${projection}_proj.${parameter}`,
    {
      ...weight,
      shape: [shape[0] / 3, ...shape.slice(1)],
      location: { ...location, offset: location.offset + index * byteLength, byteLength },
    },
  ]);
}
