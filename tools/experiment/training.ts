import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CommandContext } from '../../src-main/engine/commands/context.ts';
import { trainConcept } from '../../src-main/engine/commands/trainConcept.ts';
import { parseParams } from '../../src-main/engine/protocol.ts';
import type { ConceptVariant, TrainingMethod } from '../../src-shared/concept.ts';
import { demo } from '../../src-shared/demo.ts';
import type { Studio } from './artist.ts';
import type { Sample } from './plan.ts';

/** Settings of each method on Toybox, the same with and without anchors (docs/results.md says what was tried). */
export const settings: Readonly<Record<TrainingMethod, object>> = {
  'textual-inversion': demo.training,
  'custom-diffusion': { batch: 2, steps: 150, learningRate: 4e-4, priorImages: 8 },
  'lora-dreambooth': { batch: 2, steps: 150, learningRate: 1e-3, priorImages: 8 },
  dreambooth: { batch: 2, steps: 100, learningRate: 1e-4, priorImages: 8 },
};

const silent: CommandContext = { signal: new AbortController().signal, report: () => {} };

/** How a concept is trained, and which draw it is. */
export interface Training {
  readonly method: TrainingMethod;
  readonly variant: ConceptVariant;
  readonly seed: number;
}

/** File of a trained concept. */
export function conceptFileOf(
  folder: string,
  { name }: Pick<Sample, 'name'>,
  { method, variant, seed }: Training,
): string {
  return join(folder, 'concepts', method, `${name}.${variant}.${seed}.safetensors`);
}

/** Trains a concept, unless its file is there from an earlier run. */
export async function trainSample(
  { model, threads }: Studio,
  file: string,
  { token, classWord, photos }: Sample,
  { method, variant, seed }: Training,
): Promise<void> {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const params = parseParams('trainConcept', {
    ...settings[method],
    ...{ model, threads, photos, classWord, token, method, variant, out: file, seed },
    anchors: { kind: variant === 'plain' ? 'none' : 'auto' },
  });
  await trainConcept(params, silent);
}
