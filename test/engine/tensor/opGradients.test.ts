import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { mul } from '../../../src-main/engine/tensor/ops/mul.ts';
import { stopGradient } from '../../../src-main/engine/tensor/ops/stopGradient.ts';
import type { Node } from '../../../src-main/engine/tensor/tensor.ts';
import { checkGradient } from '../../support/gradientCheck.ts';
import { drawInputs, type OpCase, real } from '../../support/opCase.ts';
import { reference } from '../../support/reference/evaluate.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';
import { allCases } from './cases/allCases.ts';

const opNames = readdirSync(resolve(import.meta.dirname, '../../../src-main/engine/tensor/ops'))
  .map((file) => file.replace(/\.ts$/, ''))
  .sort();

/** Ops that take no values have nothing to pass a gradient to; gradient.test.ts has what `stopGradient` promises. */
const withoutRow = new Set(['input', 'weight', 'constant', 'stopGradient']);

const rows = Object.entries(allCases).flatMap(([op, cases]) =>
  cases.map((opCase) => ({ op, title: `${op}: ${opCase.name}`, opCase })),
);

/** The nodes that a case applies. */
function nodesOf({ inputs, build }: OpCase): readonly Node[] {
  const { tensors } = drawInputs(inputs, 'float32', seededRandom(testSeed));
  return createGraph({ output: build(...tensors) }).nodes;
}

function isDifferentiable(op: string): boolean {
  return allCases[op].flatMap(nodesOf).some((node) => node.op === op && node.vjp !== 'none');
}

describe('every op of the folder', () => {
  test.each(opNames)('%s has cases that apply it', (op) => {
    if (withoutRow.has(op)) return;
    const cases = allCases[op] ?? [];
    const applied = cases.filter((opCase) => nodesOf(opCase).some((node) => node.op === op));
    expect(applied.length, `test/engine/tensor/cases has rows for '${op}'`).toBeGreaterThan(0);
  });

  test.each(opNames)('%s has a reference', (op) => {
    expect(Object.keys(reference)).toContain(op);
  });

  test('has its name, and no row or reference is left over', () => {
    const applied = Object.values(allCases).flatMap((cases) => cases.flatMap(nodesOf));
    const known = new Set(opNames);
    expect(applied.filter((node) => !known.has(node.op)).map((node) => node.op)).toEqual([]);
    expect(Object.keys(allCases).filter((op) => !known.has(op))).toEqual([]);
    expect(Object.keys(reference).sort()).toEqual(opNames);
  });

  test('has a gradient except the two that cannot', () => {
    const without = Object.keys(allCases).filter((op) => !isDifferentiable(op));
    expect(without.sort()).toEqual(['greaterOrEqual', 'topK']);
  });
});

const differentiable = rows.filter(({ op }) => isDifferentiable(op));

describe('gradients against central differences in float64', () => {
  test.each(differentiable)('$title', ({ opCase }) => {
    const derivatives = checkGradient(opCase, testSeed);
    expect(derivatives.length).toBeGreaterThan(0);
    // two zeros would agree, too
    const flat = derivatives.filter(({ numeric }) => Math.abs(numeric) < 1e-6);
    expect(flat.map(({ input }) => input)).toEqual([]);
  });
});

describe('gradients of gradients', () => {
  const twice = differentiable.filter(({ opCase }) => opCase.twice !== false);
  test.each(twice)('$title', ({ opCase }) => {
    expect(checkGradient(opCase, testSeed, 2).length).toBeGreaterThan(0);
  });
});

test('the checker shows analytic and numeric side by side, with the seed', () => {
  const wrong: OpCase = {
    name: 'half a square',
    inputs: [real(3)],
    build: (x) => mul(x, stopGradient(x)),
  };
  expect(() => checkGradient(wrong, 7)).toThrow(
    /gradient of 'half a square' is wrong \(seed 7\):\n {2}input0: analytic \S+, numeric \S+: WRONG/,
  );
});
