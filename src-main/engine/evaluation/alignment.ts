import { float32 } from '../diffusion/networks.ts';
import type { Raster } from '../images/raster.ts';
import type { ClipConfig, ImagePreprocessing } from '../models/clipConfig.ts';
import { imageEmbedding, textEmbedding } from '../models/clipVision.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import type { Weights } from '../nn/weights.ts';
import { dot, mean, splitRows } from '../numbers.ts';
import type { Compile } from '../tensor/executable.ts';
import { createGraph } from '../tensor/graph.ts';
import { div } from '../tensor/ops/div.ts';
import { input } from '../tensor/ops/input.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reduceSum } from '../tensor/ops/reduceSum.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { sqrt } from '../tensor/ops/sqrt.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data, int64Data } from '../tensor/tensorData.ts';
import { inBatches, toNetworkPixels } from './pictureBatches.ts';

/** A pair of CLIP encoders made ready to run. */
export interface ClipModel {
  readonly config: ClipConfig;
  readonly preprocessing: ImagePreprocessing;
  readonly weights: Weights;
  readonly tokenizer: Tokenizer;
  readonly compile: Compile;
}

/**
 * Compares pictures with texts and with pictures by the cosine of their CLIP embeddings (Hessel et al.,
 * arXiv 2104.08718, without its factor; as text and image alignment in Kumari et al., arXiv 2212.04488, section 4).
 */
export interface AlignmentMeter {
  /** One vector of length 1 per picture, which may have any size. */
  embedPictures(pictures: readonly Raster[]): Promise<Float32Array[]>;
  /** One vector of length 1 per text; what the encoder's positions cannot hold is cut off, as CLIP does. */
  embedTexts(texts: readonly string[]): Promise<Float32Array[]>;
  /** Cosine of a picture and its prompt, -1 to 1. A concept's class word must stand for the concept. */
  textAlignment(picture: Raster, prompt: string): Promise<number>;
  release(): Promise<void>;
}

/** Compiles both encoders for `batch` pictures or texts at a time. */
export async function createAlignmentMeter(
  model: ClipModel,
  { batch = 1 }: { readonly batch?: number } = {},
): Promise<AlignmentMeter> {
  const pictures = await createPictureEmbedder(model, batch);
  const texts = await createTextEmbedder(model, batch);
  const { embed: embedPictures } = pictures;
  const { embed: embedTexts } = texts;
  return {
    embedPictures,
    embedTexts,
    textAlignment: async (picture, prompt) => {
      const [seen] = await embedPictures([picture]);
      return meanCosine(seen, await embedTexts([prompt]));
    },
    release: async () => {
      await pictures.release();
      await texts.release();
    },
  };
}

/**
 * Mean cosine of a vector to others, all of length 1.
 *
 * @throws Error where there are no others
 */
export function meanCosine(vector: Float32Array, others: readonly Float32Array[]): number {
  if (others.length === 0) throw new Error('alignment: nothing to compare with');
  return mean(others.map((other) => dot(vector, other)));
}

async function createPictureEmbedder(model: ClipModel, batch: number) {
  const { config, preprocessing, weights } = model;
  const shape = [batch, 3, preprocessing.imageSize, preprocessing.imageSize];
  const embedding = toUnitLength(imageEmbedding(weights, config, input('pixels', shape)));
  const executable = await model.compile(createGraph({ embedding }));
  const run = async (pictures: readonly Raster[]) => {
    const pixels = float32Data(shape, toNetworkPixels(pictures, preprocessing));
    return splitRows(float32((await executable.run({ pixels })).embedding), batch);
  };
  return {
    embed: (pictures: readonly Raster[]) => inBatches(pictures, batch, run),
    release: () => executable.release(),
  };
}

async function createTextEmbedder(model: ClipModel, batch: number) {
  const { config, weights, tokenizer } = model;
  const tokens = tokenizer.maxLength;
  const ids = input('tokenIds', [batch, tokens], 'int64');
  const ends = input('endIndices', [batch], 'int64');
  const embedding = toUnitLength(textEmbedding(weights, config, ids, ends));
  const executable = await model.compile(createGraph({ embedding }));
  const run = async (texts: readonly string[]) => {
    const prompts = texts.map((text) => tokenizer.encodePadded(text));
    const values = await executable.run({
      tokenIds: int64Data(
        [batch, tokens],
        prompts.flatMap((prompt) => prompt.ids),
      ),
      endIndices: int64Data(
        [batch],
        prompts.map(({ endPosition }, row) => row * tokens + endPosition),
      ),
    });
    return splitRows(float32(values.embedding), batch);
  };
  return {
    embed: (texts: readonly string[]) => inBatches(texts, batch, run),
    release: () => executable.release(),
  };
}

/** Rows [batch, width] of length 1. */
function toUnitLength(rows: Tensor): Tensor {
  const squared = reduceSum(mul(rows, rows), [1]);
  return div(rows, reshape(sqrt(squared), [rows.shape[0], 1]));
}
