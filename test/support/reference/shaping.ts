import { numberOf, numbersOf, type ReferenceOp } from './referenceOp.ts';
import { at, countOf, forEachIndex, generate, positionOf } from './referenceValue.ts';

const reshape: ReferenceOp = ([x], attributes) => {
  const shape = numbersOf(attributes, 'shape');
  if (countOf(shape) !== x.data.length) throw new Error(`reference: ${x.shape} is not ${shape}`);
  return [{ shape, data: x.data }];
};

const expand: ReferenceOp = ([x], attributes) => [
  generate(numbersOf(attributes, 'shape'), (index) => at(x, index)),
];

const transpose: ReferenceOp = ([x], attributes) => {
  const permutation = numbersOf(attributes, 'permutation');
  const shape = permutation.map((axis) => x.shape[axis]);
  return [
    generate(shape, (index) => {
      const source = shape.map(() => 0);
      for (const [to, from] of permutation.entries()) source[from] = index[to];
      return at(x, source);
    }),
  ];
};

const slice: ReferenceOp = ([x], attributes) => {
  const [axis, start, end] = ['axis', 'start', 'end'].map((name) => numberOf(attributes, name));
  return [
    generate(x.shape.with(axis, end - start), (index) =>
      at(x, index.with(axis, index[axis] + start)),
    ),
  ];
};

const pad: ReferenceOp = ([x], attributes) => {
  const [axis, before, after] = ['axis', 'before', 'after'].map((n) => numberOf(attributes, n));
  const size = x.shape[axis];
  return [
    generate(x.shape.with(axis, before + size + after), (index) => {
      const place = index[axis] - before;
      return place < 0 || place >= size ? 0 : at(x, index.with(axis, place));
    }),
  ];
};

const concat: ReferenceOp = (inputs, attributes) => {
  const axis = numberOf(attributes, 'axis');
  const joined = inputs.reduce((sum, x) => sum + x.shape[axis], 0);
  return [
    generate(inputs[0].shape.with(axis, joined), (index) => {
      let place = index[axis];
      let source = 0;
      while (place >= inputs[source].shape[axis]) place -= inputs[source++].shape[axis];
      return at(inputs[source], index.with(axis, place));
    }),
  ];
};

const gather: ReferenceOp = ([table, indices]) => [
  generate([...indices.shape, table.shape[1]], (index) => {
    const row = at(indices, index.slice(0, -1));
    return at(table, [row, index[index.length - 1]]);
  }),
];

/** updates [count, width], indices [count, 1], table [rows, width] */
const scatterAdd: ReferenceOp = ([updates, indices, table], attributes) => {
  if (table.shape[0] !== numberOf(attributes, 'rows')) throw new Error('reference: scatterAdd');
  const data = Float64Array.from(table.data);
  forEachIndex(updates.shape, ([place, column]) => {
    const row = at(indices, [place, 0]);
    data[positionOf(table.shape, [row, column])] += at(updates, [place, column]);
  });
  return [{ shape: table.shape, data }];
};

const resizeNearest: ReferenceOp = ([x], attributes) => {
  const [height, width] = numbersOf(attributes, 'size');
  return [
    generate([x.shape[0], x.shape[1], height, width], ([batch, channel, row, column]) => {
      const y = Math.floor((row * x.shape[2]) / height);
      return at(x, [batch, channel, y, Math.floor((column * x.shape[3]) / width)]);
    }),
  ];
};

/** Its last input is its value. */
const lastInput: ReferenceOp = (inputs) => inputs.slice(-1);

const split: ReferenceOp = ([x], attributes) => {
  const axis = numberOf(attributes, 'axis');
  let end = 0;
  return numbersOf(attributes, 'sizes').map((size) => {
    const start = end;
    end += size;
    return generate(x.shape.with(axis, size), (index) =>
      at(x, index.with(axis, index[axis] + start)),
    );
  });
};

export const shapingReference: Readonly<Record<string, ReferenceOp>> = {
  reshape,
  expand,
  transpose,
  slice,
  pad,
  concat,
  gather,
  scatterAdd,
  resizeNearest,
  recompute: lastInput,
  customVjp: lastInput,
  split,
  after: (inputs) => inputs.slice(0, 1),
};
