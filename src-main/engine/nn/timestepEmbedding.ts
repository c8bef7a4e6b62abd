import { cast } from '../tensor/ops/cast.ts';
import { concat } from '../tensor/ops/concat.ts';
import { floatConstant } from '../tensor/ops/constant.ts';
import { cos } from '../tensor/ops/cos.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { sin } from '../tensor/ops/sin.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Sinusoidal embedding of timesteps [batch] -> [batch, width] (diffusers 0.17 `get_timestep_embedding`). The frequencies
 * are rounded at every step as float32 arithmetic does, since an angle of 999 radians magnifies their last bit. Sine and
 * cosine are taken in float64: under WebGPU they need only be right to 2^-11, and nowhere beyond half a turn (WGSL's
 * floating point accuracy), and WebGPU has no float64, so that the processor computes these few numbers.
 */
export function timestepEmbedding(
  timesteps: Tensor,
  width: number,
  { flipSinToCos, freqShift }: { readonly flipSinToCos: boolean; readonly freqShift: number },
): Tensor {
  const half = width / 2;
  const frequencies = Array.from({ length: half }, (_, index) => {
    const scaled = Math.fround(Math.fround(-Math.log(10000)) * index);
    return Math.exp(Math.fround(scaled / (half - freqShift)));
  });
  const angles = mul(
    reshape(timesteps, [timesteps.shape[0], 1]), // [batch] -> [batch, 1]
    floatConstant([1, half], frequencies, timesteps.dtype),
  );
  const exact = cast(angles, 'float64');
  const parts = flipSinToCos ? [cos(exact), sin(exact)] : [sin(exact), cos(exact)];
  return cast(concat(parts, 1), timesteps.dtype);
}
