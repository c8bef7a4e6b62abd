/** Numbers on the host, as they enter and leave a graph. Row-major. */
export type TensorData =
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'float64'; readonly shape: readonly number[]; readonly data: Float64Array }
  | { readonly dtype: 'int64'; readonly shape: readonly number[]; readonly data: BigInt64Array }
  | { readonly dtype: 'uint8'; readonly shape: readonly number[]; readonly data: Uint8Array };

export function float32Data(
  shape: readonly number[],
  data: Float32Array,
): TensorData & { dtype: 'float32' } {
  return { dtype: 'float32', shape, data };
}

/** Token ids, timesteps and indices: whole numbers that a graph takes as int64. */
export function int64Data(
  shape: readonly number[],
  values: Iterable<number>,
): TensorData & { dtype: 'int64' } {
  return { dtype: 'int64', shape, data: BigInt64Array.from(values, BigInt) };
}
