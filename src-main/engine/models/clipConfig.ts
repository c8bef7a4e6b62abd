/**
 * config.json and preprocessor_config.json of CLIP's encoders (transformers 4.x), parsed to what is computed here: of
 * Stable Diffusion's text encoder, and of folders that hold both encoders.
 */
import * as z from 'zod';
import { fail, isNothing, layerCount, only, parseKeys, positive, size } from './configKeys.ts';

/** What text and picture encoder have in common. */
export interface ClipEncoderConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly hiddenLayers: number;
  readonly attentionHeads: number;
  readonly hiddenAct: 'quick_gelu' | 'gelu';
  readonly layerNormEps: number;
}

export interface TextEncoderConfig extends ClipEncoderConfig {
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
}

export interface VisionEncoderConfig extends ClipEncoderConfig {
  /** Side of the square picture, in pixels. */
  readonly imageSize: number;
  /** Side of a square patch, in pixels. */
  readonly patchSize: number;
}

export interface ClipConfig {
  readonly text: TextEncoderConfig;
  readonly vision: VisionEncoderConfig;
  /** Width of the space in which pictures and texts are compared. */
  readonly projectionSize: number;
}

/** Keys of both encoders, with the sizes that transformers takes where a file gives none. */
const encoderKeys = (absent: { hidden: number; intermediate: number; heads: number }) => ({
  hidden_act: z
    .enum(['quick_gelu', 'gelu'], {
      error: 'not supported by Tessera, expected "quick_gelu" or "gelu"',
    })
    .default('quick_gelu'),
  hidden_size: size.default(absent.hidden),
  intermediate_size: size.default(absent.intermediate),
  layer_norm_eps: positive.default(1e-5),
  num_attention_heads: size.default(absent.heads),
  num_hidden_layers: layerCount.default(12),
});

const textEncoderKeys = z.object({
  model_type: only('clip_text_model', 'clip'),
  ...encoderKeys({ hidden: 512, intermediate: 2048, heads: 8 }),
  max_position_embeddings: size.default(77),
  vocab_size: size.default(49408),
});

const visionEncoderKeys = z.object({
  model_type: only('clip_vision_model', 'clip'),
  ...encoderKeys({ hidden: 768, intermediate: 3072, heads: 12 }),
  image_size: size.default(224),
  num_channels: only(3),
  patch_size: size.default(32),
});

const part = z.record(z.string(), z.unknown(), 'expected an object');

const clipKeys = z.object({
  model_type: only('clip'),
  projection_dim: size.default(512),
  text_config: part.nullish(),
  text_config_dict: part.nullish(),
  vision_config: part.nullish(),
  vision_config_dict: part.nullish(),
});

/**
 * @param json  the parsed config.json
 * @param where the file, for messages
 * @throws ConfigError naming file, key, value and what was expected
 */
export function parseClipConfig(json: unknown, where: string): ClipConfig {
  const keys = parseKeys(clipKeys, json, where);
  // transformers lets the older names win where both are there.
  const text = keys.text_config_dict ?? keys.text_config ?? {};
  const vision = keys.vision_config_dict ?? keys.vision_config ?? {};
  return {
    text: parseTextEncoderConfig(text, `${where}: text_config`),
    vision: parseVisionEncoderConfig(vision, `${where}: vision_config`),
    projectionSize: keys.projection_dim,
  };
}

/** As {@link parseClipConfig}, for text_encoder/config.json. */
export function parseTextEncoderConfig(json: unknown, where: string): TextEncoderConfig {
  const keys = parseKeys(textEncoderKeys, json, where);
  return {
    ...encoderConfig(keys, where),
    vocabSize: keys.vocab_size,
    maxPositionEmbeddings: keys.max_position_embeddings,
  };
}

function parseVisionEncoderConfig(json: unknown, where: string): VisionEncoderConfig {
  const keys = parseKeys(visionEncoderKeys, json, where);
  const { image_size, patch_size } = keys;
  if (patch_size > image_size) {
    fail(where, 'patch_size', patch_size, `expected at most image_size, ${image_size}`);
  }
  return { ...encoderConfig(keys, where), imageSize: image_size, patchSize: patch_size };
}

function encoderConfig(
  keys: z.infer<z.ZodObject<ReturnType<typeof encoderKeys>>>,
  where: string,
): ClipEncoderConfig {
  const { hidden_size, num_attention_heads } = keys;
  if (hidden_size % num_attention_heads !== 0) {
    const expected = `expected a divisor of hidden_size, ${hidden_size}`;
    fail(where, 'num_attention_heads', num_attention_heads, expected);
  }
  return {
    hiddenSize: hidden_size,
    intermediateSize: keys.intermediate_size,
    hiddenLayers: keys.num_hidden_layers,
    attentionHeads: num_attention_heads,
    hiddenAct: keys.hidden_act,
    layerNormEps: keys.layer_norm_eps,
  };
}

/** How pictures are brought to the form that the encoder was trained on. */
export interface ImagePreprocessing {
  /** Side of the square picture, in pixels. */
  readonly imageSize: number;
  /** Of red, green and blue in 0 to 1; subtracted. */
  readonly mean: readonly number[];
  /** Of red, green and blue in 0 to 1; divided by. */
  readonly deviation: readonly number[];
}

const sides = z.union(
  [
    size,
    z.object({ shortest_edge: size }).transform(({ shortest_edge }) => shortest_edge),
    z
      .object({ height: size, width: size })
      .refine(({ height, width }) => height === width)
      .transform(({ height }) => height),
  ],
  'expected a whole number, shortest_edge, or equal height and width',
);
const perChannel = z.array(z.number('expected a number')).length(3, 'expected three numbers');
const deviations = z.array(positive).length(3, 'expected three numbers');

const preprocessorKeys = z.object({
  crop_size: sides.default(224),
  do_center_crop: only(true),
  do_normalize: only(true),
  do_rescale: only(true),
  do_resize: only(true),
  image_mean: perChannel.default([0.48145466, 0.4578275, 0.40821073]),
  image_std: deviations.default([0.26862954, 0.26130258, 0.27577711]),
  resample: only(3),
  rescale_factor: z.number().optional(),
  size: sides.default(224),
});

/**
 * As {@link parseClipConfig}, for preprocessor_config.json: bicubic resizing of the shorter side, the middle, 0 to 1,
 * mean and deviation (CLIPImageProcessor of transformers 4.31).
 */
export function parsePreprocessorConfig(json: unknown, where: string): ImagePreprocessing {
  const keys = parseKeys(preprocessorKeys, json, where);
  if (keys.size !== keys.crop_size) {
    const message = `not supported by Tessera, expected the same side as crop_size, ${keys.crop_size}`;
    fail(where, 'size', keys.size, message);
  }
  const factor = keys.rescale_factor;
  if (!isNothing(factor) && Math.abs(Number(factor) * 255 - 1) > 1e-6) {
    fail(where, 'rescale_factor', factor, 'not supported by Tessera, expected 1 / 255');
  }
  return { imageSize: keys.size, mean: keys.image_mean, deviation: keys.image_std };
}
