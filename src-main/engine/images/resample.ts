import type { Raster } from './raster.ts';

/** How far the filter reaches at enlargement, and its weight at a distance. */
interface Kernel {
  readonly support: number;
  weight(distance: number): number;
}

const kernels = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} satisfies Record<string, Kernel>;

export type ResampleFilter = keyof typeof kernels;

/** Weights are whole multiples of 2^-22, as in Pillow. */
const precisionBits = 22;

/**
 * Resizes as Pillow does (src/libImaging/Resample.c, 8 bits per channel, since 2.7): first across, then down, each
 * with the filter widened by the factor of reduction, whole-number weights and an 8-bit picture in between.
 * The models of the field were trained on pictures made this way; see decision record 0004.
 */
export function resizeRaster(
  raster: Raster,
  width: number,
  height: number,
  filter: ResampleFilter,
): Raster {
  const across = width === raster.width ? raster : resizeWidth(raster, width, kernels[filter]);
  return height === raster.height ? across : resizeHeight(across, height, kernels[filter]);
}

/** Weights of the source pixels from `first` on for one target pixel. */
interface Window {
  readonly first: number;
  readonly weights: Int32Array;
}

function windowsOf(sourceSize: number, targetSize: number, kernel: Kernel): Window[] {
  const scale = sourceSize / targetSize;
  const stretch = Math.max(scale, 1);
  const reach = kernel.support * stretch;
  return Array.from({ length: targetSize }, (_, target) => {
    const center = (target + 0.5) * scale;
    const first = Math.max(Math.trunc(center - reach + 0.5), 0);
    const end = Math.min(Math.trunc(center + reach + 0.5), sourceSize);
    const weights = Array.from({ length: end - first }, (_, i) =>
      kernel.weight((first + i - center + 0.5) / stretch),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: Int32Array.from(weights, (weight) => toFixedPoint(weight / sum)) };
  });
}

/** Rounded half away from zero. */
function toFixedPoint(weight: number): number {
  return Math.trunc(weight * 2 ** precisionBits + (weight < 0 ? -0.5 : 0.5));
}

function resizeWidth(raster: Raster, width: number, kernel: Kernel): Raster {
  const { height, channels } = raster;
  const windows = windowsOf(raster.width, width, kernel);
  const data = new Uint8Array(width * height * channels);
  let target = 0;
  for (let y = 0; y < height; y++) {
    for (const { first, weights } of windows) {
      const start = (y * raster.width + first) * channels;
      for (let c = 0; c < channels; c++) {
        data[target++] = weightedPixel(raster.data, start + c, channels, weights);
      }
    }
  }
  return { width, height, channels, data };
}

function resizeHeight(raster: Raster, height: number, kernel: Kernel): Raster {
  const { width, channels } = raster;
  const stride = width * channels;
  const data = new Uint8Array(height * stride);
  let target = 0;
  for (const { first, weights } of windowsOf(raster.height, height, kernel)) {
    for (let column = 0; column < stride; column++) {
      data[target++] = weightedPixel(raster.data, first * stride + column, stride, weights);
    }
  }
  return { width, height, channels, data };
}

function weightedPixel(data: Uint8Array, start: number, stride: number, weights: Int32Array) {
  let sum = 2 ** (precisionBits - 1);
  for (let i = 0; i < weights.length; i++) sum += data[start + i * stride] * weights[i];
  return Math.min(Math.max(Math.floor(sum / 2 ** precisionBits), 0), 255);
}

/** Keys' cubic convolution with a = -1/2 (IEEE Transactions on Acoustics, Speech and Signal Processing 29, 1981). */
function bicubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
