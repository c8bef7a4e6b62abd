import type { DiffusionModel } from '../diffusion/model.ts';
import { float32 } from '../diffusion/networks.ts';
import { vocabularyTable } from '../diffusion/vocabulary.ts';
import type { NamedArrays } from '../inversion/namedArrays.ts';
import {
  batchValues,
  type TrainBatch,
  type TrainStepOptions,
  trainExpression,
} from '../inversion/trainExpression.ts';
import { readStepOutputs, stepOutputs, type TrainStepResult } from '../inversion/trainStep.ts';
import { gradient } from '../tensor/gradient.ts';
import { createGraph } from '../tensor/graph.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Name of the gradient of the whole vocabulary table. */
export const tableName = 'vocabularyTable';

/** Values inside a training step whose gradients are asked for beside those of what is trained. */
const innerValues = ['noisyLatents', 'encoderHiddenStates', 'prediction'] as const;

export interface TrainGraphOptions extends TrainStepOptions {
  /** Asks for the gradient of the whole vocabulary table, as in the released code, which trains all of it. */
  readonly wholeTable?: boolean;
  readonly innerGradients?: boolean;
}

/** Its gradients are by the names of what is trained, of {@link innerValues} and {@link tableName}. */
export interface TrainGraphResult extends TrainStepResult {
  readonly prediction: Float32Array;
}

export interface TrainGraph {
  run(batch: TrainBatch, values: NamedArrays): Promise<TrainGraphResult>;
  release(): Promise<void>;
}

type Model = Pick<DiffusionModel, 'configs' | 'weights' | 'compile'>;

/** The product's training step with more of its inside laid open. */
export async function createTrainGraph(
  model: Model,
  options: TrainGraphOptions,
): Promise<TrainGraph> {
  const expression = trainExpression(model, options);
  const wanted = new Map<string, Tensor>(expression.parameters);
  if (options.wholeTable) wanted.set(tableName, vocabularyTable(model));
  if (options.innerGradients) for (const name of innerValues) wanted.set(name, expression[name]);
  const found = gradient(expression.losses.total, [...wanted.values()]);
  const names = [...wanted.keys()];
  const gradients = new Map(names.map((name, index) => [name, found[index]]));
  const graph = createGraph({
    ...stepOutputs(expression.losses, gradients),
    output: expression.prediction,
  });
  const executable = await model.compile(graph);
  return {
    run: async (batch, values) => {
      const inputs = batchValues(model, options, batch, expression.parameters, values);
      const outputs = await executable.run(inputs);
      return { ...readStepOutputs(outputs, names), prediction: float32(outputs.output) };
    },
    release: () => executable.release(),
  };
}
