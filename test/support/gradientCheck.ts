import { gradient } from '../../src-main/engine/tensor/gradient.ts';
import { createGraph } from '../../src-main/engine/tensor/graph.ts';
import { add } from '../../src-main/engine/tensor/ops/add.ts';
import { floatConstant } from '../../src-main/engine/tensor/ops/constant.ts';
import { mul } from '../../src-main/engine/tensor/ops/mul.ts';
import { sumAll } from '../../src-main/engine/tensor/ops/reduceSum.ts';
import type { Tensor } from '../../src-main/engine/tensor/tensor.ts';
import { drawInputs, type OpCase } from './opCase.ts';
import { evaluate, type Feeds } from './reference/evaluate.ts';
import { countOf } from './reference/referenceValue.ts';
import { normals, seededRandom } from './seededRandom.ts';

/** Derivative of a scalar along one random direction of one input, computed in two ways. */
export interface DirectionalDerivative {
  readonly input: string;
  readonly analytic: number;
  readonly numeric: number;
}

/** Half the distance between the two points of a central difference; its error is of the order of its square. */
const step = 1e-5;

/**
 * Checks the gradient of sum(output * random weights) with respect to each real input: in float64, along a random
 * direction, against central differences. Order 2 checks the gradient of a weighted sum of gradients, those of
 * sum(output^2 * random weights), in which linear ops have a second derivative too.
 *
 * @throws Error that lists the analytic and the numeric derivative of every input, and the seed
 */
export function checkGradient(
  { name, inputs, build }: OpCase,
  seed: number,
  order: 1 | 2 = 1,
): readonly DirectionalDerivative[] {
  const random = seededRandom(seed);
  const { tensors, feeds } = drawInputs(inputs, 'float64', random);
  const differentiated = tensors.filter((tensor) => tensor.dtype === 'float64');
  const output = build(...tensors);
  const first = weightedSum(order === 1 ? output : mul(output, output), random);
  const scalar = order === 1 ? first : sumOfGradients(first, differentiated, random);
  const derivatives = compare(scalar, differentiated, feeds, random);
  const wrong = derivatives.filter((derivative) => !agrees(derivative));
  if (wrong.length > 0) throw new Error(report(name, derivatives, seed));
  return derivatives;
}

function weightedSum(value: Tensor, random: () => number): Tensor {
  const weights = normals(random, countOf(value.shape));
  return sumAll(mul(value, floatConstant(value.shape, weights, 'float64')));
}

function sumOfGradients(scalar: Tensor, values: readonly Tensor[], random: () => number): Tensor {
  return gradient(scalar, values)
    .map((value) => weightedSum(value, random))
    .reduce((sum, value) => add(sum, value));
}

function compare(
  scalar: Tensor,
  values: readonly Tensor[],
  feeds: Feeds,
  random: () => number,
): DirectionalDerivative[] {
  const gradients = gradient(scalar, values);
  const names = values.map((value) => String(value.node.attributes.name));
  const graph = createGraph(Object.fromEntries(names.map((name, i) => [`d${name}`, gradients[i]])));
  const analytic = evaluate(graph, feeds);
  return names.map((name) => {
    const direction = normals(random, feeds[name].length);
    const along = analytic[`d${name}`].reduce((sum, value, i) => sum + value * direction[i], 0);
    return { input: name, analytic: along, numeric: difference(scalar, feeds, name, direction) };
  });
}

function difference(
  scalar: Tensor,
  feeds: Feeds,
  name: string,
  direction: readonly number[],
): number {
  const graph = createGraph({ scalar });
  const valueAt = (distance: number) => {
    const moved = Float64Array.from(feeds[name], (x, i) => x + distance * direction[i]);
    return evaluate(graph, { ...feeds, [name]: moved }).scalar[0];
  };
  return (valueAt(step) - valueAt(-step)) / (2 * step);
}

function agrees({ analytic, numeric }: DirectionalDerivative): boolean {
  return Math.abs(analytic - numeric) <= 1e-6 * Math.max(1, Math.abs(analytic), Math.abs(numeric));
}

function report(name: string, rows: readonly DirectionalDerivative[], seed: number): string {
  const lines = rows.map((row) => {
    const mark = agrees(row) ? 'agrees' : 'WRONG';
    return `  ${row.input}: analytic ${row.analytic}, numeric ${row.numeric}: ${mark}`;
  });
  return [`the gradient of '${name}' is wrong (seed ${seed}):`, ...lines].join('\n');
}
