import { readFileSync } from 'node:fs';
import type { DiffusionModel } from '../../src-main/engine/diffusion/model.ts';
import { createTextEncoder } from '../../src-main/engine/diffusion/networks.ts';
import type { PlacedObject } from '../../src-main/engine/spatial/layoutMasks.ts';
import type { TensorData } from '../../src-main/engine/tensor/tensorData.ts';
import { parseBox } from '../../src-shared/layout.ts';
import { requireGoldenPath } from './golden.ts';
import { goldenFloats, readGolden } from './goldenTensors.ts';

interface GoldenObjects {
  readonly boxes: readonly (readonly number[])[][];
  readonly positions: readonly (readonly number[])[];
  readonly ids: readonly number[];
}

interface CaCase extends GoldenObjects {
  readonly t: number;
  readonly latent: readonly [number, number];
}

export interface SpatialCase extends GoldenObjects {
  readonly updates_per_step: readonly number[];
  readonly num_steps: number;
  readonly guidance: number;
  readonly loss_scale: number;
  readonly loss_threshold: number;
  readonly max_iter: number;
  readonly max_index_step: number;
}

interface GoldenIndex {
  readonly files: Record<string, Record<string, { readonly tol_rel_l2?: number }>>;
  readonly ca_cases: Record<string, CaCase>;
  readonly spatial: Record<string, SpatialCase>;
  readonly placeholder: { readonly id: number; readonly initializer_id: number };
}

/** The index of a folder of reference numbers. */
export function readIndex(relative: string): GoldenIndex {
  return JSON.parse(readFileSync(requireGoldenPath(relative), 'utf8'));
}

export function readTensors(relative: string): Map<string, TensorData> {
  return readGolden(requireGoldenPath(relative));
}

/** Recommended tolerance of a reference tensor. */
export function toleranceOf(index: GoldenIndex, file: string, key: string): number {
  const tolerance = index.files[file]?.[key]?.tol_rel_l2;
  if (tolerance === undefined) throw new Error(`${file}: no tolerance for '${key}'`);
  return tolerance;
}

/** Objects of a reference case with their boxes. */
export function goldenObjects({ boxes, positions }: GoldenObjects): PlacedObject[] {
  return positions.map((own, index) => ({
    positions: own,
    boxes: boxes[index].map((box) => parseBox(box)),
  }));
}

/** Row of the placeholder token in the reference cases. */
export function placeholderRow(name: string): Float32Array {
  const tensors = readTensors(`${name}-golden/sample/spatial.safetensors`);
  return goldenFloats(tensors, 'placeholder_embedding');
}

/** Hidden states of prompts that may hold one placeholder: [prompts, tokens, hiddenSize]. */
export async function encodePrompts(
  model: DiffusionModel,
  row: Float32Array,
  ...ids: readonly (readonly number[])[]
): Promise<Float32Array> {
  const encoder = await createTextEncoder(model, { batch: ids.length, placeholders: 1 });
  const hidden = await encoder.encode(ids, row);
  await encoder.release();
  return hidden;
}
