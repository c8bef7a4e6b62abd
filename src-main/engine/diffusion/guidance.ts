/**
 * Classifier-free guidance (Ho and Salimans, arXiv 2207.12598), in the convention of Stable Diffusion:
 * unconditional + scale * (conditional - unconditional). Scale 1 is the conditional prediction alone.
 */
export function guide(
  unconditional: Float32Array,
  conditional: Float32Array,
  scale: number,
): Float32Array {
  return unconditional.map((value, i) => value + scale * (conditional[i] - value));
}

/** {@link guide} for a prediction [2 * batch, ...] whose first half is the unconditional one -> [batch, ...]. */
export function guideBatch(prediction: Float32Array, scale: number): Float32Array {
  const half = prediction.length / 2;
  return guide(prediction.subarray(0, half), prediction.subarray(half), scale);
}
