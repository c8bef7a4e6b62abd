import type { BlobHash } from '../../src-shared/ids.ts';
import type { BlobStore, KeptFile } from './blobs.ts';
import type { CompositionRepository } from './compositionRepository.ts';
import type { ConceptRepository } from './conceptRepository.ts';
import type { DeviceRepository } from './deviceRepository.ts';
import type { JobStore } from './jobStore.ts';
import type { ModelRepository } from './modelRepository.ts';
import type { PriorRepository } from './priorRepository.ts';
import type { SettingsRepository } from './settingsRepository.ts';
import type { VoteRepository } from './voteRepository.ts';

/** How much of the disk the library takes, in bytes, and what is in it. */
export interface LibraryFigures {
  readonly databaseBytes: number;
  readonly blobBytes: number;
  readonly blobs: number;
  /** Of unfinished trainings. */
  readonly checkpointBytes: number;
  readonly freeBytes: number;
  readonly concepts: number;
  readonly compositions: number;
}

/**
 * The studio's library: a folder with a SQLite database and the files that its rows name by their hash. One process has
 * it open. A full or read-only disk and a damaged database are an InputError in every method.
 */
export interface Library {
  /** Absolute. */
  readonly folder: string;
  /** Where trainings keep their checkpoints, in a folder per job, `trainings/JOB`; not part of backups. */
  readonly trainings: string;
  readonly blobs: BlobStore;
  readonly concepts: ConceptRepository;
  readonly jobs: JobStore;
  readonly compositions: CompositionRepository;
  readonly models: ModelRepository;
  readonly priors: PriorRepository;
  readonly votes: VoteRepository;
  readonly settings: SettingsRepository;
  readonly devices: DeviceRepository;
  figures(): Promise<LibraryFigures>;
  /** Deletes files that no row needs and that were put longer ago than `minimumAge` (milliseconds). */
  collectGarbage(options: {
    readonly minimumAge: number;
  }): Promise<{ files: number; bytes: number }>;
  /** The whole library as one file in its own store, until the next collection. */
  backUp(): Promise<KeptFile>;
  /**
   * Replaces everything in the library by what a backup holds. Keeps what was there as a library of its own, in a folder
   * beside this one. The repositories stay usable.
   *
   * @returns the folder with what was there
   * @throws InputError where the file is no whole backup, or a job is running; the library is untouched then
   */
  restore(backup: BlobHash): Promise<{ kept: string }>;
  /** Writes everything down and lets the next process in. No method may be called afterwards. */
  close(): void;
}
