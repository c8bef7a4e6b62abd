import { readFileSync } from 'node:fs';
import {
  createNoiseSchedule,
  type NoiseSchedule,
} from '../../../src-main/engine/diffusion/schedule.ts';
import {
  type PredictionType,
  parseSchedulerConfig,
} from '../../../src-main/engine/models/schedulerConfig.ts';
import type { TensorData } from '../../../src-main/engine/tensor/tensorData.ts';
import type { SamplerName } from '../../../src-shared/api.ts';
import { requireGoldenPath } from '../../support/golden.ts';
import { readGolden } from '../../support/goldenTensors.ts';

/** One version of the reference schedulers. */
export interface ReferenceSchedules {
  readonly version: string;
  readonly tensors: ReadonlyMap<string, TensorData>;
  schedule(predictionType: PredictionType): NoiseSchedule;
}

export function readReferenceSchedules(version: string): ReferenceSchedules {
  const path = requireGoldenPath(`schedulers-diffusers-${version}.json`);
  const { config } = JSON.parse(readFileSync(path, 'utf8'));
  return {
    version,
    tensors: readGolden(requireGoldenPath(`schedulers-diffusers-${version}.safetensors`)),
    schedule: (prediction_type) =>
      createNoiseSchedule(parseSchedulerConfig({ ...config, prediction_type }, path)),
  };
}

/** "<scheduler>.<prediction type>.<steps>[.karras]", taken apart. */
export interface SchedulerCase {
  readonly key: string;
  readonly name: SamplerName;
  readonly predictionType: PredictionType;
  readonly steps: number;
  readonly karras: boolean;
}

/** Every case that the file holds. */
export function schedulerCases({ tensors }: ReferenceSchedules): SchedulerCase[] {
  const keys = [...tensors.keys()].filter((key) => key.endsWith('.timesteps'));
  return keys.map((key) => {
    const [name, predictionType, steps] = key.split('.');
    return {
      key: key.replace(/\.timesteps$/, ''),
      name: name as SamplerName,
      predictionType: predictionType as PredictionType,
      steps: Number(steps),
      karras: key.includes('.karras.'),
    };
  });
}
