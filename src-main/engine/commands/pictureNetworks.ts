import type { PersonalModel } from '../concepts/applyConcepts.ts';
import {
  createImageDecoder,
  createNoisePredictor,
  createTextEncoder,
  type ImageDecoder,
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
export type PredictPicture = (
  latents: Float32Array,
  timestep: number,
  hiddenStates: Float32Array,
) => Promise<ObservedPrediction>;

/** Networks that pictures of one size need. Each is compiled once for all models that compute the same. */
export interface PictureNetworks {
  textEncoder(model: PersonalModel): Promise<TextEncoder>;
  predictor(model: PersonalModel): Promise<PredictPicture>;
  layoutGradient(model: PersonalModel): Promise<LayoutGradient>;
  decoder(model: PersonalModel): Promise<ImageDecoder>;
}

/** @param objects of the layout, 0 without one */
export function createPictureNetworks(
  size: Size,
  objects: number,
  layoutLoss: LayoutLossOptions,
): PictureNetworks {
  return {
    textEncoder: once(
      ({ textEncoderName }) => textEncoderName,
      (model) => createTextEncoder(model, { batch: 2, placeholders: model.placeholders }),
    ),
    predictor: once(networkName, (model) =>
      objects > 0 ? observingPredictor(model, size) : plainPredictor(model, size),
    ),
    layoutGradient: once(networkName, (model) =>
      createLayoutGradient(model, { ...size, objects, ...layoutLoss }),
    ),
    decoder: once(
      () => '',
      (model) => createImageDecoder(model, { batch: 1, ...size }),
    ),
  };
}

function networkName(model: PersonalModel): string {
  return model.networkName;
}

function once<T>(
  nameOf: (model: PersonalModel) => string,
  create: (model: PersonalModel) => Promise<T>,
): (model: PersonalModel) => Promise<T> {
  const created = new Map<string, Promise<T>>();
  return (model) => {
    const name = nameOf(model);
    const known = created.get(name) ?? create(model);
    created.set(name, known);
    return known;
  };
}

async function observingPredictor(model: PersonalModel, size: Size): Promise<PredictPicture> {
  const { predict } = await createObservingPredictor(model, size);
  return predict;
}

async function plainPredictor(model: PersonalModel, size: Size): Promise<PredictPicture> {
  const { predict } = await createNoisePredictor(model, { batch: 1, prompts: 2, ...size });
  return async (latents, timestep, hiddenStates) => ({
    prediction: await predict(latents, [timestep], hiddenStates),
    levels: [],
  });
}
