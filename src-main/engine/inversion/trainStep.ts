import type { DiffusionModel } from '../diffusion/model.ts';
import { float32 } from '../diffusion/networks.ts';
import type { Values } from '../tensor/executable.ts';
import { gradient } from '../tensor/gradient.ts';
import { createGraph } from '../tensor/graph.ts';
import { div } from '../tensor/ops/div.ts';
import { input } from '../tensor/ops/input.ts';
import { mul } from '../tensor/ops/mul.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data } from '../tensor/tensorData.ts';
import { findNotFinite, type NamedArrays } from './namedArrays.ts';
import {
  batchValues,
  type Losses,
  type LossTensors,
  type TrainBatch,
  type TrainStepOptions,
  trainExpression,
} from './trainExpression.ts';

export interface TrainStepResult {
  readonly losses: Losses;
  /** Of the total loss with respect to each trained value. */
  readonly gradients: NamedArrays;
}

export interface TrainStep {
  /** Names and shapes of what is trained. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** What the loss is multiplied by in half precision: a power of 2, made smaller when gradients overflow. */
  lossScale: number;
  run(batch: TrainBatch, values: NamedArrays): Promise<TrainStepResult>;
  release(): Promise<void>;
}

const lossScaleName = 'lossScale';

/**
 * What the loss is multiplied by at first. Gradients of the UNet's middle are smaller than float16 can say without it; a
 * power of 2 changes no digit in float32 (Micikevicius et al. 2018, arXiv 1710.03740, section 3.2).
 */
const firstLossScale = 2 ** 10;

/** Compiles losses and gradients of a micro-batch as one graph. */
export async function createTrainStep(
  model: Pick<DiffusionModel, 'configs' | 'weights' | 'compile'>,
  options: TrainStepOptions,
): Promise<TrainStep> {
  const { losses, parameters } = trainExpression(model, options);
  const names = [...parameters.keys()];
  const scale = input(lossScaleName, []);
  const scaled = gradient(mul(losses.total, scale), [...parameters.values()]);
  const gradients = new Map(names.map((name, index) => [name, div(scaled[index], scale)]));
  const graph = createGraph(stepOutputs(losses, gradients));
  const executable = await model.compile(graph, { halfPrecision: 'if asked' });
  const step: TrainStep = {
    parameters,
    lossScale: firstLossScale,
    run: async (batch, values) => {
      const inputs = batchValues(model, options, batch, parameters, values);
      while (true) {
        const factor = float32Data([], Float32Array.of(step.lossScale));
        const outputs = await executable.run({ ...inputs, [lossScaleName]: factor });
        const outcome = readStepOutputs(outputs, names);
        if (step.lossScale === 1 || !overflows(outcome)) return outcome;
        step.lossScale /= 4;
      }
    },
    release: () => executable.release(),
  };
  return step;
}

/** Whether a smaller scale may help: the loss is a number, and not all of its gradients are. */
function overflows({ losses, gradients }: TrainStepResult): boolean {
  return Number.isFinite(losses.total) && findNotFinite(gradients) !== undefined;
}

/** Outputs of a training step's graph: the losses that there are, and gradients by the names of their values. */
export function stepOutputs(
  losses: LossTensors,
  gradients: ReadonlyMap<string, Tensor>,
): Record<string, Tensor> {
  const present = Object.entries(losses).filter(([, loss]) => loss !== undefined);
  return Object.fromEntries([
    ...present.map(([name, loss]): [string, Tensor] => [`loss.${name}`, loss]),
    ...[...gradients].map(([name, value]): [string, Tensor] => [`gradient.${name}`, value]),
  ]);
}

/** @param names of the values whose gradients are among the {@link stepOutputs} */
export function readStepOutputs(outputs: Values, names: readonly string[]): TrainStepResult {
  const loss = (name: string) => {
    const value = outputs[`loss.${name}`];
    return value && float32(value)[0];
  };
  return {
    losses: {
      total: float32(outputs['loss.total'])[0],
      reconstruction: float32(outputs['loss.reconstruction'])[0],
      prior: loss('prior'),
      anchor: loss('anchor'),
      classPreserving: loss('classPreserving'),
      maskedAttention: loss('maskedAttention'),
    },
    gradients: Object.fromEntries(
      names.map((name) => [name, float32(outputs[`gradient.${name}`])]),
    ),
  };
}
