import type { TrainingMethod } from '../../src-shared/concept.ts';
import { demo } from '../../src-shared/demo.ts';
import type { StudioInput } from '../../src-shared/studioApi.ts';

/** How long and how hard a concept is trained, for those who do not want to know. */

export type SettingsInput = StudioInput<'startTraining'>['settings'];

export const presets = ['quick', 'balanced', 'thorough'] as const;
export type Preset = (typeof presets)[number];

export const presetWords: Readonly<Record<Preset, { name: string; sentence: string }>> = {
  quick: { name: 'Quick', sentence: 'A first look.' },
  balanced: { name: 'Balanced', sentence: 'Good for most things.' },
  thorough: { name: 'Thorough', sentence: 'Closer likeness; watch for overfitting.' },
};

/** Of the built-in model, whose pictures are small and whose steps are cheap: as its demo trains it. */
const { batch, steps: demoSteps, ...ofInversion } = demo.training;
const builtInSteps = { quick: demoSteps / 2, balanced: demoSteps, thorough: 2 * demoSteps };

/** Of checkpoints: the middle ones are the engine's own. */
const checkpointSteps: Readonly<Record<TrainingMethod, Readonly<Record<Preset, number>>>> = {
  'textual-inversion': { quick: 250, balanced: 500, thorough: 1500 },
  'custom-diffusion': { quick: 150, balanced: 300, thorough: 600 },
  'lora-dreambooth': { quick: 200, balanced: 400, thorough: 800 },
  dreambooth: { quick: 200, balanced: 400, thorough: 800 },
};

/** What the engine takes for a method where nothing else is said; shown where a field is empty. */
export const engineDefaults: Readonly<
  Record<TrainingMethod, { vectors: number; batch: number; accumulate: number; rate: number }>
> = {
  'textual-inversion': { vectors: 1, batch: 1, accumulate: 1, rate: 0.005 },
  'custom-diffusion': { vectors: 1, batch: 1, accumulate: 1, rate: 4e-5 },
  'lora-dreambooth': { vectors: 1, batch: 1, accumulate: 1, rate: 1e-4 },
  dreambooth: { vectors: 1, batch: 1, accumulate: 1, rate: 1e-5 },
};

/** @param builtIn whether the model is the small one that comes with the program */
export function presetSettings(
  method: TrainingMethod,
  preset: Preset,
  builtIn: boolean,
): SettingsInput {
  if (!builtIn) return { method, steps: checkpointSteps[method][preset] };
  const shared = { method, steps: builtInSteps[preset], batch };
  // the other methods' rates are those of the engine, of which the demo says nothing
  return method === 'textual-inversion' ? { ...shared, ...ofInversion } : shared;
}

/** Steps between previews: six of them or more on the built-in model, where one takes as long as some ten steps. */
export function previewSteps(steps: number, builtIn: boolean, chosen: number): number {
  if (chosen === 0 || !builtIn) return chosen;
  return Math.min(chosen, Math.max(25, Math.floor(steps / 100) * 25));
}
