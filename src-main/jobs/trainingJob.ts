import * as z from 'zod';
import { deviceNames, precisionNames } from '../../src-shared/api.ts';
import type { ConceptVariant } from '../../src-shared/concept.ts';
import { studioApi } from '../../src-shared/studioApi.ts';

/**
 * What a training's row in the queue holds: the user's request, and what it stood on that day. Words, device, precision
 * and threads are fixed, because another choice would give other bytes after a pause.
 */
export const trainingJob = z.object({
  request: studioApi.startTraining.input,
  token: z.string(),
  classWord: z.string(),
  device: z.enum(deviceNames),
  /** Absent in rows of earlier versions, which knew one. Under 'auto' gradients are float32 on every device. */
  precision: z.enum(precisionNames).default('auto'),
  threads: z.int().nonnegative(),
});

export type TrainingJob = z.output<typeof trainingJob>;

/** The trainings of a job, in their order. Without anchors there is nothing to compare. */
export function variantsOf({ settings, bothWays }: TrainingJob['request']): ConceptVariant[] {
  if (settings.anchors?.kind === 'none') return ['plain'];
  return bothWays ? ['plain', 'semantic'] : ['semantic'];
}
