import { numberOf, numbersOf, type ReferenceOp } from './referenceOp.ts';
import { at, forEachIndex, generate, total } from './referenceValue.ts';

/** Reduces over the axes, which stay with size 1. */
function reduction(summarize: (values: readonly number[]) => number): ReferenceOp {
  return ([x], attributes) => {
    const axes = numbersOf(attributes, 'axes');
    const reduced = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
    const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return [
      generate(kept, (index) => {
        const values: number[] = [];
        forEachIndex(reduced, (step) => {
          const place = index.map((i, axis) => i + step[axis]);
          values.push(at(x, place));
        });
        return summarize(values);
      }),
    ];
  };
}

function sum(values: readonly number[]): number {
  return total(values.length, (i) => values[i]);
}

const topK: ReferenceOp = ([x], attributes) => {
  const width = x.shape[x.shape.length - 1];
  return [
    generate(x.shape.with(-1, numberOf(attributes, 'count')), (index) => {
      const row = Array.from({ length: width }, (_, i) => at(x, index.with(-1, i)));
      return row.sort((a, b) => b - a)[index[index.length - 1]];
    }),
  ];
};

/** Two passes, as the definition says: the mean first, then the squares of the deviations. */
const layerNorm: ReferenceOp = ([x, scale, bias], attributes) => {
  const width = x.shape[x.shape.length - 1];
  const element = (index: readonly number[], i: number) => at(x, index.with(-1, i));
  const statistics = x.shape.with(-1, 1);
  const mean = generate(statistics, (index) => total(width, (i) => element(index, i)) / width);
  const inverseDeviation = generate(statistics, (index) => {
    const squares = total(width, (i) => (element(index, i) - at(mean, index)) ** 2);
    return 1 / Math.sqrt(squares / width + numberOf(attributes, 'epsilon'));
  });
  const y = generate(x.shape, (index) => {
    const normalized = (at(x, index) - at(mean, index)) * at(inverseDeviation, index);
    return normalized * (scale ? at(scale, index) : 1) + (bias ? at(bias, index) : 0);
  });
  return [y, mean, inverseDeviation];
};

export const reductionsReference: Readonly<Record<string, ReferenceOp>> = {
  reduceSum: reduction(sum),
  reduceMean: reduction((values) => sum(values) / values.length),
  reduceMax: reduction((values) => Math.max(...values)),
  topK,
  layerNorm,
};
