import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import { openSafetensors, readTensor, type SafetensorsFile } from '../files/safetensors.ts';
import { writeSafetensors } from '../files/writeSafetensors.ts';
import { float32Data, type TensorData } from '../tensor/tensorData.ts';
import type { NamedArrays } from './namedArrays.ts';
import type { TrainerState } from './trainer.ts';
import type { BatchStates } from './trainingSet.ts';

/** Between two optimiser steps: all that the rest of the training depends on. */
export interface TrainingCheckpoint {
  /** Optimiser steps taken. */
  readonly step: number;
  readonly trainer: TrainerState;
  readonly draws: BatchStates;
  /** Reconstruction loss of every step so far. */
  readonly reconstructions: readonly number[];
}

/** What must be the same for a training to go on. */
export type TrainingSettings = Readonly<Record<string, unknown>>;

const metadataKey = 'tessera.training';

const randomState = z.object({
  key: z.tuple([z.int(), z.int()]),
  position: z.int().nonnegative(),
});

const description = z.object({
  version: z.literal(1),
  step: z.int().nonnegative(),
  optimizerStep: z.int().nonnegative(),
  lossScale: z.number().positive(),
  draws: z.object({
    photo: randomState,
    rendering: randomState,
    posterior: randomState,
    timestep: randomState,
    noise: randomState,
    template: randomState,
  }),
  settings: z.record(z.string(), z.unknown()),
});

const parts = ['values', 'firstMoments', 'secondMoments'] as const;

/**
 * Writes a checkpoint atomically: the path holds the former one or this one, never a part.
 *
 * @throws InputError where the folder cannot be written to
 */
export function writeTrainingCheckpoint(
  path: string,
  checkpoint: TrainingCheckpoint,
  settings: TrainingSettings,
): void {
  const { step, trainer, draws, reconstructions } = checkpoint;
  const { firstMoments, secondMoments } = trainer.optimizer;
  const arrays = { values: trainer.values, firstMoments, secondMoments };
  const tensors = new Map<string, TensorData>();
  for (const part of parts) {
    for (const [name, array] of Object.entries(arrays[part])) {
      tensors.set(`${part}.${name}`, float32Data([array.length], array));
    }
  }
  const history = Float64Array.from(reconstructions);
  tensors.set('reconstructions', { dtype: 'float64', shape: [history.length], data: history });
  const { lossScale, optimizer } = trainer;
  const counts = { step, optimizerStep: optimizer.step, lossScale };
  const described = { version: 1, ...counts, draws, settings };
  writeSafetensors(path, tensors, { [metadataKey]: JSON.stringify(described) });
}

/**
 * Reads a checkpoint of a training with the same settings.
 *
 * @throws InputError where it is damaged, or was made with other settings: the first one that differs is named
 */
export function readTrainingCheckpoint(
  path: string,
  settings: TrainingSettings,
): TrainingCheckpoint {
  const file = openSafetensors(path);
  const described = describe(file);
  requireSameSettings(path, described.settings, settings);
  const history = readTensor(file, 'reconstructions');
  return {
    step: described.step,
    draws: described.draws,
    reconstructions: Array.from(history.data, Number),
    trainer: {
      lossScale: described.lossScale,
      values: readArrays(file, 'values'),
      optimizer: {
        step: described.optimizerStep,
        firstMoments: readArrays(file, 'firstMoments'),
        secondMoments: readArrays(file, 'secondMoments'),
      },
    },
  };
}

function describe({ path, metadata }: SafetensorsFile) {
  try {
    return description.parse(JSON.parse(metadata.get(metadataKey) ?? ''));
  } catch {
    throw new InputError(
      `${path} is no training checkpoint of this version of Tessera: remove it, or train without --resume`,
    );
  }
}

function requireSameSettings(path: string, stored: TrainingSettings, now: TrainingSettings): void {
  for (const key of new Set([...Object.keys(stored), ...Object.keys(now)])) {
    const [was, is] = [stored[key], now[key]].map((value) => JSON.stringify(value));
    if (was === is) continue;
    throw new InputError(
      `${path} was made with ${key} ${was ?? 'unset'}, not ${is ?? 'unset'}: resume with the same settings, or train anew without --resume`,
    );
  }
}

function readArrays(file: SafetensorsFile, part: (typeof parts)[number]): NamedArrays {
  const arrays: Record<string, Float32Array> = {};
  for (const key of file.tensors.keys()) {
    if (!key.startsWith(`${part}.`)) continue;
    const { dtype, data } = readTensor(file, key);
    if (dtype !== 'float32')
      throw new InputError(`${file.path}: '${key}' is ${dtype}, not float32`);
    arrays[key.slice(part.length + 1)] = data;
  }
  return arrays;
}
