import { basename } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import type { ConceptDescription } from '../../../src-shared/concept.ts';
import { writeConcept } from '../concepts/conceptFile.ts';
import type { DriftMeter } from '../evaluation/drift.ts';
import { anchorShares } from '../inversion/anchors.ts';
import { anchorWeightsName, placeholderRowsName } from '../inversion/trainExpression.ts';
import { trainedParts } from '../inversion/trainedParts.ts';
import type { TrainOutcome } from '../inversion/trainLoop.ts';
import type { EngineParams } from '../protocol.ts';
import type { CommandContext } from './context.ts';
import type { OpenModel } from './openModel.ts';
import type { TrainingSetup } from './trainingSetup.ts';

type Params = EngineParams<'trainConcept'>;

/** A training under way. */
export interface Training {
  readonly params: Params;
  readonly open: OpenModel;
  readonly setup: TrainingSetup;
  readonly drift: DriftMeter;
  readonly context: CommandContext;
}

/**
 * Writes the concept as it is now, with all that made it.
 *
 * @param outcome of the steps so far
 * @throws InputError where the folder cannot be written to
 */
export async function storeConcept(
  path: string,
  { params, open, setup, drift }: Training,
  outcome: TrainOutcome,
): Promise<ConceptDescription> {
  const { plan, trainer } = setup;
  const { family, path: modelPath, configs } = open.checkpoint;
  const { token, classWord, method, variant, seed } = params;
  const description: ConceptDescription = {
    version: 1,
    ...{ token, classWord, method, variant, seed, family },
    drift: await drift.measure(trainer.values[placeholderRowsName]),
    vectors: setup.settings.vectors,
    width: configs.textEncoder.hiddenSize,
    modelName: basename(modelPath, '.safetensors'),
    steps: outcome.steps,
    ...(outcome.steps > 0 && { loss: outcome.loss / plan.reconstructionUnit }),
    anchors: anchorShares(setup.anchors, trainer.values[anchorWeightsName]),
    ...(method === 'lora-dreambooth' && { lora: setup.lora }),
    engineVersion: packageJson.version,
    training: trainingFields(params, setup),
  };
  writeConcept(path, description, trainedParts(plan.step.change, trainer.values));
  return description;
}

/** The input's fields that say how it was trained, with what the method decided where the user said nothing. */
function trainingFields(params: Params, { settings }: TrainingSetup): Record<string, unknown> {
  const { method, anchors, initializer, official, schedule, warmupSteps, rank, alpha } = params;
  const { anchorWeight, directional, classPreserving, maskedAttention, size, flip, seed } = params;
  const { scheduleCycles, schedulePower } = params;
  const { vectors, steps, learningRate, batch, accumulate, priorWeight, classPictures } = settings;
  const fields = {
    ...{ method, vectors, anchors, initializer, official, steps, learningRate, schedule },
    ...{ scheduleCycles, schedulePower },
    ...{ warmupSteps, batch, accumulate, rank, alpha, priorImages: classPictures, priorWeight },
    ...{ anchorWeight, directional, classPreserving, maskedAttention, size, flip, seed },
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
