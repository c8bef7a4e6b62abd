import type { TrainingMethod } from '../../../src-shared/concept.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { type MixtureSettings, planMixture } from './anchorMixture.ts';
import type { AnchorPlan } from './anchors.ts';
import type { LearningRateSchedule } from './learningRate.ts';
import { attractorPull } from './losses.ts';
import {
  attentionLora,
  crossAttentionKeysAndValues,
  type LoraSize,
  type UNetChange,
  wholeUNet,
} from './trainables.ts';
import type { ClassPair, LossWeights, TrainStepOptions } from './trainExpression.ts';
import type { OptimizerSettings } from './trainer.ts';

/** How a method trains, apart from what the user's pictures and machine decide. */
export interface MethodSettings {
  /** Rows of the concept. */
  readonly vectors: number;
  readonly steps: number;
  /** Photos of a micro-batch; with prior preservation as many class pictures come on top. */
  readonly batch: number;
  /** Micro-batches of an optimiser step. */
  readonly accumulate: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Norm to which gradients are clipped; absent: they are not. */
  readonly maxGradientNorm?: number;
  /** Weights of the two terms with an anchor; without one the reconstruction counts fully. */
  readonly anchored: { readonly reconstruction: number; readonly anchor: number };
  /** Weight of the class pictures' reconstruction. */
  readonly priorWeight: number;
  /**
   * Whether that is relative to the weight of the photos' reconstruction. The released scripts leave it at 1 where anchors
   * bring the other down to 0.05: what is trained then learns the class pictures.
   */
  readonly priorIsRelative: boolean;
  /** Class pictures of prior preservation; 0 for none. */
  readonly classPictures: number;
  /** Custom Diffusion: key and value of the first token are not trained. */
  readonly detachFirstToken: boolean;
  /** Photos at random scales, with prompts that say so. */
  readonly scaleAugmentation: boolean;
}

const shared = {
  weightDecay: 0.01,
  priorWeight: 1,
  priorIsRelative: false,
  detachFirstToken: false,
  scaleAugmentation: false,
};
const inversionWeights = { reconstruction: 0.05, anchor: 0.95 };
const dreamBoothWeights = { reconstruction: 0.6, anchor: 0.4 };

/**
 * The settings of the released scripts (at 63af729), with learning rates as their `scale_lr` leaves them: base
 * times batch times accumulation (times 2 where class pictures double the batch). LoRA is not theirs: its rate is that
 * of diffusers' script.
 */
export const officialSettings: Readonly<Record<TrainingMethod, MethodSettings>> = {
  'textual-inversion': {
    ...shared,
    ...{ vectors: 3, steps: 5000, batch: 4, accumulate: 2, learningRate: 0.04 },
    anchored: inversionWeights,
    classPictures: 0,
  },
  'custom-diffusion': {
    ...shared,
    ...{ vectors: 1, steps: 500, batch: 2, accumulate: 1, learningRate: 4e-5, maxGradientNorm: 1 },
    anchored: inversionWeights,
    classPictures: 200,
    detachFirstToken: true,
    scaleAugmentation: true,
  },
  'lora-dreambooth': {
    ...shared,
    ...{ vectors: 1, steps: 800, batch: 2, accumulate: 1, learningRate: 1e-4, maxGradientNorm: 1 },
    anchored: dreamBoothWeights,
    classPictures: 200,
  },
  dreambooth: {
    ...shared,
    ...{ vectors: 1, steps: 800, batch: 2, accumulate: 1, learningRate: 1e-5, maxGradientNorm: 1 },
    anchored: dreamBoothWeights,
    classPictures: 200,
  },
};

/** Of all methods: small passes that fit any machine, and no class pictures unless the user wants them. */
const patient = {
  ...{ vectors: 1, batch: 1, accumulate: 1, classPictures: 0, maxGradientNorm: 1 },
  priorIsRelative: true,
};

/** What a user gets who says nothing: fewer and smaller steps than the released scripts', for a few photos. */
export const defaultSettings: Readonly<Record<TrainingMethod, MethodSettings>> = {
  'textual-inversion': {
    ...officialSettings['textual-inversion'],
    ...patient,
    steps: 500,
    learningRate: 0.005,
  },
  'custom-diffusion': { ...officialSettings['custom-diffusion'], ...patient, steps: 300 },
  'lora-dreambooth': { ...officialSettings['lora-dreambooth'], ...patient, steps: 400 },
  dreambooth: { ...officialSettings.dreambooth, ...patient, steps: 400 },
};

export interface PlanRequest {
  readonly method: TrainingMethod;
  readonly settings: MethodSettings;
  readonly anchors: AnchorPlan;
  /** Size of the latents. */
  readonly height: number;
  readonly width: number;
  /** Whether any photo has a mask, the user's or one of scale augmentation. */
  readonly masked: boolean;
  readonly lora: LoraSize;
  readonly schedule: LearningRateSchedule;
  readonly warmupSteps: number;
  /** Of the schedules that have them: see `LearningRateOptions`. */
  readonly cycles?: number;
  readonly power?: number;
  /** For the class-preserving loss (ClassDiffusion), with its weight. */
  readonly classPreserving?: { readonly pair: ClassPair; readonly weight: number };
  /** Weight of the loss that keeps the word's attention in its mask (Break-A-Scene uses 0.01); needs masks. */
  readonly maskedAttention?: number;
}

export interface TrainingPlan {
  readonly step: TrainStepOptions;
  readonly optimizer: OptimizerSettings;
  /** The masked reconstruction loss is a sum over this many channels, the plain one a mean: divide by it to compare. */
  readonly reconstructionUnit: number;
}

/** What to compile and how to step, for a method and its settings. */
export function planTraining(
  { configs }: Pick<DiffusionModel, 'configs'>,
  request: PlanRequest,
): TrainingPlan {
  const { method, settings, anchors, height, width } = request;
  const { schedule, warmupSteps, cycles, power } = request;
  const classRows = settings.classPictures > 0 ? settings.batch : 0;
  // the released Custom Diffusion always masks, with ones where nothing is left out
  const masked = request.masked || method === 'custom-diffusion';
  const reconstructionUnit = masked ? configs.unet.outChannels : 1;
  return {
    step: {
      batch: settings.batch + classRows,
      classRows,
      height,
      width,
      placeholders: settings.vectors,
      change: changeOf(method, { configs }, request.lora),
      anchor: anchors.anchor,
      lossWeights: lossWeightsOf(request, reconstructionUnit),
      masked,
      detachFirstToken: settings.detachFirstToken,
      classPair: request.classPreserving?.pair,
    },
    optimizer: {
      learningRate: {
        base: settings.learningRate,
        schedule,
        warmupSteps,
        trainingSteps: settings.steps,
        ...{ cycles, power },
      },
      weightDecay: settings.weightDecay,
      accumulate: settings.accumulate,
      maxGradientNorm: settings.maxGradientNorm,
      mixture: mixtureOf(request),
    },
    reconstructionUnit,
  };
}

function changeOf(
  method: TrainingMethod,
  { configs }: Pick<DiffusionModel, 'configs'>,
  lora: LoraSize,
): UNetChange {
  switch (method) {
    case 'textual-inversion':
      return { kind: 'none' };
    case 'custom-diffusion':
      return crossAttentionKeysAndValues(configs.unet);
    case 'lora-dreambooth':
      return attentionLora(configs.unet, lora);
    case 'dreambooth':
      return wholeUNet(configs.unet);
  }
}

function mixtureOf({ anchors, settings }: PlanRequest): MixtureSettings | undefined {
  const { candidateRows: rows, initialShares } = anchors;
  if (!rows || !initialShares) return undefined;
  const pull = settings.anchored.anchor * settings.vectors * attractorPull;
  return planMixture({ rows, initialShares }, pull);
}

/** @param channels by which the masked loss, which sums over them, exceeds the plain mean */
function lossWeightsOf(
  { method, settings, anchors, classPreserving, maskedAttention }: PlanRequest,
  channels: number,
): LossWeights {
  const plain = { reconstruction: 1, anchor: 0 };
  const { reconstruction, anchor } = anchors.anchor.kind === 'none' ? plain : settings.anchored;
  // Custom Diffusion is published with the sum; a mask must not make the others' photos count for more
  const scale = method === 'custom-diffusion' ? 1 : channels;
  const priorWeight = settings.priorWeight * (settings.priorIsRelative ? reconstruction : 1);
  return {
    reconstruction: reconstruction / scale,
    anchor,
    prior: settings.classPictures > 0 ? priorWeight : 0,
    classPreserving: classPreserving?.weight,
    maskedAttention,
  };
}
