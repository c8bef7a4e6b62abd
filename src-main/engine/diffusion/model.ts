import type { ModelConfigs } from '../models/modelConfigs.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import type { Weights } from '../nn/weights.ts';
import type { Compile } from '../tensor/executable.ts';

/** A checkpoint made ready to run: its configurations, its weights in place and what compiles graphs for the device. */
export interface DiffusionModel {
  readonly configs: ModelConfigs;
  readonly weights: {
    readonly unet: Weights;
    readonly textEncoder: Weights;
    readonly autoencoder: Weights;
  };
  readonly tokenizer: Tokenizer;
  readonly compile: Compile;
  /** Channels of a token as the UNet takes it, where they are not the text encoder's. */
  readonly textWidth?: number;
}

/** Shape of the hidden states of some prompts as the UNet takes them: [prompts, tokens, channels]. */
export function textShape(
  { configs, textWidth }: Pick<DiffusionModel, 'configs' | 'textWidth'>,
  prompts: number,
): readonly [prompts: number, tokens: number, channels: number] {
  const { maxPositionEmbeddings, hiddenSize } = configs.textEncoder;
  return [prompts, maxPositionEmbeddings, textWidth ?? hiddenSize];
}

/** Pixels of a picture per pixel of its latent, along each side: 8 for Stable Diffusion. */
export function latentFactor(model: Pick<DiffusionModel, 'configs'>): number {
  return 2 ** (model.configs.autoencoder.blockOutChannels.length - 1);
}
