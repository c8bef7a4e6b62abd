import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openCheckpoint } from '../../src-main/engine/checkpoint/checkpoint.ts';
import type { DiffusionModel } from '../../src-main/engine/diffusion/model.ts';
import { loadModel } from '../../src-main/engine/loadModel.ts';
import { createSession } from '../../src-main/engine/runtime/session.ts';
import type { Compile } from '../../src-main/engine/tensor/executable.ts';
import { goldenPath } from './golden.ts';
import { readGolden, relativeL2 } from './goldenTensors.ts';

/** The real runtime on the CPU. */
export const compile: Compile = (graph) =>
  createSession(graph, { executionProviders: ['cpu'], threads: 1 });

/** Names of the reference checkpoints whose weights are there; the first is committed. */
export const availableModels = ['tiny-sd1', 'tiny-sd2'].filter((name) =>
  goldenPath(`${name}/unet/diffusion_pytorch_model.safetensors`),
);

/** A reference checkpoint ready to run. */
export function openTinyModel(name: string): DiffusionModel {
  const weights = goldenPath(`${name}/unet/diffusion_pytorch_model.safetensors`);
  if (!weights) throw new Error(`reference checkpoint ${name} is not there`);
  return loadModel(openCheckpoint(resolve(weights, '../..')), compile);
}

interface IndexEntry {
  readonly tol_rel_l2?: number;
}

/** A reference file with the tolerances that its index gives. Undefined where it is not there. */
export function openGolden(folder: string, name: string) {
  const path = goldenPath(`${folder}/${name}.safetensors`);
  const indexPath = goldenPath(`${folder}/index.json`);
  if (!path || !indexPath) return undefined;
  const tensors = readGolden(path);
  const index: { files: Record<string, Record<string, IndexEntry>> } = JSON.parse(
    readFileSync(indexPath, 'utf8'),
  );
  const tensor = (key: string) => {
    const found = tensors.get(key);
    if (!found) throw new Error(`${path}: no tensor '${key}'`);
    return found;
  };
  return {
    keys: [...tensors.keys()],
    floats: (key: string) => Float32Array.from(tensor(key).data, Number),
    shape: (key: string) => tensor(key).shape,
    /** Rows of integers along the last axis. */
    rows: (key: string) => {
      const { data, shape } = tensor(key);
      const width = shape[shape.length - 1];
      const values = Array.from(data, Number);
      return Array.from({ length: values.length / width }, (_, row) =>
        values.slice(row * width, (row + 1) * width),
      );
    },
    /** How far values are from the reference, over what the index allows: at most 1 is right. */
    excess: (key: string, values: ArrayLike<number>) => {
      const tolerance = index.files[`${name}.safetensors`][key]?.tol_rel_l2;
      if (tolerance === undefined) throw new Error(`${path}: '${key}' has no tolerance`);
      return relativeL2(values, Float32Array.from(tensor(key).data, Number)) / tolerance;
    },
  };
}
