import { decodeLatent, encodeImage } from '../models/autoencoder.ts';
import { clipText, embedTokens } from '../models/clipText.ts';
import { unet } from '../models/unet.ts';
import type { Executable } from '../tensor/executable.ts';
import { createGraph } from '../tensor/graph.ts';
import { div } from '../tensor/ops/div.ts';
import { exp } from '../tensor/ops/exp.ts';
import { input } from '../tensor/ops/input.ts';
import { mul } from '../tensor/ops/mul.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data, int64Data, type TensorData } from '../tensor/tensorData.ts';
import { type DiffusionModel, latentFactor, textShape } from './model.ts';

/** Holds a compiled network until it is given back. */
export interface Network {
  release(): Promise<void>;
}

export interface TextEncoder extends Network {
  /**
   * Last hidden states [batch, tokens, hiddenSize] of padded prompts.
   *
   * @param tokenIds one row of equal length per prompt; ids beyond the vocabulary name placeholder rows
   * @param placeholderRows [placeholders, hiddenSize], row-major
   */
  encode(
    tokenIds: readonly (readonly number[])[],
    placeholderRows?: Float32Array,
  ): Promise<Float32Array>;
}

/** Compiles the text encoder for batches of `batch` prompts and concepts of `placeholders` rows in all. */
export async function createTextEncoder(
  model: DiffusionModel,
  { batch, placeholders = 0 }: { readonly batch: number; readonly placeholders?: number },
): Promise<TextEncoder> {
  const config = model.configs.textEncoder;
  const idShape = [batch, config.maxPositionEmbeddings];
  const rowShape = [placeholders, config.hiddenSize];
  const rows = placeholders > 0 ? input('placeholderRows', rowShape) : undefined;
  const weights = model.weights.textEncoder;
  const embeddings = embedTokens(weights, config, input('tokenIds', idShape, 'int64'), rows);
  const { lastHiddenState } = clipText(weights, config, embeddings);
  const executable = await model.compile(createGraph({ lastHiddenState }));
  return {
    encode: async (tokenIds, placeholderRows) => {
      const ids = int64Data(idShape, tokenIds.flat());
      const given = placeholderRows && { placeholderRows: float32Data(rowShape, placeholderRows) };
      return only(executable, { tokenIds: ids, ...given }, 'lastHiddenState');
    },
    release: () => executable.release(),
  };
}

/** Last hidden states [prompts, tokens, hiddenSize] of prompts in the model's own words. */
export async function encodePrompts(
  model: DiffusionModel,
  prompts: readonly string[],
): Promise<Float32Array> {
  const encoder = await createTextEncoder(model, { batch: prompts.length });
  try {
    return await encoder.encode(prompts.map((text) => model.tokenizer.encodePadded(text).ids));
  } finally {
    await encoder.release();
  }
}

/** Size of a batch of latents. */
export interface LatentSize {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** Size of a batch of latents, and how many prompts each of them is predicted for. */
export interface PredictionSize extends LatentSize {
  /** 2 for classifier-free guidance; 1 by default. */
  readonly prompts?: number;
}

export interface NoisePredictor extends Network {
  /**
   * Epsilon or v [prompts * batch, 4, height, width] for latents as the model takes them, [batch, 4, height, width].
   *
   * @param timesteps           [batch]
   * @param encoderHiddenStates [prompts * batch, tokens, hiddenSize], a prompt for each latent, then the next one
   */
  predict(
    latents: Float32Array,
    timesteps: readonly number[],
    encoderHiddenStates: Float32Array,
  ): Promise<Float32Array>;
}

/** Compiles the UNet without any gradient. */
export async function createNoisePredictor(
  model: DiffusionModel,
  { batch, height, width, prompts = 1 }: PredictionSize,
): Promise<NoisePredictor> {
  const config = model.configs.unet;
  const sampleShape = [batch, config.inChannels, height, width];
  const hiddenShape = textShape(model, prompts * batch);
  const { prediction } = unet(model.weights.unet, config, {
    sample: input('sample', sampleShape),
    timesteps: input('timesteps', [batch]),
    encoderHiddenStates: input('encoderHiddenStates', hiddenShape),
  });
  const executable = await model.compile(createGraph({ prediction }), {
    halfPrecision: 'suffices',
  });
  return {
    predict: (latents, timesteps, hidden) => {
      const inputs = {
        sample: float32Data(sampleShape, latents),
        timesteps: float32Data([batch], Float32Array.from(timesteps)),
        encoderHiddenStates: float32Data(hiddenShape, hidden),
      };
      return only(executable, inputs, 'prediction');
    },
    release: () => executable.release(),
  };
}

export interface ImageDecoder extends Network {
  /** Scaled latents [batch, 4, height, width], as a sampler leaves them -> pictures [batch, 3, ...] around [-1, 1]. */
  decode(latents: Float32Array): Promise<Float32Array>;
}

/** Compiles the decoding half of the autoencoder for latents of a size. */
export async function createImageDecoder(
  model: DiffusionModel,
  { batch, height, width }: LatentSize,
): Promise<ImageDecoder> {
  const config = model.configs.autoencoder;
  const shape = [batch, config.latentChannels, height, width];
  const unscaled = div(input('latent', shape), config.scalingFactor);
  const image = decodeLatent(model.weights.autoencoder, config, unscaled);
  const executable = await model.compile(createGraph({ image }));
  return {
    decode: (latents) => only(executable, { latent: float32Data(shape, latents) }, 'image'),
    release: () => executable.release(),
  };
}

export interface ImageEncoder extends Network {
  /**
   * Pictures [batch, 3, ...] in [-1, 1] -> the Gaussian over scaled latents, each [batch, 4, height, width]:
   * latent = mean + deviation * noise.
   */
  encode(pixels: Float32Array): Promise<{
    readonly mean: Float32Array;
    readonly deviation: Float32Array;
  }>;
}

/** Compiles the encoding half of the autoencoder for pictures whose latents have a size. */
export async function createImageEncoder(
  model: DiffusionModel,
  { batch, height, width }: LatentSize,
): Promise<ImageEncoder> {
  const config = model.configs.autoencoder;
  const factor = latentFactor(model);
  const shape = [batch, config.inChannels, height * factor, width * factor];
  const distribution = encodeImage(model.weights.autoencoder, config, input('image', shape));
  const executable = await model.compile(
    createGraph({
      mean: mul(distribution.mean, config.scalingFactor),
      deviation: mul(deviationOf(distribution.logvar), config.scalingFactor),
    }),
  );
  return {
    encode: async (pixels) => {
      const values = await executable.run({ image: float32Data(shape, pixels) });
      return { mean: float32(values.mean), deviation: float32(values.deviation) };
    },
    release: () => executable.release(),
  };
}

function deviationOf(logvar: Tensor): Tensor {
  return exp(mul(logvar, 0.5));
}

async function only(
  executable: Executable,
  inputs: Readonly<Record<string, TensorData>>,
  name: string,
): Promise<Float32Array> {
  return float32((await executable.run(inputs))[name]);
}

/** The numbers of a float32 value. */
export function float32(value: TensorData): Float32Array {
  if (value.dtype !== 'float32') throw new Error(`internal: expected float32, not ${value.dtype}`);
  return value.data;
}
