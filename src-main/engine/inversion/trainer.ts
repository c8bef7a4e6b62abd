import type { DiffusionModel } from '../diffusion/model.ts';
import { mean } from '../numbers.ts';
import {
  type AdamW,
  type AdamWOptions,
  type AdamWState,
  createAdamW,
  type ParameterGroup,
} from './adamW.ts';
import { type MixtureSettings, mixtureStep } from './anchorMixture.ts';
import { type DirectionalOptions, directionalStep } from './directionalStep.ts';
import { createGradientAccumulator } from './gradientAccumulator.ts';
import { type LearningRateOptions, learningRateFactor } from './learningRate.ts';
import { clipGradientNorm, findNotFinite, globalNorm, type NamedArrays } from './namedArrays.ts';
import {
  anchorWeightsName,
  type Losses,
  placeholderRowsName,
  type TrainBatch,
  type TrainStepOptions,
} from './trainExpression.ts';
import { createTrainStep, type TrainStep } from './trainStep.ts';

export interface OptimizerSettings {
  readonly learningRate: LearningRateOptions;
  readonly weightDecay: number;
  /** Decay of the moments and epsilon; absent: AdamW's own. */
  readonly adamW?: AdamWOptions;
  /** Micro-batches per optimiser step; each loss is divided by it. */
  readonly accumulate: number;
  /** Largest norm of all gradients together; absent: gradients stay as they are. */
  readonly maxGradientNorm?: number;
  /** How the anchor mixture is trained; absent: it stays as it is. */
  readonly mixture?: MixtureSettings;
  /** Trains only the direction of the placeholder rows, at one norm; absent: AdamW trains them. */
  readonly directional?: DirectionalOptions;
}

/** What one optimiser step tells. */
export interface StepReport {
  /** Means over the micro-batches. */
  readonly losses: Losses;
  readonly microLosses: readonly Losses[];
  /** Norm of all gradients, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** Parameters and the optimiser's memory: all that the next step depends on besides its batches. */
export interface TrainerState {
  readonly values: NamedArrays;
  readonly optimizer: AdamWState;
  /** {@link TrainStep.lossScale} */
  readonly lossScale: number;
}

/** A training has come to what means nothing any longer. */
export class DivergedError extends Error {
  override name = 'DivergedError';

  /** @param step from 1 */
  constructor(step: number, learningRate: number, fault: string) {
    super(
      `training diverged in step ${step}, at the learning rate ${learningRate}: ${fault}. Train again with a lower learning rate`,
    );
  }
}

/** Steps the parameters of a concept down the gradient, micro-batch by micro-batch. */
export class Trainer {
  /** The trained values by name, changed in place by every step. */
  readonly values: NamedArrays;
  readonly #step: TrainStep;
  readonly #settings: OptimizerSettings;
  readonly #optimizer: AdamW;

  private constructor(step: TrainStep, settings: OptimizerSettings, values: NamedArrays) {
    this.values = values;
    this.#step = step;
    this.#settings = settings;
    this.#optimizer = createAdamW(parameterGroups(values, settings), settings.adamW);
  }

  /** @param initial one array per trained value, taken over: training changes them in place */
  static async create(
    model: Pick<DiffusionModel, 'configs' | 'weights' | 'compile'>,
    options: TrainStepOptions,
    settings: OptimizerSettings,
    initial: NamedArrays,
  ): Promise<Trainer> {
    const step = await createTrainStep(model, options);
    const values = [...step.parameters.keys()].map((name) => [name, initial[name]]);
    return new Trainer(step, settings, Object.fromEntries(values));
  }

  /**
   * One optimiser step on `accumulate` micro-batches.
   *
   * @param index of the step, from 0
   * @throws DivergedError before anything is changed
   */
  async step(batches: readonly TrainBatch[], index: number): Promise<StepReport> {
    const accumulator = createGradientAccumulator(batches.length);
    const losses: Losses[] = [];
    let gradients: NamedArrays = {};
    for (const batch of batches) {
      const result = await this.#step.run(batch, this.values);
      losses.push(result.losses);
      gradients = accumulator.add(result.gradients) ?? gradients;
    }
    const means = meanLosses(losses);
    this.#requireFinite(means, gradients, index);
    return { losses: means, microLosses: losses, ...this.#apply(gradients, index) };
  }

  /** To be stored before the next step, which changes it in place. */
  state(): TrainerState {
    const { lossScale } = this.#step;
    return { values: this.values, optimizer: this.#optimizer.state(), lossScale };
  }

  /** Goes on from a state, which is copied. */
  restore({ values, optimizer, lossScale }: TrainerState): void {
    this.#step.lossScale = lossScale;
    for (const [name, array] of Object.entries(this.values)) array.set(values[name]);
    this.#optimizer.restore(optimizer);
  }

  release(): Promise<void> {
    return this.#step.release();
  }

  /** @param step from 1 */
  diverged(step: number, fault: string): DivergedError {
    return new DivergedError(step, this.#settings.learningRate.base, fault);
  }

  #requireFinite(losses: Losses, gradients: NamedArrays, index: number): void {
    const name = findNotFinite(gradients);
    if (Number.isFinite(losses.total) && name === undefined) return;
    const fault = Number.isFinite(losses.total)
      ? `the gradient of '${name}' is not finite`
      : `the loss is ${losses.total}`;
    throw this.diverged(index + 1, fault);
  }

  #apply(all: NamedArrays, index: number): Omit<StepReport, 'losses' | 'microLosses'> {
    const { learningRate, mixture, directional } = this.#settings;
    // clipping is for what AdamW steps; the mixture's step has the length that its own gradient asks for
    const { [anchorWeightsName]: ofShares, ...gradients } = all;
    const gradientNorm = this.#clip(gradients);
    const factor = learningRateFactor(learningRate, index);
    const rows = this.values[placeholderRowsName];
    this.#optimizer.step(gradients, factor);
    if (directional) directionalStep(rows, gradients[placeholderRowsName], directional, factor);
    if (mixture) mixtureStep(this.values[anchorWeightsName], ofShares, mixture);
    return { gradientNorm, learningRate: learningRate.base * factor };
  }

  /** The directional step sets the length of its own gradient against its prior: clipping would change the balance. */
  #clip(gradients: NamedArrays): number {
    const { maxGradientNorm, directional } = this.#settings;
    const { [placeholderRowsName]: ofRows, ...others } = gradients;
    const clipped = directional ? others : gradients;
    const norm =
      maxGradientNorm === undefined
        ? globalNorm(clipped)
        : clipGradientNorm(clipped, maxGradientNorm);
    return directional ? Math.hypot(norm, globalNorm({ ofRows })) : norm;
  }
}

/** The mixture of anchors has steps of its own; rows trained by direction are not AdamW's. */
function parameterGroups(values: NamedArrays, settings: OptimizerSettings): ParameterGroup[] {
  const { learningRate, weightDecay, directional } = settings;
  const isAdamWs = (name: string) =>
    name !== anchorWeightsName && !(name === placeholderRowsName && directional);
  const own = Object.entries(values).filter(([name]) => isAdamWs(name));
  return [{ parameters: Object.fromEntries(own), learningRate: learningRate.base, weightDecay }];
}

function meanLosses(losses: readonly Losses[]): Losses {
  const meanOf = (key: keyof Losses) => {
    const terms = losses.map((each) => each[key]).filter((value) => value !== undefined);
    return terms.length === 0 ? undefined : mean(terms);
  };
  return {
    total: meanOf('total') ?? Number.NaN,
    reconstruction: meanOf('reconstruction') ?? Number.NaN,
    prior: meanOf('prior'),
    anchor: meanOf('anchor'),
    classPreserving: meanOf('classPreserving'),
    maskedAttention: meanOf('maskedAttention'),
  };
}
