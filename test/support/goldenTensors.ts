import { readFileSync } from 'node:fs';
import type { TensorData } from '../../src-main/engine/tensor/tensorData.ts';

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * All tensors of a reference file, by key. Independent of the engine's own reader, which it helps to check;
 * reads only what the reference files hold: F32, F64, I64 and U8.
 */
export function readGolden(path: string): Map<string, TensorData> {
  const file = readFileSync(path);
  const headerEnd = 8 + Number(file.readBigUInt64LE(0));
  const header: Record<string, HeaderEntry> = JSON.parse(file.toString('utf8', 8, headerEnd));
  delete header.__metadata__;
  return new Map(
    Object.entries(header).map(
      ([
        key,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]) => {
        // A copy: typed arrays need their own alignment.
        const bytes = new Uint8Array(file.subarray(headerEnd + start, headerEnd + end)).buffer;
        return [key, toTensorData(key, dtype, shape, bytes)];
      },
    ),
  );
}

/** The values of a float32 reference tensor. @throws Error when the key is absent or of another type. */
export function goldenFloats(tensors: ReadonlyMap<string, TensorData>, key: string): Float32Array {
  const tensor = tensors.get(key);
  if (tensor?.dtype !== 'float32') throw new Error(`'${key}' is ${tensor?.dtype ?? 'absent'}`);
  return tensor.data;
}

/** ||actual - expected|| / ||expected||, or the absolute norm where the expected values are all zero. */
export function relativeL2(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`${actual.length} values where ${expected.length} are expected`);
  }
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}

function toTensorData(
  key: string,
  dtype: string,
  shape: readonly number[],
  bytes: ArrayBuffer,
): TensorData {
  switch (dtype) {
    case 'F32':
      return { dtype: 'float32', shape, data: new Float32Array(bytes) };
    case 'F64':
      return { dtype: 'float64', shape, data: new Float64Array(bytes) };
    case 'I64':
      return { dtype: 'int64', shape, data: new BigInt64Array(bytes) };
    case 'U8':
      return { dtype: 'uint8', shape, data: new Uint8Array(bytes) };
    default:
      throw new Error(`'${key}': ${dtype} does not occur in reference files`);
  }
}
