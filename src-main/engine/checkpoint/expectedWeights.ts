import { decodeLatent, encodeImage } from '../models/autoencoder.ts';
import type { ClipConfig, TextEncoderConfig } from '../models/clipConfig.ts';
import { clipText, embedTokens } from '../models/clipText.ts';
import { imageEmbedding, textEmbedding } from '../models/clipVision.ts';
import type { AutoencoderConfig, UNetConfig } from '../models/config.ts';
import { detect } from '../models/detector.ts';
import type { DetectorConfig } from '../models/detectorConfig.ts';
import { unet } from '../models/unet.ts';
import type { Weights } from '../nn/weights.ts';
import { input } from '../tensor/ops/input.ts';
import type { Shape } from '../tensor/shape.ts';

/**
 * Keys and shapes of the weights that a network asks for. The modules themselves are run, on the smallest input, with
 * weights that only take notes: there is no second list of keys to keep true.
 */
export function expectedUNetWeights(config: UNetConfig): Map<string, Shape> {
  const side = 2 ** (config.blockOutChannels.length - 1);
  return recordWeights((weights) => {
    unet(weights, config, {
      sample: input('sample', [1, config.inChannels, side, side]),
      timesteps: input('timesteps', [1]),
      encoderHiddenStates: input('text', [1, 1, config.crossAttentionDim]),
    });
  });
}

/** As {@link expectedUNetWeights}. */
export function expectedTextEncoderWeights(config: TextEncoderConfig): Map<string, Shape> {
  return recordWeights((weights) => {
    clipText(weights, config, embedTokens(weights, config, input('ids', [1, 1], 'int64')));
  });
}

/** As {@link expectedUNetWeights}. */
export function expectedAutoencoderWeights(config: AutoencoderConfig): Map<string, Shape> {
  const side = 2 ** (config.blockOutChannels.length - 1);
  return recordWeights((weights) => {
    encodeImage(weights, config, input('image', [1, config.inChannels, side, side]));
    decodeLatent(weights, config, input('latent', [1, config.latentChannels, 1, 1]));
  });
}

/** As {@link expectedUNetWeights}. */
export function expectedClipWeights(config: ClipConfig): Map<string, Shape> {
  const { imageSize } = config.vision;
  return recordWeights((weights) => {
    imageEmbedding(weights, config, input('pixels', [1, 3, imageSize, imageSize]));
    textEmbedding(weights, config, input('ids', [1, 1], 'int64'), input('ends', [1], 'int64'));
  });
}

/** As {@link expectedUNetWeights}. */
export function expectedDetectorWeights(config: DetectorConfig): Map<string, Shape> {
  return recordWeights((weights) => {
    detect(weights, config, input('pixels', [1, 3, 8, 8]));
  });
}

function recordWeights(build: (weights: Weights) => void): Map<string, Shape> {
  const recorded = new Map<string, Shape>();
  build({
    get: (key, shape) => {
      recorded.set(key, shape);
      return input(key, shape);
    },
    lora: () => undefined,
  });
  return recorded;
}
