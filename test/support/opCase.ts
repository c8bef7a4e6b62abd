import { input } from '../../src-main/engine/tensor/ops/input.ts';
import type { Shape } from '../../src-main/engine/tensor/shape.ts';
import type { Tensor } from '../../src-main/engine/tensor/tensor.ts';
import { countOf } from './reference/referenceValue.ts';
import { normals, shuffled } from './seededRandom.ts';

/** One input of a case: its shape and how its numbers are drawn. int64 inputs are indices and are not differentiated. */
export interface InputSpec {
  readonly shape: Shape;
  readonly dtype: 'real' | 'int64';
  readonly draw: (random: () => number, count: number) => readonly number[];
}

/** One op at one class of shapes at which the product uses it. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly InputSpec[];
  readonly build: (...values: readonly Tensor[]) => Tensor;
  /** False where the second derivative cannot be taken; its refusal has a test of its own. */
  readonly twice?: boolean;
}

/** The cases of each op, by the op's name. */
export type OpCases = Readonly<Record<string, readonly OpCase[]>>;

/** Normally distributed numbers. */
export function real(...shape: number[]): InputSpec {
  return { shape, dtype: 'real', draw: normals };
}

/** Numbers between 0.5 and 2.5: far from the poles of quotients, logarithms and roots. */
export function positive(...shape: number[]): InputSpec {
  return {
    shape,
    dtype: 'real',
    draw: (random, count) => Array.from({ length: count }, () => 0.5 + 2 * random()),
  };
}

/** Numbers in random order no two of which come closer than 0.25, nor any to 0: far from ties and from steps. */
export function apart(...shape: number[]): InputSpec {
  return {
    shape,
    dtype: 'real',
    draw: (random, count) => {
      const grid = Array.from({ length: count }, (_, i) => (i - Math.floor(count / 2)) * 0.25);
      return shuffled(
        random,
        grid.map((value) => value + 0.125),
      );
    },
  };
}

/** Given numbers, for ties and borders. */
export function given(shape: Shape, values: readonly number[]): InputSpec {
  return { shape, dtype: 'real', draw: () => values };
}

/** Given indices. */
export function ids(shape: Shape, values: readonly number[]): InputSpec {
  return { shape, dtype: 'int64', draw: () => values };
}

/** Graph inputs of a case, named input0, input1 and so on, with numbers for them. */
export function drawInputs(
  specs: readonly InputSpec[],
  dtype: 'float32' | 'float64',
  random: () => number,
): { readonly tensors: Tensor[]; readonly feeds: Record<string, Float64Array> } {
  const feeds: Record<string, Float64Array> = {};
  const tensors = specs.map((spec, index) => {
    const name = `input${index}`;
    const drawn = Float64Array.from(spec.draw(random, countOf(spec.shape)));
    feeds[name] = dtype === 'float32' ? drawn.map(Math.fround) : drawn;
    return input(name, spec.shape, spec.dtype === 'real' ? dtype : 'int64');
  });
  return { tensors, feeds };
}
