import type { DiffusionModel } from '../diffusion/model.ts';
import { vocabularyTable } from '../diffusion/vocabulary.ts';
import { clipText, embedTokens } from '../models/clipText.ts';
import type { UNetConfig } from '../models/config.ts';
import { type Recompute, unet } from '../models/unet.ts';
import type { Values } from '../tensor/executable.ts';
import { constant } from '../tensor/ops/constant.ts';
import { expand } from '../tensor/ops/expand.ts';
import { gather } from '../tensor/ops/gather.ts';
import { gemm } from '../tensor/ops/gemm.ts';
import { input } from '../tensor/ops/input.ts';
import { slice } from '../tensor/ops/slice.ts';
import { stopGradient } from '../tensor/ops/stopGradient.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data, int64Data } from '../tensor/tensorData.ts';
import {
  attractorLoss,
  classPreservingLoss,
  maskedReconstructionLoss,
  meanSquaredError,
  weightedSum,
} from './losses.ts';
import type { NamedArrays } from './namedArrays.ts';
import {
  type BatchSize,
  maskedAttentionTerm,
  maskedAttentionValues,
  maskInput,
  maskValues,
} from './pictureMasks.ts';
import { applyChange, type UNetChange } from './trainables.ts';

/** What pulls the placeholder rows toward the vocabulary (arXiv 2312.08048, semantic inversion; decision 0013). */
export type Anchor =
  | { readonly kind: 'none' }
  /** The released form: a reference prompt with the class word in each placeholder's slot. */
  | { readonly kind: 'reference' }
  /**
   * A mixture of these vocabulary rows; its shares are parameters. The released loss is a mean over a prompt's
   * embeddings, {@link attractorLoss} the same for every model.
   */
  | {
      readonly kind: 'mixture';
      readonly candidateIds: readonly number[];
      readonly loss: 'released' | 'attractor';
    };

export interface LossWeights {
  readonly reconstruction: number;
  readonly anchor: number;
  /** Of the class pictures' reconstruction. */
  readonly prior: number;
  /** Of {@link classPreservingLoss}. */
  readonly classPreserving?: number;
  /** Of {@link maskedAttentionLoss}; needs masks. */
  readonly maskedAttention?: number;
}

/** "<my-cat> cat" and "cat", padded, with the places of their end tokens. */
export interface ClassPair {
  readonly concept: { readonly ids: readonly number[]; readonly endPosition: number };
  readonly classWord: { readonly ids: readonly number[]; readonly endPosition: number };
}

export interface TrainStepOptions extends BatchSize {
  /** Rows that the concept has in the vocabulary. */
  readonly placeholders: number;
  readonly change: UNetChange;
  readonly anchor: Anchor;
  readonly lossWeights: LossWeights;
  /** Whether each concept picture has a mask of the pixels that count. */
  readonly masked: boolean;
  /** Custom Diffusion: key and value of the first token are not trained. */
  readonly detachFirstToken: boolean;
  /** For the class-preserving loss. */
  readonly classPair?: ClassPair;
}

/** Names of the trained values beside the UNet's own. */
export const placeholderRowsName = 'placeholderRows';
export const anchorWeightsName = 'anchorWeights';

/** The weighted sum of a micro-batch's losses and each by itself; those that the method does not have are absent. */
interface LossTerms<T> {
  readonly total: T;
  readonly reconstruction: T;
  readonly prior?: T;
  readonly anchor?: T;
  readonly classPreserving?: T;
  readonly maskedAttention?: T;
}

/** Values of rank 0. */
export type LossTensors = LossTerms<Tensor>;

export type Losses = LossTerms<number>;

/** A training step as an expression, before it is differentiated and compiled. */
export interface TrainExpression {
  readonly losses: LossTensors;
  /** Trained values by name: graph inputs. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly noisyLatents: Tensor;
  readonly encoderHiddenStates: Tensor;
  readonly prediction: Tensor;
}

type Model = Pick<DiffusionModel, 'configs' | 'weights'>;

/** Text encoder, UNet and losses of one micro-batch. Its inputs are those that {@link batchValues} fills. */
export function trainExpression(model: Model, options: TrainStepOptions): TrainExpression {
  const { configs, weights } = model;
  const { batch, height, width } = options;
  const rows = input(placeholderRowsName, [options.placeholders, configs.textEncoder.hiddenSize]);
  const tokenIds = input('tokenIds', [batch, configs.textEncoder.maxPositionEmbeddings], 'int64');
  const embeddings = embedTokens(weights.textEncoder, configs.textEncoder, tokenIds, rows);
  const { lastHiddenState } = clipText(weights.textEncoder, configs.textEncoder, embeddings);
  const changed = applyChange(weights.unet, options.change);
  const noisyLatents = input('noisyLatents', [batch, configs.unet.inChannels, height, width]);
  const { prediction, attentionMaps } = unet(changed.weights, configs.unet, {
    sample: noisyLatents,
    timesteps: input('timesteps', [batch]),
    encoderHiddenStates: lastHiddenState,
    detachFirstToken: options.detachFirstToken,
    recompute: recomputed(configs.unet, options),
  });
  const anchor = anchorTerm(model, options, { rows, tokenIds, embeddings });
  const losses = combineLosses(options, prediction, {
    anchor: anchor?.loss,
    classPreserving: classPreservingTerm(model, options, rows),
    maskedAttention: attendsToMasks(options)
      ? maskedAttentionTerm(options, attentionMaps)
      : undefined,
  });
  const parameters = new Map([[placeholderRowsName, rows], ...changed.inputs]);
  if (anchor?.mixture) parameters.set(anchorWeightsName, anchor.mixture);
  return { losses, parameters, noisyLatents, encoderHiddenStates: lastHiddenState, prediction };
}

/** Numbers in the UNet's first layer from which on its activations are computed twice rather than kept. */
const largeLayer = 2 ** 20;

/** Convolutions that are trained need their inputs, which only whole blocks computed twice save. */
function recomputed(config: UNetConfig, options: TrainStepOptions): Recompute {
  const { batch, height, width, change } = options;
  const small = batch * config.blockOutChannels[0] * height * width < largeLayer;
  if (small) return 'nothing';
  const trainsConvolutions =
    change.kind === 'weights' &&
    [...change.weights.keys()].some((key) => key.includes('.resnets.'));
  return trainsConvolutions && !attendsToMasks(options) ? 'blocks' : 'activations';
}

function attendsToMasks({ masked, lossWeights }: TrainStepOptions): boolean {
  return masked && Boolean(lossWeights.maskedAttention);
}

function combineLosses(
  options: TrainStepOptions,
  prediction: Tensor,
  others: Pick<LossTensors, 'anchor' | 'classPreserving' | 'maskedAttention'>,
): LossTensors {
  const { batch, classRows, lossWeights } = options;
  const target = input('target', prediction.shape);
  const concept = batch - classRows;
  const part = (x: Tensor, start: number, end: number) => slice(x, 0, start, end);
  const [predicted, wanted] = [part(prediction, 0, concept), part(target, 0, concept)];
  const reconstruction = options.masked
    ? maskedReconstructionLoss(predicted, wanted, maskInput(options))
    : meanSquaredError(predicted, wanted);
  const prior =
    classRows > 0
      ? meanSquaredError(part(prediction, concept, batch), part(target, concept, batch))
      : undefined;
  const total = weightedSum([
    [lossWeights.reconstruction, reconstruction],
    [lossWeights.prior, prior],
    [lossWeights.anchor, others.anchor],
    [lossWeights.classPreserving ?? 0, others.classPreserving],
    [lossWeights.maskedAttention ?? 0, others.maskedAttention],
  ]);
  return { total, reconstruction, prior, ...others };
}

interface AnchorTerm {
  readonly loss: Tensor;
  readonly mixture?: Tensor;
}

/**
 * The released loss: mean squared difference between the embeddings of the prompts and of the same prompts with the
 * anchor in the placeholders' slots, over all batch * tokens * hiddenSize entries: only the placeholders contribute.
 * The mixture of our own takes their squared distances by themselves.
 */
function anchorTerm(
  { configs, weights }: Model,
  { anchor, batch, classRows }: TrainStepOptions,
  prompts: { readonly rows: Tensor; readonly tokenIds: Tensor; readonly embeddings: Tensor },
): AnchorTerm | undefined {
  if (anchor.kind === 'none') return undefined;
  const concept = batch - classRows;
  const own = slice(prompts.embeddings, 0, 0, concept);
  const embed = (ids: Tensor, rows?: Tensor) =>
    embedTokens(weights.textEncoder, configs.textEncoder, ids, rows);
  if (anchor.kind === 'reference') {
    const ids = input('referenceIds', [concept, prompts.tokenIds.shape[1]], 'int64');
    // A target: where the vocabulary is trained as well, the anchor's row is not pulled toward the placeholder.
    return { loss: meanSquaredError(own, stopGradient(embed(ids))) };
  }
  const mixture = input(anchorWeightsName, [1, anchor.candidateIds.length]);
  const candidateIds = constant(int64Data([anchor.candidateIds.length], anchor.candidateIds));
  const candidates = gather(vocabularyTable({ configs, weights }), candidateIds);
  const attractor = expand(gemm(mixture, candidates), prompts.rows.shape);
  if (anchor.loss === 'attractor') return { loss: attractorLoss(prompts.rows, attractor), mixture };
  const loss = meanSquaredError(own, embed(slice(prompts.tokenIds, 0, 0, concept), attractor));
  return { loss, mixture };
}

function classPreservingTerm(
  { configs, weights }: Model,
  { lossWeights, classPair }: TrainStepOptions,
  rows: Tensor,
): Tensor | undefined {
  if (!lossWeights.classPreserving) return undefined;
  if (!classPair) throw new Error('training step: the class-preserving loss needs a class pair');
  const { concept, classWord } = classPair;
  const ids = constant(int64Data([2, concept.ids.length], [...concept.ids, ...classWord.ids]));
  const embeddings = embedTokens(weights.textEncoder, configs.textEncoder, ids, rows);
  const { lastHiddenState } = clipText(weights.textEncoder, configs.textEncoder, embeddings);
  // CLIP pools a text at its end token: [2, tokens, width] -> [1, 1, width]
  const pooled = (row: number, end: number) =>
    slice(slice(lastHiddenState, 0, row, row + 1), 1, end, end + 1);
  return classPreservingLoss(pooled(0, concept.endPosition), pooled(1, classWord.endPosition));
}

/** One micro-batch, ready for the graph. */
export interface TrainBatch {
  /** Padded prompts of all rows; ids at or beyond the text encoder's vocabSize name placeholder rows. */
  readonly tokenIds: readonly (readonly number[])[];
  /** For the anchor 'reference': the concept rows' prompts with the class word in the placeholders' slots. */
  readonly referenceIds?: readonly (readonly number[])[];
  /** [batch, channels, height, width] */
  readonly noisyLatents: Float32Array;
  /** [batch] */
  readonly timesteps: readonly number[];
  /** Noise, or v: as the noisy latents. */
  readonly target: Float32Array;
  /** 1 where a pixel counts, 0 where not: [concept rows, 1, height, width]. */
  readonly mask?: Float32Array;
}

/** Values of the graph's inputs for a micro-batch and the present parameters. */
export function batchValues(
  { configs }: Pick<Model, 'configs'>,
  options: TrainStepOptions,
  batch: TrainBatch,
  parameters: ReadonlyMap<string, Tensor>,
  values: NamedArrays,
): Values {
  const tokens = configs.textEncoder.maxPositionEmbeddings;
  const { batch: rows, height, width } = options;
  const latentShape = [rows, configs.unet.inChannels, height, width];
  const ids = (prompts: readonly (readonly number[])[]) =>
    int64Data([prompts.length, tokens], prompts.flat());
  return {
    tokenIds: ids(batch.tokenIds),
    ...(batch.referenceIds && { referenceIds: ids(batch.referenceIds) }),
    noisyLatents: float32Data(latentShape, batch.noisyLatents),
    timesteps: float32Data([rows], Float32Array.from(batch.timesteps)),
    target: float32Data(latentShape, batch.target),
    ...(batch.mask && maskValues(options, batch.mask)),
    ...(batch.mask &&
      attendsToMasks(options) &&
      maskedAttentionValues(options, batch.mask, batch.tokenIds, configs.textEncoder.vocabSize)),
    ...Object.fromEntries(
      [...parameters].map(([name, { shape }]) => [name, float32Data(shape, values[name])]),
    ),
  };
}
