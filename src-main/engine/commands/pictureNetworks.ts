import type { PersonalModel } from '../concepts/applyConcepts.ts';
import {
  createImageDecoder,
  createNoisePredictor,
  createTextEncoder,
  type ImageDecoder,
  type Network,
  type TextEncoder,
} from '../diffusion/networks.ts';
import { createObservingPredictor, type ObservedPrediction } from '../spatial/attentionMaps.ts';
import {
  createLayoutGradient,
  type LayoutGradient,
  type LayoutLossOptions,
} from '../spatial/layoutGradient.ts';
import type { Size } from './latentSize.ts';

/** Predicts the noise of one picture for both prompts, and where it can, what the words look at. */
export interface PicturePredictor extends Network {
  predict(
    latents: Float32Array,
    timestep: number,
    hiddenStates: Float32Array,
  ): Promise<ObservedPrediction>;
}

/** A network that is compiled when it is first asked for, once for all models that compute the same. */
export interface SharedNetwork<T extends Network> {
  of(model: PersonalModel): Promise<T>;
  /** Gives back what was compiled; who asks again gets it anew. */
  release(): Promise<void>;
}

/** Networks that pictures of one size need. */
export interface PictureNetworks {
  readonly textEncoder: SharedNetwork<TextEncoder>;
  readonly predictor: SharedNetwork<PicturePredictor>;
  readonly layoutGradient: SharedNetwork<LayoutGradient>;
  readonly decoder: SharedNetwork<ImageDecoder>;
}

/** @param objects of the layout, 0 without one */
export function createPictureNetworks(
  size: Size,
  objects: number,
  layoutLoss: LayoutLossOptions,
): PictureNetworks {
  return {
    textEncoder: share(
      ({ textEncoderName }) => textEncoderName,
      (model) => createTextEncoder(model, { batch: 2, placeholders: model.placeholders }),
    ),
    predictor: share(networkName, (model) =>
      objects > 0 ? createObservingPredictor(model, size) : createPlainPredictor(model, size),
    ),
    layoutGradient: share(networkName, (model) =>
      createLayoutGradient(model, { ...size, objects, ...layoutLoss }),
    ),
    decoder: share(
      () => '',
      (model) => createImageDecoder(model, { batch: 1, ...size }),
    ),
  };
}

function networkName(model: PersonalModel): string {
  return model.networkName;
}

function share<T extends Network>(
  nameOf: (model: PersonalModel) => string,
  create: (model: PersonalModel) => Promise<T>,
): SharedNetwork<T> {
  const created = new Map<string, Promise<T>>();
  return {
    of: (model) => {
      const name = nameOf(model);
      const known = created.get(name) ?? create(model);
      created.set(name, known);
      return known;
    },
    release: async () => {
      const networks = [...created.values()];
      created.clear();
      for (const network of networks) await (await network).release();
    },
  };
}

async function createPlainPredictor(model: PersonalModel, size: Size): Promise<PicturePredictor> {
  const predictor = await createNoisePredictor(model, { batch: 1, prompts: 2, ...size });
  return {
    predict: async (latents, timestep, hiddenStates) => ({
      prediction: await predictor.predict(latents, [timestep], hiddenStates),
      levels: [],
    }),
    release: predictor.release,
  };
}
