import { type DiffusionModel, textShape } from '../diffusion/model.ts';
import { float32 } from '../diffusion/networks.ts';
import { type AttentionMap, unet } from '../models/unet.ts';
import type { Values } from '../tensor/executable.ts';
import { gradient } from '../tensor/gradient.ts';
import { createGraph, type Graph } from '../tensor/graph.ts';
import { input } from '../tensor/ops/input.ts';
import { mul } from '../tensor/ops/mul.ts';
import { float32Data } from '../tensor/tensorData.ts';
import { boxLoss, boxLossValues } from './boxLoss.ts';
import { type HeadChoice, layoutLoss, layoutLossValues } from './layoutLoss.ts';
import type { EmptyBoxes, MapSize, PlacedObject } from './layoutMasks.ts';

export interface LayoutLossOptions {
  /** 'layout': share of the attention inside the boxes. 'box': BoxDiff's loss, which shapes edges as well. */
  readonly loss?: 'layout' | 'box';
  /** For the layout loss. */
  readonly heads?: HeadChoice;
  readonly emptyBoxes?: EmptyBoxes;
  /** Factor of the loss whose gradient is returned; 30 where absent, as in the released code. */
  readonly lossScale?: number;
}

const defaultScale = 30;

/** The released code to the letter. */
export const officialLayoutLoss = {
  loss: 'layout',
  heads: 'second-half',
  emptyBoxes: 'keep',
} as const satisfies LayoutLossOptions;

export interface LayoutGradientOptions extends LayoutLossOptions {
  /** Size of the latent. */
  readonly height: number;
  readonly width: number;
  /** How many objects are placed; their boxes and tokens may change from run to run. */
  readonly objects: number;
}

export interface LayoutEvaluationRequest {
  /** What the model sees, [1, 4, height, width]: the variance-preserving latent. */
  readonly sample: Float32Array;
  readonly timestep: number;
  /** Hidden states of the conditional prompt, [1, tokens, hiddenSize]. */
  readonly hiddenStates: Float32Array;
  readonly objects: readonly PlacedObject[];
}

export interface LayoutEvaluation {
  /** Not scaled: 0 to 1 for the layout loss. */
  readonly loss: number;
  /** d(lossScale * loss) / d(sample), as `sample`. */
  readonly gradient: Float32Array;
}

export interface LayoutGradient {
  readonly lossScale: number;
  evaluate(request: LayoutEvaluationRequest): Promise<LayoutEvaluation>;
  release(): Promise<void>;
}

type Model = Pick<DiffusionModel, 'configs' | 'weights' | 'compile' | 'textWidth'>;

/** The maps that spatial inversion looks at: all of the mid block and of the first up block that has attention. */
function guidingMaps(maps: readonly AttentionMap[]): AttentionMap[] {
  const [firstUp] = maps.filter(({ place }) => place === 'up');
  return maps.filter(
    ({ place, block }) => place === 'mid' || (place === 'up' && block === firstUp.block),
  );
}

/** The graph of loss and gradient, which ends at the last of the {@link guidingMaps}, and the sizes of those. */
export function layoutGradientGraph(
  model: Omit<Model, 'compile'>,
  {
    height,
    width,
    objects,
    loss = 'layout',
    heads,
    lossScale = defaultScale,
  }: LayoutGradientOptions,
): { readonly graph: Graph; readonly mapSizes: readonly MapSize[] } {
  const { configs, weights } = model;
  const sample = input('sample', [1, configs.unet.inChannels, height, width]);
  const { attentionMaps } = unet(weights.unet, configs.unet, {
    sample,
    timesteps: input('timesteps', [1]),
    encoderHiddenStates: input('encoderHiddenStates', textShape(model, 1)),
  });
  const maps = guidingMaps(attentionMaps);
  const value = loss === 'box' ? boxLoss(maps, objects) : layoutLoss(maps, objects, heads);
  const [sampleGradient] = gradient(mul(value, lossScale), [sample]);
  const graph = createGraph({ loss: value, gradient: sampleGradient });
  return { graph, mapSizes: maps };
}

/** Compiles loss and gradient for one prompt and a number of objects. */
export async function createLayoutGradient(
  model: Model,
  options: LayoutGradientOptions,
): Promise<LayoutGradient> {
  const { graph, mapSizes } = layoutGradientGraph(model, options);
  const executable = await model.compile(graph, { halfPrecision: 'if asked' });
  return {
    lossScale: options.lossScale ?? defaultScale,
    evaluate: async (request) => {
      const inputs = {
        ...networkValues(model, options, request),
        ...lossValues(model, options, mapSizes, request.objects),
      };
      const values = await executable.run(inputs);
      return { loss: float32(values.loss)[0], gradient: float32(values.gradient) };
    },
    release: () => executable.release(),
  };
}

function networkValues(
  model: Model,
  { height, width }: LayoutGradientOptions,
  { sample, timestep, hiddenStates }: LayoutEvaluationRequest,
): Values {
  return {
    sample: float32Data([1, model.configs.unet.inChannels, height, width], sample),
    timesteps: float32Data([1], Float32Array.of(timestep)),
    encoderHiddenStates: float32Data(textShape(model, 1), hiddenStates),
  };
}

function lossValues(
  { configs }: Model,
  { loss, emptyBoxes, objects: count }: LayoutGradientOptions,
  mapSizes: readonly MapSize[],
  objects: readonly PlacedObject[],
): Values {
  if (objects.length !== count) {
    throw new Error(`layout gradient: compiled for ${count} objects, not ${objects.length}`);
  }
  const tokens = configs.textEncoder.maxPositionEmbeddings;
  return loss === 'box'
    ? boxLossValues(mapSizes, objects, tokens)
    : layoutLossValues(mapSizes, objects, tokens, emptyBoxes);
}
