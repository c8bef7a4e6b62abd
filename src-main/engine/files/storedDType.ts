import type { Shape } from '../tensor/shape.ts';
import { float32Data, type TensorData } from '../tensor/tensorData.ts';

/** Bits of one element. The narrow floats are known so that such files can be inspected. */
const bitsOfDType = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  U64: 64,
  F64: 64,
  C64: 64,
} as const;

/** The type of a stored tensor's elements, as .safetensors files call it; more than graphs compute in. */
export type StoredDType = keyof typeof bitsOfDType;

export const storedDTypes = Object.keys(bitsOfDType) as StoredDType[];

export function bitsPerElement(dtype: StoredDType): number {
  return bitsOfDType[dtype];
}

/** Of an element type of at least a byte. */
export function bytesPerElement(dtype: StoredDType): number {
  return bitsOfDType[dtype] / 8;
}

type Decoder = (bytes: ArrayBuffer, shape: Shape) => TensorData;

const decoders: Partial<Record<StoredDType, Decoder>> = {
  F32: (bytes, shape) => float32Data(shape, new Float32Array(bytes)),
  F16: (bytes, shape) => float32Data(shape, new Float32Array(new Float16Array(bytes))),
  BF16: (bytes, shape) => float32Data(shape, widenBFloat16(new Uint16Array(bytes))),
  F64: (bytes, shape) => ({ dtype: 'float64', shape, data: new Float64Array(bytes) }),
  I64: (bytes, shape) => ({ dtype: 'int64', shape, data: new BigInt64Array(bytes) }),
  I32: (bytes, shape) => integers(shape, new Int32Array(bytes)),
  I16: (bytes, shape) => integers(shape, new Int16Array(bytes)),
  I8: (bytes, shape) => integers(shape, new Int8Array(bytes)),
  U8: (bytes, shape) => ({ dtype: 'uint8', shape, data: new Uint8Array(bytes) }),
  BOOL: (bytes, shape) => ({ dtype: 'uint8', shape, data: new Uint8Array(bytes) }),
};

export const decodedDTypes = Object.keys(decoders) as StoredDType[];

/**
 * Numbers of bytes: F16 and BF16 widened to float32, integers up to 32 bits to int64, BOOL to uint8.
 *
 * @throws Error where the element type has none here (narrow floats, complex)
 */
export function decodeTensor(dtype: StoredDType, bytes: ArrayBuffer, shape: Shape): TensorData {
  const decode = decoders[dtype];
  if (!decode) throw new Error(`internal: ${dtype} cannot be decoded`);
  return decode(bytes, shape);
}

function integers(shape: Shape, values: Iterable<number>): TensorData {
  return { dtype: 'int64', shape, data: BigInt64Array.from(values, BigInt) };
}

/** bfloat16 is the upper half of a float32. */
function widenBFloat16(halves: Uint16Array): Float32Array {
  const bits = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(bits.buffer);
}
