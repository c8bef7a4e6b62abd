import { resolve } from 'node:path';
import { openCheckpoint } from '../../src-main/engine/checkpoint/checkpoint.ts';
import {
  openAlignmentMeter,
  openObjectDetector,
} from '../../src-main/engine/commands/openEvaluators.ts';
import type { DiffusionModel } from '../../src-main/engine/diffusion/model.ts';
import { loadModel } from '../../src-main/engine/loadModel.ts';
import { compile } from './tinyModel.ts';

const root = resolve(import.meta.dirname, '../..');

/** Folders of the shipped evaluators. */
export const clipFolder = resolve(root, 'assets/toybox/evaluators/clip');
export const detectorFolder = resolve(root, 'assets/toybox/evaluators/detector');

/** A file of what PyTorch makes of the shipped evaluators' weights (tools/toybox/evaluators/fixtures.py). */
export function evaluatorFixture(name: string): string {
  return resolve(root, 'test/golden-toybox/evaluators', name);
}

export const openMeter = (batch?: number) => openAlignmentMeter(clipFolder, compile, { batch });
export const openDetector = (batch?: number) =>
  openObjectDetector(detectorFolder, compile, { batch });

/** The shipped model's folder. */
export const toyboxFolder = resolve(root, 'assets/toybox');

/** What PyTorch makes of the shipped model's weights (tools/toybox/fixtures.py). */
export const modelFixture = resolve(root, 'test/golden-toybox/model.safetensors');

/** The shipped model, ready to run. */
export function openToybox(): DiffusionModel {
  return loadModel(openCheckpoint(toyboxFolder), compile);
}
