import { openCheckpoint } from '../src-main/engine/checkpoint/checkpoint.ts';
import type { DiffusionModel } from '../src-main/engine/diffusion/model.ts';
import { loadModel } from '../src-main/engine/loadModel.ts';
import { createSession } from '../src-main/engine/runtime/session.ts';

/** A checkpoint for the processor. */
export function openModel(folder: string, threads: number): DiffusionModel {
  return loadModel(openCheckpoint(folder), (graph) =>
    createSession(graph, { executionProviders: ['cpu'], threads }),
  );
}
