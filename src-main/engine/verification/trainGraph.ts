import type { DiffusionModel } from '../diffusion/model.ts';
import { float32 } from '../diffusion/networks.ts';
import { vocabularyTable } from '../diffusion/vocabulary.ts';
import type { NamedArrays } from '../inversion/namedArrays.ts';
import {
  batchValues,
  type Losses,
  type TrainBatch,
  type TrainStepOptions,
  trainExpression,
} from '../inversion/trainExpression.ts';
import type { Executable, Values } from '../tensor/executable.ts';
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

export interface TrainGraphResult {
  readonly losses: Losses;
  readonly prediction: Float32Array;
  /** By the names of what is trained, of {@link innerValues} and {@link tableName}. */
  readonly gradients: NamedArrays;
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
  const table = vocabularyTable(model);
  const expression = trainExpression(model, options);
  const wanted = new Map<string, Tensor>(expression.parameters);
  if (options.wholeTable) wanted.set(tableName, table);
  if (options.innerGradients)
    for (const name of innerValues) wanted.set(name, inner(expression, name));
  const gradients = gradient(expression.losses.total, [...wanted.values()]);
  const names = [...wanted.keys()];
  const executable = await model.compile(
    createGraph({
      ...prefixed('loss', Object.entries(expression.losses)),
      ...prefixed(
        'gradient',
        names.map((name, index) => [name, gradients[index]] as const),
      ),
      output: expression.prediction,
    }),
  );
  return {
    run: async (batch, values) => {
      const inputs = batchValues(model, options, batch, expression.parameters, values);
      return readResult(executable, names, inputs);
    },
    release: () => executable.release(),
  };
}

function inner(expression: ReturnType<typeof trainExpression>, name: (typeof innerValues)[number]) {
  return expression[name];
}

function prefixed(
  prefix: string,
  entries: Iterable<readonly [string, Tensor | undefined]>,
): Record<string, Tensor> {
  const named: Record<string, Tensor> = {};
  for (const [name, tensor] of entries) if (tensor) named[`${prefix}.${name}`] = tensor;
  return named;
}

async function readResult(
  executable: Executable,
  names: readonly string[],
  inputs: Values,
): Promise<TrainGraphResult> {
  const outputs = await executable.run(inputs);
  const loss = (name: string) => (outputs[name] ? float32(outputs[name])[0] : undefined);
  return {
    losses: {
      total: float32(outputs['loss.total'])[0],
      reconstruction: float32(outputs['loss.reconstruction'])[0],
      prior: loss('loss.prior'),
      anchor: loss('loss.anchor'),
    },
    prediction: float32(outputs.output),
    gradients: Object.fromEntries(
      names.map((name) => [name, float32(outputs[`gradient.${name}`])]),
    ),
  };
}
