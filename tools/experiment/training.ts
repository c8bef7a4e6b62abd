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
  'custom-diffusion': { batch: 2, steps: 150, learningRate: 1e-3, priorImages: 8 },
  'lora-dreambooth': { batch: 2, steps: 150, learningRate: 2e-3, priorImages: 8 },
  dreambooth: { batch: 2, steps: 100, learningRate: 1e-4, priorImages: 8 },
};

const silent: CommandContext = { signal: new AbortController().signal, report: () => {} };

/** File of a trained concept. */
export function conceptFileOf(
  folder: string,
  method: TrainingMethod,
  { name }: Pick<Sample, 'name'>,
  variant: ConceptVariant,
): string {
  return join(folder, 'concepts', method, `${name}.${variant}.safetensors`);
}

/** Trains a concept, unless its file is there from an earlier run. */
export async function trainSample(
  { model, threads }: Studio,
  file: string,
  { token, classWord, photos }: Sample,
  method: TrainingMethod,
  variant: ConceptVariant,
): Promise<void> {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const params = parseParams('trainConcept', {
    ...settings[method],
    ...{ model, threads, photos, classWord, token, method, variant, out: file, seed: 1 },
    anchors: { kind: variant === 'plain' ? 'none' : 'auto' },
  });
  await trainConcept(params, silent);
}
