import { readdirSync } from 'node:fs';
import { basename, extname, join, parse } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import { createPipelineSampler } from '../diffusion/createSampler.ts';
import { guideBatch } from '../diffusion/guidance.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import {
  createImageEncoder,
  createNoisePredictor,
  createTextEncoder,
  type ImageEncoder,
} from '../diffusion/networks.ts';
import { RandomStream } from '../diffusion/random.ts';
import { initialLatent, sampleLatent } from '../diffusion/sampleLatent.ts';
import { listPhotos, loadMask, loadPhotos } from '../images/photos.ts';
import { maskWeights, placeImage } from '../images/prepareImage.ts';
import { flipHorizontal, type Raster, toPixels } from '../images/raster.ts';
import { augmentScale, drawScale } from '../images/scaleAugmentation.ts';
import { scaleWordings } from '../inversion/promptTemplates.ts';
import type { Picture, Rendering } from '../inversion/trainingSet.ts';
import type { EngineParams } from '../protocol.ts';
import { type CommandContext, createPhase, warn } from './context.ts';
import { pictureSizeOf, type Size } from './latentSize.ts';

type Params = EngineParams<'trainConcept'>;

/** More photos of one thing teach nothing new, and usually another folder was meant. */
const mostPhotos = 50;

/** Photos at other scales, per photo, where a method asks for them. */
const scaledRenderings = 4;

/** What of a photo goes into training. */
interface PreparedPhoto {
  readonly raster: Raster;
  readonly mask: Raster | undefined;
  readonly captionSuffix: string | undefined;
}

export interface PhotoRequest {
  readonly params: Params;
  /** Of the latent. */
  readonly size: Size;
  /** Whether photos are shown at other scales too, with prompts that say so. */
  readonly scaleAugmentation: boolean;
}

/**
 * The photos of a folder as the autoencoder sees them: each as it is, where allowed mirrored, and at other scales.
 *
 * @throws InputError where there are none or too many, or one cannot be read and `skipUnreadable` is not set
 */
export async function encodePhotos(
  model: DiffusionModel,
  request: PhotoRequest,
  context: CommandContext,
): Promise<Picture[]> {
  const { params, size } = request;
  const photos = await readPhotos(model, params, size, context);
  const encoder = await createImageEncoder(model, { batch: 1, ...size });
  const random = RandomStream.create(params.seed, 'scale augmentation');
  const phase = createPhase(context, 'encoding photos', photos.length);
  try {
    const pictures: Picture[] = [];
    for (const photo of photos) {
      context.signal.throwIfAborted();
      const plain = await encodePhoto(encoder, photo, params.flip, size);
      const scaled = request.scaleAugmentation
        ? await encodeScaled(encoder, photo.raster, random, size)
        : [];
      const { captionSuffix } = photo;
      pictures.push([...plain, ...scaled].map((rendering) => ({ ...rendering, captionSuffix })));
      phase.finish(pictures.length);
    }
    return pictures;
  } finally {
    await encoder.release();
  }
}

async function readPhotos(
  model: DiffusionModel,
  { photos: folder, masks, skipUnreadable, captionSuffixes }: Params,
  size: Size,
  context: CommandContext,
): Promise<PreparedPhoto[]> {
  const files = await listPhotos(folder);
  if (files.length > mostPhotos) {
    throw new InputError(
      `${folder}: ${files.length} photos; expected at most ${mostPhotos} of one thing, 3 to 8 are usual`,
    );
  }
  const placement = pictureSizeOf(model, size);
  const { photos, skipped } = await loadPhotos(files, (photo) => placeImage(photo, placement), {
    skipUnreadable,
  });
  for (const message of skipped) warn(context, `left out: ${message}`);
  return Promise.all(
    photos.map(async ({ file, image }) => {
      const mask = masks === undefined ? undefined : await loadMask(maskOf(file, masks));
      const captionSuffix = captionSuffixes?.[basename(file)];
      return { raster: image, mask: mask && placeImage(mask, placement), captionSuffix };
    }),
  );
}

/** The mask of the same name, whatever its format. @throws InputError where there is none */
function maskOf(photo: string, folder: string): string {
  const { name } = parse(photo);
  const found = filesOf(folder).find((file) => basename(file, extname(file)) === name);
  if (found) return join(folder, found);
  throw new InputError(`${folder}: no mask for ${basename(photo)}; expected ${name}.png`);
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    throw new InputError(`${folder}: not found; expected a folder of masks`);
  }
}

async function encodePhoto(
  encoder: ImageEncoder,
  { raster, mask }: PreparedPhoto,
  flip: boolean,
  size: Size,
): Promise<Picture> {
  const render = async (photo: Raster, itsMask: Raster | undefined): Promise<Rendering> => ({
    ...(await encoder.encode(toPixels(photo))),
    mask: itsMask && maskWeights(itsMask, size.width, size.height),
  });
  const straight = await render(raster, mask);
  if (!flip) return [straight];
  return [straight, await render(flipHorizontal(raster), mask && flipHorizontal(mask))];
}

/** Custom Diffusion's scale augmentation. Squares only. */
async function encodeScaled(
  encoder: ImageEncoder,
  raster: Raster,
  random: RandomStream,
  { width }: Size,
): Promise<Rendering[]> {
  const augmented = { size: raster.width, maskSize: width };
  const renderings: Rendering[] = [];
  for (let index = 0; index < scaledRenderings; index++) {
    const augmentation = drawScale(random, augmented);
    const { pixels, mask } = augmentScale(raster, augmented, augmentation);
    const wordings = scaleWordings(augmentation.scale / augmented.size);
    renderings.push({ ...(await encoder.encode(pixels)), mask, wordings });
  }
  return renderings;
}

/** Steps and guidance of class pictures: few steps are enough to show what the model means by a word. */
const classSteps = 25;
const classGuidance = 7.5;

/**
 * Pictures of the class that the model makes itself, for prior preservation. They stay latents: what the sampler
 * leaves is what training needs.
 *
 * @param prompts one per picture
 */
export async function sampleClassPictures(
  model: DiffusionModel,
  prompts: readonly string[],
  seed: number,
  size: Size,
  context: CommandContext,
): Promise<Picture[]> {
  if (prompts.length === 0) return [];
  const encoder = await createTextEncoder(model, { batch: 2 });
  const predictor = await createNoisePredictor(model, { batch: 1, prompts: 2, ...size });
  const phase = createPhase(context, 'making class pictures', prompts.length);
  try {
    const pictures: Picture[] = [];
    for (const [index, prompt] of prompts.entries()) {
      const ids = ['', prompt].map((text) => model.tokenizer.encodePadded(text).ids);
      const hiddenStates = await encoder.encode(ids);
      const random = RandomStream.create(seed, `class picture ${index}`);
      const mean = await sampleClassPicture(model, size, random, context, (latents, timestep) =>
        predictor.predict(latents, [timestep], hiddenStates),
      );
      pictures.push([{ mean, deviation: new Float32Array(mean.length) }]);
      phase.finish(index + 1);
    }
    return pictures;
  } finally {
    await encoder.release();
    await predictor.release();
  }
}

function sampleClassPicture(
  { configs }: DiffusionModel,
  { height, width }: Size,
  random: RandomStream,
  { signal }: CommandContext,
  predictBoth: (latents: Float32Array, timestep: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const sampler = createPipelineSampler('dpmpp2m', configs.scheduler, classSteps);
  const noise = random.normal(configs.unet.inChannels * height * width);
  return sampleLatent({
    sampler,
    initialLatent: initialLatent(sampler, noise),
    predict: async (input, timestep) =>
      guideBatch(await predictBoth(input, timestep), classGuidance),
    random,
    signal,
  });
}
