import type { Attributes } from '../../../src-main/engine/tensor/tensor.ts';
import type { ReferenceValue } from './referenceValue.ts';

/** Computes one op plainly, from its inputs and attributes alone. */
export type ReferenceOp = (
  inputs: readonly ReferenceValue[],
  attributes: Attributes,
) => readonly ReferenceValue[];

export function numberOf(attributes: Attributes, name: string, otherwise?: number): number {
  const value = attributes[name] ?? otherwise;
  if (typeof value !== 'number') throw new Error(`reference: attribute '${name}' is ${value}`);
  return value;
}

export function numbersOf(attributes: Attributes, name: string): readonly number[] {
  const value = attributes[name];
  if (!Array.isArray(value)) throw new Error(`reference: attribute '${name}' is ${value}`);
  return value.map(Number);
}

export function stringOf(attributes: Attributes, name: string): string {
  const value = attributes[name];
  if (typeof value !== 'string') throw new Error(`reference: attribute '${name}' is ${value}`);
  return value;
}
