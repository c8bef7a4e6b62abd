import { accessSync, constants, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codeOf } from '../../src-shared/caught.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { backUp } from './backup.ts';
import {
  type BlobStore,
  createBlobStore,
  incomingFolder,
  type KeptFile,
  makeStore,
} from './blobs.ts';
import { runClearly, withClearErrors } from './clearErrors.ts';
import {
  type CompositionRepository,
  createCompositionRepository,
} from './compositionRepository.ts';
import { type ConceptRepository, createConceptRepository } from './conceptRepository.ts';
import { databasePath, openWritable, type WritableDatabase } from './database.ts';
import { createDeviceRepository, type DeviceRepository } from './deviceRepository.ts';
import { collectGarbage } from './garbage.ts';
import { checkHeader, damaged } from './header.ts';
import { createJobRepository } from './jobRepository.ts';
import type { JobStore } from './jobStore.ts';
import { deleteKept, type KeptFigures, measureKept } from './keptLibraries.ts';
import { type LibraryFigures, measureLibrary } from './libraryFigures.ts';
import { forgetHolder, hasLock, type LibraryLock, lockLibrary, nameHolder } from './lock.ts';
import type { LongWork } from './longWork.ts';
import { makeFolders } from './makeFolders.ts';
import { migrate, readMigrations } from './migrations.ts';
import { createModelRepository, type ModelRepository } from './modelRepository.ts';
import { createPriorRepository, type PriorRepository } from './priorRepository.ts';
import { restore } from './restore.ts';
import { createSettingsRepository, type SettingsRepository } from './settingsRepository.ts';
import { createVoteRepository, type VoteRepository } from './voteRepository.ts';

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
  collectGarbage(
    options: { readonly minimumAge: number } & LongWork,
  ): Promise<{ files: number; bytes: number }>;
  /** The whole library as one file in its own store, until the next collection. */
  backUp(following?: LongWork): Promise<KeptFile>;
  /**
   * Replaces everything in the library by what a backup holds. Keeps what was there as a library of its own, in a folder
   * beside this one. The repositories stay usable.
   *
   * @returns the folder with what was there
   * @throws InputError where the file is no whole backup, or a job is running; the library is untouched then
   */
  restore(backup: BlobHash): Promise<{ kept: string }>;
  /** What restores have kept, and how much room it takes. */
  kept(): Promise<KeptFigures>;
  /** Deletes it for good. @throws InputError where a process has some of it open as its library */
  deleteKept(): Promise<void>;
  /** Writes everything down and lets the next process in. No method may be called afterwards. */
  close(): void;
}

/**
 * Opens the library in a folder; makes both where there is none.
 *
 * @throws InputError where the folder cannot be written, another process has the library open (it is named), a newer
 *   version wrote it (it is not touched), or its database is damaged
 */
export function openLibrary(folder: string): Library {
  const absolute = resolve(folder);
  return runClearly(() => openFolder(absolute), absolute);
}

function openFolder(folder: string): Library {
  makeFolder(folder);
  const path = databasePath(folder);
  const newest = readMigrations().length;
  if (!hasLock(folder)) checkHeader(path, newest); // a library that is only looked at gets no lock file
  const lock = lockLibrary(folder);
  let database: WritableDatabase | undefined;
  try {
    checkHeader(path, newest);
    database = openDatabase(folder, lock);
    emptyIncoming(folder);
    if (!existsSync(join(folder, 'blobs'))) makeStore(folder);
    nameHolder(folder);
    return createLibrary(database, folder, lock);
  } catch (error) {
    database?.close();
    lock.release();
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (!['ENOTDIR', 'EEXIST', 'ENOENT'].includes(code)) throw error;
    throw new InputError(
      `The library's folder ${folder} cannot be made: a file is in its way, or its disk is not there or read-only. Choose another with TESSERA_LIBRARY (${code}).`,
    );
  }
  accessSync(folder, constants.R_OK | constants.W_OK);
}

/** After a crash the database is looked through before it is used; that takes a while where it is large. */
function openDatabase(folder: string, { afterCrash }: LibraryLock): WritableDatabase {
  const database = openWritable(databasePath(folder));
  try {
    const report = afterCrash ? database.pragma('quick_check(1)', { simple: true }) : 'ok';
    if (report !== 'ok') throw damaged(databasePath(folder), String(report));
    migrate(database, readMigrations(), join(folder, 'backups'));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Nothing in it is whole: whoever was writing it is gone. */
function emptyIncoming(folder: string): void {
  rmSync(incomingFolder(folder), { recursive: true, force: true });
  mkdirSync(incomingFolder(folder));
}

function createLibrary(database: WritableDatabase, folder: string, lock: LibraryLock): Library {
  const clear = <Functions extends object>(functions: Functions) =>
    withClearErrors(functions, folder);
  const blobs = clear(createBlobStore(database, folder));
  const trainings = join(folder, 'trainings');
  const inTurn = createTurns();
  const whole = clear({
    figures: () => measureLibrary({ database, folder, trainings }),
    collectGarbage: (options: { readonly minimumAge: number } & LongWork) =>
      inTurn(() => collectGarbage(database, folder, options)),
    backUp: (following: LongWork = {}) =>
      inTurn(() => backUp({ database, folder, blobs }, following)),
    restore: (backup: BlobHash) => inTurn(() => restore({ database, folder, blobs }, backup)),
    kept: () => inTurn(() => measureKept(folder)),
    deleteKept: () => inTurn(() => deleteKept(folder)),
  });
  return {
    folder,
    trainings,
    blobs,
    concepts: clear(createConceptRepository(database)),
    jobs: clear(createJobRepository(database)),
    compositions: clear(createCompositionRepository(database)),
    models: clear(createModelRepository(database)),
    priors: clear(createPriorRepository(database)),
    votes: clear(createVoteRepository(database)),
    settings: clear(createSettingsRepository(database)),
    devices: clear(createDeviceRepository(database)),
    ...whole,
    close() {
      if (!database.open) return;
      database.close();
      forgetHolder(folder);
      lock.release();
    },
  };
}

/** Work on the whole library is done one after the other: no file is deleted while a backup reads it. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
