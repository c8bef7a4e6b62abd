import type { TrainingMethod } from '../../src-shared/concept.ts';
import type { DeviceStatus } from '../../src-shared/modelRecord.ts';

export type SelfTest = NonNullable<DeviceStatus['selfTest']>;

/** What a measured speed of training holds for. */
export interface TrainingWork {
  readonly device: string;
  readonly modelId: string;
  readonly method: TrainingMethod;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Pictures in one step: batch x accumulate. */
  readonly pictures: number;
}

export interface TrainingSpeed {
  readonly secondsPerStep: number;
  /** Bytes of main memory. */
  readonly memory: number;
  readonly measuredAt: number;
}

/** What was measured on the devices of this machine. */
export interface DeviceRepository {
  selfTest(device: string): SelfTest | undefined;
  /** Replaces the last one. */
  recordSelfTest(device: string, result: SelfTest): void;
  speed(work: TrainingWork): TrainingSpeed | undefined;
  /** Replaces the last one. */
  recordSpeed(work: TrainingWork, speed: TrainingSpeed): void;
}
