import { api } from '../../src-shared/api.ts';
import type { ConceptVariant } from '../../src-shared/concept.ts';
import type { TrainingSettings } from '../../src-shared/conceptRecord.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import type { EngineParams } from '../engine/protocol.ts';
import type { TrainingJob } from './trainingJob.ts';

/** A training as it is asked about before it is begun. */
interface PlannedTraining
  extends Pick<TrainingJob, 'token' | 'classWord' | 'device' | 'precision' | 'threads'> {
  /** Path. */
  readonly model: string;
  /** @param masks where there will be some */
  readonly settings: TrainingSettings & { readonly masks?: string };
  readonly variant: ConceptVariant;
}

const fields = api.trainConcept.input.omit({
  ...{ photos: true, skipUnreadable: true, resume: true, bothWays: true, out: true },
});

/** @throws InputError that names the setting */
export function photolessParams({
  settings,
  variant,
  ...planned
}: PlannedTraining): EngineParams<'describeTraining'> {
  const anchors = variant === 'plain' ? { anchors: { kind: 'none' } } : {};
  return { ...parseInput(fields, { ...settings, ...anchors, ...planned }, 'training'), variant };
}
