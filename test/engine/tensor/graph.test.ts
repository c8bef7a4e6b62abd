import { describe, expect, test } from 'vitest';
import { emitModel } from '../../../src-main/engine/onnx/emit.ts';
import { gradient } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { add } from '../../../src-main/engine/tensor/ops/add.ts';
import { cast } from '../../../src-main/engine/tensor/ops/cast.ts';
import { exp } from '../../../src-main/engine/tensor/ops/exp.ts';
import { gather } from '../../../src-main/engine/tensor/ops/gather.ts';
import { greaterOrEqual } from '../../../src-main/engine/tensor/ops/greaterOrEqual.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import { mul } from '../../../src-main/engine/tensor/ops/mul.ts';
import { sumAll } from '../../../src-main/engine/tensor/ops/reduceSum.ts';
import { weight } from '../../../src-main/engine/tensor/ops/weight.ts';
import { apply, type OpRule, type Tensor } from '../../../src-main/engine/tensor/tensor.ts';

const x = input('x', [2]);
const y = input('y', [2]);

describe('a graph', () => {
  test('holds exactly what its outputs need, each value after its inputs', () => {
    const unused = mul(input('unused', [2]), x);
    const graph = createGraph({ sum: add(exp(x), y) });
    expect([...graph.inputs.keys()].sort()).toEqual(['x', 'y']);
    expect(graph.nodes.map((node) => node.op)).toEqual(['input', 'exp', 'input', 'add']);
    expect(graph.nodes).not.toContain(unused.node);
  });

  test('holds a shared value once', () => {
    const shared = exp(x);
    const graph = createGraph({ a: add(shared, shared), b: mul(shared, y) });
    expect(graph.nodes.filter((node) => node.op === 'exp')).toHaveLength(1);
  });

  test('drops the forward pass that a gradient does not need', () => {
    const [dx] = gradient(sumAll(add(mul(x, 3), exp(y))), [x]);
    const graph = createGraph({ dx });
    expect([...graph.inputs.keys()]).toEqual([]);
    expect(graph.nodes.map((node) => node.op)).not.toContain('exp');
  });

  test('emits nothing that its outputs do not need', () => {
    const product = mul(x, y);
    exp(product);
    const text = new TextDecoder().decode(emitModel(createGraph({ product })).bytes);
    expect(text).toContain('Mul');
    expect(text).not.toContain('Exp');
  });

  test('orders 100,000 values without recursion', () => {
    let value = x;
    for (let i = 0; i < 100_000; i++) value = add(value, y);
    expect(createGraph({ value }).nodes).toHaveLength(100_002);
  });

  test('emits 20,000 values in a row', () => {
    let value = x;
    for (let i = 0; i < 20_000; i++) value = add(value, y);
    expect(emitModel(createGraph({ value })).bytes.length).toBeGreaterThan(20_000 * 20);
  });
});

/** An op that believes whatever it is told. */
const broken: OpRule<{ readonly shape: readonly number[] }> = {
  op: 'broken',
  infer: (_, { shape }) => [{ shape, dtype: 'float32' }],
  vjp: 'none',
  emit: () => {},
};

const location = { file: '/weights', offset: 0, byteLength: 4 };

const refusals: readonly (readonly [string, () => unknown, string])[] = [
  ['no outputs', () => createGraph({}), 'graph: at least one output is needed'],
  [
    'two inputs of one name',
    () => createGraph({ sum: add(x, input('x', [2])) }),
    "graph: two inputs are named 'x'",
  ],
  [
    'an output with the name of an input',
    () => createGraph({ x: exp(x) }),
    "graph: 'x' names an input and an output",
  ],
  [
    'an output with the name of an input of another output',
    () => createGraph({ a: exp(x), x: exp(y) }),
    "graph: 'x' names an input and an output",
  ],
  [
    'an input of a storage type',
    () => createGraph({ wide: cast(input('narrow', [2], 'float16'), 'float32') }),
    "graph: 'narrow' is float16, which cannot enter or leave a graph; cast it",
  ],
  [
    'an output of a storage type',
    () => createGraph({ narrow: weight('w', [2], 'bfloat16', location) }),
    "graph: 'narrow' is bfloat16, which cannot enter or leave a graph; cast it",
  ],
  [
    'an output of truth values',
    () => createGraph({ larger: greaterOrEqual(x, y) }),
    "graph: 'larger' is bool, which cannot enter or leave a graph; cast it",
  ],
  [
    'a negative size',
    () => createGraph({ value: apply(broken, [], { shape: [2, -1] }) }),
    "internal: 'broken' makes a value [2, -1]",
  ],
  [
    'a fractional size',
    () => createGraph({ value: apply(broken, [], { shape: [1.5] }) }),
    "internal: 'broken' makes a value [1.5]",
  ],
  [
    'a value that no node makes',
    () => createGraph({ value: exp({ ...x, shape: [3] }) }),
    "internal: 'exp' takes a value that no node makes",
  ],
  [
    'a node whose output belongs to another',
    () => createGraph({ value: exp(misplaced()) }),
    "internal: output 0 of 'exp' belongs to another node",
  ],
];

/** A value that names a node which names another value. */
function misplaced(): Tensor {
  const stranger = exp(y);
  return { ...stranger, node: { ...stranger.node } };
}

describe('a graph refuses', () => {
  test.each(refusals)('%s', (_, build, message) => {
    expect(build).toThrow(new Error(message));
  });
});

test('one input may be used by several outputs and gather by its own indices', () => {
  const rows = input('rows', [3], 'int64');
  const table = input('table', [4, 2]);
  const graph = createGraph({ rows2: rows, chosen: gather(table, rows) });
  expect(graph.inputs.size).toBe(2);
});
