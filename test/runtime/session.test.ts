import { describe, expect, test } from 'vitest';
import { createSession } from '../../src-main/engine/runtime/session.ts';
import type { Values } from '../../src-main/engine/tensor/executable.ts';
import { createGraph } from '../../src-main/engine/tensor/graph.ts';
import { add } from '../../src-main/engine/tensor/ops/add.ts';
import { exp } from '../../src-main/engine/tensor/ops/exp.ts';
import { input } from '../../src-main/engine/tensor/ops/input.ts';
import { mul } from '../../src-main/engine/tensor/ops/mul.ts';
import { float32Data, int64Data } from '../../src-main/engine/tensor/tensorData.ts';

const onProcessor = { executionProviders: ['cpu'], threads: 1 };
const x = input('x', [2]);
const y = input('y', [2]);
const ones = float32Data([2], Float32Array.of(1, 1));
const twos = float32Data([2], Float32Array.of(2, 2));

describe('a session', () => {
  test('runs again and again, each time with its own inputs', async () => {
    const session = await createSession(createGraph({ sum: add(x, y) }), onProcessor);
    const first = await session.run({ x: ones, y: twos });
    const second = await session.run({ x: twos, y: twos });
    expect(first.sum).toEqual({ dtype: 'float32', shape: [2], data: Float32Array.of(3, 3) });
    expect(second.sum.data).toEqual(Float32Array.of(4, 4));
    await session.release();
  });

  test('leaves its inputs as they are', async () => {
    const session = await createSession(createGraph({ power: exp(mul(x, x)) }), onProcessor);
    const data = Float32Array.of(1, 2);
    await session.run({ x: float32Data([2], data) });
    expect(data).toEqual(Float32Array.of(1, 2));
    await session.release();
  });

  test('gives the same bits whatever the number of sessions', async () => {
    const graph = createGraph({ power: exp(x) });
    const sessions = [
      await createSession(graph, onProcessor),
      await createSession(graph, onProcessor),
    ];
    const [a, b] = await Promise.all(sessions.map((session) => session.run({ x: ones })));
    expect(a).toEqual(b);
    for (const session of sessions) await session.release();
  });

  test('needs no values for inputs that its outputs do not depend on', async () => {
    mul(x, y);
    const session = await createSession(createGraph({ double: add(x, x) }), onProcessor);
    expect((await session.run({ x: ones })).double.data).toEqual(Float32Array.of(2, 2));
    expect((await session.run({ x: ones, y: twos })).double.data).toEqual(Float32Array.of(2, 2));
    await session.release();
  });
});

const refusals: readonly (readonly [string, Values, string])[] = [
  ['a missing input', { x: ones }, "run: input 'y' must be float32 [2], not nothing"],
  [
    'another shape',
    { x: ones, y: float32Data([1, 2], Float32Array.of(1, 2)) },
    "run: input 'y' must be float32 [2], not float32 [1, 2]",
  ],
  [
    'another type',
    { x: int64Data([2], [1, 2]), y: ones },
    "run: input 'x' must be float32 [2], not int64 [2]",
  ],
];

describe('a run refuses', () => {
  test.each(refusals)('%s', async (_, values, message) => {
    const session = await createSession(createGraph({ sum: add(x, y) }), onProcessor);
    await expect(session.run(values)).rejects.toThrow(new Error(message));
    await session.release();
  });

  test('fewer numbers than the shape says', async () => {
    const session = await createSession(createGraph({ sum: add(x, x) }), onProcessor);
    await expect(session.run({ x: float32Data([2], Float32Array.of(1)) })).rejects.toThrow(/size/);
    await session.release();
  });
});
