/** What kind of file a set of tensors is, told from its keys and shapes alone. */
import { withArticle } from '../../../src-shared/article.ts';
import type { TensorList } from '../files/tensorFile.ts';
import type { Shape } from '../tensor/shape.ts';

export type FileKind =
  | 'checkpoint'
  | 'diffusion model'
  | 'autoencoder'
  | 'text encoder'
  | 'ControlNet'
  | 'LoRA'
  | 'Custom Diffusion weights'
  | 'concept embedding'
  | 'unknown';

/** Files of other programs that can become concepts. */
const conceptKinds = ['concept embedding', 'LoRA', 'Custom Diffusion weights'] as const;

export type ConceptKind = (typeof conceptKinds)[number];

export function isConceptKind(kind: string): kind is ConceptKind {
  return conceptKinds.some((known) => known === kind);
}

export type Family = 'sd1' | 'sd2' | 'sdxl' | 'sd3' | 'flux';

export const familyNames: Readonly<Record<Family, string>> = {
  sd1: 'Stable Diffusion 1.x',
  sd2: 'Stable Diffusion 2.x',
  sdxl: 'Stable Diffusion XL',
  sd3: 'Stable Diffusion 3',
  flux: 'Flux',
};

export interface Classification {
  readonly kind: FileKind;
  /** Undefined where nothing in the file tells. */
  readonly family: Family | undefined;
  /** A variant of the family with other inputs, for example 'inpainting'. */
  readonly variant: string | undefined;
}

export function classify(file: TensorList): Classification {
  const keys = [...file.tensors.keys()];
  const kind = kindRules.find(([, isOf]) => isOf(keys, file))?.[0] ?? 'unknown';
  const family = kind === 'unknown' ? undefined : familyOf(kind, keys, file);
  return { kind, family, variant: variantOf(kind, keys, file) };
}

/** For messages: "a Stable Diffusion XL checkpoint". */
export function describe({ kind, family, variant }: Classification): string {
  if (kind === 'unknown') return 'a file of unknown content';
  const words = [family && familyNames[family], variant, kind].filter((word) => word !== undefined);
  const text = words.join(' ');
  return kind === 'Custom Diffusion weights' ? text : withArticle(text);
}

type KindRule = readonly [FileKind, (keys: readonly string[], file: TensorList) => boolean];

const loraKey =
  /(lora_(up|down|A|B)\b|\.lora\.(up|down)\.|_lora\.(up|down)\.|lora_linear_layer\.|\.hada_w[12]_|\.lokr_w[12])/;

/** The first rule that holds decides: parts of a whole checkpoint look like the whole. */
const kindRules: readonly KindRule[] = [
  ['LoRA', (keys) => some(keys, loraKey)],
  ['Custom Diffusion weights', (keys) => some(keys, /_custom_diffusion\.weight$/)],
  ['concept embedding', isEmbedding],
  [
    'ControlNet',
    (keys) => some(keys, /^(control_model|controlnet_cond_embedding|controlnet_down_blocks)\./),
  ],
  [
    'checkpoint',
    (keys) =>
      some(keys, /^(model\.diffusion_model|conditioner\.embedders)\./) ||
      (some(keys, /^first_stage_model\./) && some(keys, /^cond_stage_model\./)),
  ],
  [
    'diffusion model',
    (keys) =>
      some(keys, /^(conv_in\.weight$|input_blocks\.0\.0\.|(.*\.)?(double|joint)_blocks\.0\.)/),
  ],
  ['diffusion model', (keys) => some(keys, /^(transformer\.)?(single_)?transformer_blocks\.0\./)],
  [
    'autoencoder',
    (keys) => some(keys, /^(first_stage_model\.)?(encoder|decoder)\.conv_in\.weight$/),
  ],
  [
    'text encoder',
    (keys) => some(keys, /(^|\.)(token_embedding|embeddings\.token_embedding)\.weight$/),
  ],
];

function some(keys: readonly string[], pattern: RegExp): boolean {
  return keys.some((key) => pattern.test(key));
}

/** The most vectors that one learned word may have. */
const vectorLimit = 128;

/** kohya and OneTrainer have fixed keys; diffusers uses the word itself, <word>_1, ..., each [n, width] or [width]. */
function isEmbedding(keys: readonly string[], { tensors }: TensorList): boolean {
  const entries = [...tensors.values()];
  if (entries.length === 0 || !entries.every(({ shape }) => isVectors(shape))) return false;
  if (some(keys, /^(emb_params|emp_params|clip_l|clip_g)$/)) return true;
  const word = keys.toSorted((a, b) => a.length - b.length)[0];
  return (
    !/\.(weight|bias|alpha)$/.test(word) &&
    keys.every((key) => key === word || /^_\d+$/.test(key.slice(word.length))) &&
    new Set(entries.map(({ shape }) => shape.at(-1))).size === 1 &&
    entries.every(({ dtype }) => /^B?F\d\d$/.test(dtype))
  );
}

/** [width] or [n, width], none of them 0. */
function isVectors(shape: Shape): boolean {
  const [count, width] = shape.length === 1 ? [1, shape[0]] : shape;
  return shape.length <= 2 && count > 0 && count <= vectorLimit && width > 0;
}

function familyOf(kind: FileKind, keys: readonly string[], file: TensorList): Family | undefined {
  return (
    familyOfKeys.find(([, pattern]) => some(keys, pattern))?.[0] ??
    familyOfMetadata(file.metadata) ??
    familyOfWidth.get(textWidth(kind, file) ?? 0) ??
    familyOfProjection(kind, file)
  );
}

const familyOfKeys: readonly (readonly [Family, RegExp])[] = [
  ['flux', /(double_blocks|single_transformer_blocks)[._]\d/],
  ['sd3', /(joint_blocks[._]\d|transformer_blocks[._]\d+[._]attn[._]add_q_proj)/],
  ['sdxl', /^(conditioner\.embedders\.|lora_te2_|clip_g$|text_encoder_2\.)/],
  ['sdxl', /^add_embedding\.linear_1\./],
  ['sd2', /^cond_stage_model\.model\./],
  ['sd1', /^cond_stage_model\.transformer\./],
];

/** Names that kohya's sd-scripts and the ModelSpec standard write. */
function familyOfMetadata(metadata: ReadonlyMap<string, string>): Family | undefined {
  const names = ['modelspec.architecture', 'ss_base_model_version'].map((key) => metadata.get(key));
  for (const name of names) {
    if (name?.startsWith('stable-diffusion-xl') || name?.startsWith('sdxl')) return 'sdxl';
    if (/^(stable-diffusion-v2|sd_v2|sd2)/.test(name ?? '')) return 'sd2';
    if (/^(stable-diffusion-v1|sd_v1|sd1)/.test(name ?? '')) return 'sd1';
    if (/^(stable-diffusion-3|sd3)/.test(name ?? '')) return 'sd3';
    if (name?.startsWith('flux')) return 'flux';
  }
  return metadata.get('ss_v2') === 'True' ? 'sd2' : undefined;
}

const familyOfWidth: ReadonlyMap<number, Family> = new Map([
  [768, 'sd1'],
  [1024, 'sd2'],
  [2048, 'sdxl'],
]);

/** SD 2.x replaced the 1 x 1 convolutions around its transformers by linear layers: tells networks of unusual width. */
function familyOfProjection(kind: FileKind, { tensors }: TensorList): Family | undefined {
  if (kind !== 'diffusion model') return undefined;
  for (const [key, { shape }] of tensors) {
    if (/attentions\.\d+\.proj_in\.weight$/.test(key)) return shape.length === 2 ? 'sd2' : 'sd1';
  }
  return undefined;
}

/** Width of the text features that the file's cross-attention, words or vocabulary table have. */
function textWidth(kind: FileKind, { tensors }: TensorList): number | undefined {
  if (kind === 'concept embedding') return [...tensors.values()][0]?.shape.at(-1);
  if (kind === 'text encoder') return widthWhere(tensors, /token_embedding\.weight$/);
  const crossAttention =
    /attn2[._](processor\.)?to_k(_custom_diffusion|_lora)?(\.lora)?(\.lora_down|\.lora_A|\.down)?\.weight$/;
  return widthWhere(tensors, crossAttention);
}

function widthWhere(tensors: TensorList['tensors'], pattern: RegExp): number | undefined {
  for (const [key, { shape }] of tensors) if (pattern.test(key)) return shape[1];
  return undefined;
}

/** Variants by the channels of the first convolution: latent, and what is laid beside it. */
const variantOfChannels: ReadonlyMap<number, string> = new Map([
  [5, 'depth-to-image'],
  [7, 'upscaling'],
  [8, 'InstructPix2Pix'],
  [9, 'inpainting'],
]);

/** @param latentChannels of the autoencoder: where the UNet takes just these, nothing is laid beside the latent */
export function variantOfInput(channels: number, latentChannels: unknown): string | undefined {
  return channels === latentChannels ? undefined : variantOfChannels.get(channels);
}

function variantOf(
  kind: FileKind,
  keys: readonly string[],
  { tensors }: TensorList,
): string | undefined {
  if (kind !== 'checkpoint' && kind !== 'diffusion model') return undefined;
  const first = ['model.diffusion_model.input_blocks.0.0', 'input_blocks.0.0', 'conv_in']
    .map((module): Shape | undefined => tensors.get(`${module}.weight`)?.shape)
    .find((shape) => shape !== undefined);
  const isUnclip =
    some(keys, /^(model\.diffusion_model\.)?label_emb\./) &&
    some(keys, /^(cond_stage_model|noise_augmentor|embedder)\./);
  const latent = tensors.get('first_stage_model.decoder.conv_in.weight')?.shape[1];
  return variantOfInput(first?.[1] ?? 0, latent) ?? (isUnclip ? 'unCLIP' : undefined);
}
