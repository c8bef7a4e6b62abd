import type { TrainingMethod } from '../../src-shared/concept.ts';
import type { DeviceStatus } from '../../src-shared/modelRecord.ts';
import { statementCache, type WritableDatabase } from './database.ts';
import { requireModel } from './modelRepository.ts';

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
  /** Replaces the last one. @throws InputError where the library does not have the model */
  recordSpeed(work: TrainingWork, speed: TrainingSpeed): void;
}

export function createDeviceRepository(database: WritableDatabase): DeviceRepository {
  const prepare = statementCache(database);
  return {
    selfTest(device) {
      const sql = 'SELECT result FROM self_tests WHERE device = ?';
      const row = prepare<{ result: string }>(sql).get(device);
      return row && JSON.parse(row.result);
    },
    recordSelfTest(device, result) {
      const sql = 'INSERT OR REPLACE INTO self_tests (device, result) VALUES (?, ?)';
      prepare(sql).run(device, JSON.stringify(result));
    },
    speed({ device, modelId, method, width, height, pictures }) {
      const sql = `SELECT seconds_per_step AS secondsPerStep, memory, measured_at AS measuredAt
        FROM training_speeds WHERE device = ? AND model_id = ? AND method = ? AND width = ? AND height = ?
        AND pictures = ?`;
      return prepare<TrainingSpeed>(sql).get(device, modelId, method, width, height, pictures);
    },
    recordSpeed(work, { secondsPerStep, memory, measuredAt }) {
      requireModel(database, work.modelId);
      prepare(`INSERT OR REPLACE INTO training_speeds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
        ...[work.device, work.modelId, work.method, work.width, work.height, work.pictures],
        ...[secondsPerStep, memory, measuredAt],
      );
    },
  };
}
