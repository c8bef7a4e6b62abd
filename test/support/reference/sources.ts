import { closeSync, openSync, readSync } from 'node:fs';
import type { Attributes } from '../../../src-main/engine/tensor/tensor.ts';
import { numberOf, numbersOf, stringOf } from './referenceOp.ts';
import type { ReferenceValue } from './referenceValue.ts';

/** The numbers of a `constant` node. */
export function constantReference(attributes: Attributes): ReferenceValue {
  const { value } = attributes;
  if (!isData(value)) throw new Error('reference: a constant without numbers');
  return { shape: value.shape, data: Float64Array.from(value.data, Number) };
}

function isData(
  value: unknown,
): value is { readonly shape: readonly number[]; readonly data: ArrayLike<number | bigint> } {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;
}

type Decoder = readonly [bytes: number, read: (view: DataView, offset: number) => number];

const decoders: Readonly<Record<string, Decoder>> = {
  float32: [4, (view, offset) => view.getFloat32(offset, true)],
  float64: [8, (view, offset) => view.getFloat64(offset, true)],
  float16: [2, (view, offset) => view.getFloat16(offset, true)],
  bfloat16: [2, (view, offset) => widen(view.getUint16(offset, true))],
  int64: [8, (view, offset) => Number(view.getBigInt64(offset, true))],
  bool: [1, (view, offset) => view.getUint8(offset)],
};

/** bfloat16 is the upper half of a float32. */
function widen(upper: number): number {
  return new Float32Array(Uint32Array.of(upper * 65536).buffer)[0];
}

/** The numbers of a `weight` node, read from its file. */
export function weightReference(attributes: Attributes): ReferenceValue {
  const location = attributes.location;
  if (typeof location !== 'object') throw new Error('reference: a weight without a place');
  const place: Attributes = { ...location };
  const bytes = new Uint8Array(numberOf(place, 'byteLength'));
  const file = openSync(stringOf(place, 'file'), 'r');
  readSync(file, bytes, 0, bytes.length, numberOf(place, 'offset'));
  closeSync(file);
  const [size, read] = decoders[stringOf(attributes, 'dtype')];
  const view = new DataView(bytes.buffer);
  const data = Float64Array.from({ length: bytes.length / size }, (_, i) => read(view, i * size));
  return { shape: numbersOf(attributes, 'shape'), data };
}
