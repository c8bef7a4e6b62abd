import { sameShape } from '../shape.ts';
import { type Application, applyOp, type OpRule, type Tensor } from '../tensor.ts';
import { describe, requireFloat } from '../typeInference.ts';
import { mul } from './mul.ts';
import { reduceMean } from './reduceMean.ts';
import { sumTo } from './reduceSum.ts';
import { sub } from './sub.ts';

type LayerNormAttributes = { readonly epsilon: number };

const rule: OpRule<LayerNormAttributes> = {
  op: 'layerNorm',
  halfPrecision: 'returns',
  infer: (inputs) => {
    const [x] = inputs;
    const width = x.shape[x.shape.length - 1];
    for (const parameter of inputs.slice(1)) {
      if (!sameShape(parameter.shape, [width]) || parameter.dtype !== x.dtype) {
        throw new Error(`layerNorm: ${describe(parameter)} does not scale ${describe(x)}`);
      }
    }
    const statistics = { shape: x.shape.with(-1, 1), dtype: x.dtype };
    return [requireFloat('layerNorm', x), statistics, statistics];
  },
  vjp: layerNormVjp,
  emit: ({ inputs: [x, ...parameters], outputs, attributes }, emitter) =>
    emitter.add({
      type: 'LayerNormalization',
      inputs: [
        emitter.name(x),
        ...(parameters.length > 0
          ? parameters.map((parameter) => emitter.name(parameter))
          : [emitter.ones(x.shape[x.shape.length - 1], x.dtype)]),
      ],
      outputs: outputs.map((x) => emitter.name(x)),
      attributes: { axis: { int: -1 }, epsilon: { float: attributes.epsilon } },
    }),
};

function layerNormVjp(
  {
    inputs: [x, scale, bias],
    outputs: [y, mean, inverseDeviation],
  }: Application<LayerNormAttributes>,
  [gradient, ...ofStatistics]: readonly (Tensor | undefined)[],
) {
  if (ofStatistics.some(Boolean)) throw new Error('layerNorm: its statistics have no gradient');
  if (!gradient) return [];
  const normalized = scale ? mul(sub(x, mean), inverseDeviation) : y;
  const scaled = scale ? mul(gradient, scale) : gradient;
  const centred = sub(scaled, reduceMean(scaled, [-1]));
  const radial = mul(normalized, reduceMean(mul(scaled, normalized), [-1]));
  return [
    mul(sub(centred, radial), inverseDeviation),
    scale && sumTo(mul(gradient, normalized), scale.shape),
    bias && sumTo(gradient, bias.shape),
  ];
}

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + bias over the last axis [..., width]; scale and bias are [width], and
 * may be left out, the bias alone or both. One fused kernel, whose mean and inverse deviation the gradient reuses.
 */
export function layerNorm(
  x: Tensor,
  epsilon: number,
  ...scaleAndBias: readonly [] | readonly [Tensor] | readonly [Tensor, Tensor]
): Tensor {
  return applyOp(rule, [x, ...scaleAndBias], { epsilon })[0];
}
