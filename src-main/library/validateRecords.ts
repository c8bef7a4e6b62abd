import { setImmediate } from 'node:timers/promises';
import type * as z from 'zod';
import { keptComposition } from '../../src-shared/composition.ts';
import { conceptDetail } from '../../src-shared/conceptRecord.ts';
import { jobStatus } from '../../src-shared/jobRecord.ts';
import { modelRecord } from '../../src-shared/modelRecord.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import { studioApi } from '../../src-shared/studioApi.ts';
import { createCompositionRepository } from './compositionRepository.ts';
import { createConceptRepository } from './conceptRepository.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';
import { createJobRepository } from './jobRepository.ts';
import { createModelRepository, modelRecordOf } from './modelRepository.ts';
import { createPriorRepository } from './priorRepository.ts';

/**
 * Reads every record of a database that came from elsewhere and holds it to the contract.
 *
 * @throws InputError that names the first one which does not fit
 */
export async function validateRecords(database: WritableDatabase): Promise<void> {
  const concepts = createConceptRepository(database);
  const compositions = createCompositionRepository(database);
  await validateEach(idsOf(database, 'concepts'), conceptDetail, concepts.detail, 'concept');
  await validateEach(
    idsOf(database, 'compositions'),
    keptComposition,
    compositions.get,
    'composition',
  );
  await validateEach(idsOf(database, 'jobs'), jobStatus, createJobRepository(database).get, 'job');
  const models = createModelRepository(database);
  const model = (id: string) => modelRecordOf(models.get(id));
  await validateEach(idsOf(database, 'models'), modelRecord, model, 'model');
  const priors = { priors: createPriorRepository(database).list() };
  parseInput(studioApi.listPriors.output, priors, 'layouts');
}

function idsOf(database: ReadableDatabase, table: string): string[] {
  return database.prepare<[], string>(`SELECT id FROM ${table}`).pluck().all();
}

async function validateEach<Item>(
  ids: readonly string[],
  parser: z.ZodType<Item>,
  get: (id: string) => unknown,
  what: string,
): Promise<void> {
  for (const id of ids) {
    parseInput(parser, get(id), what);
    await setImmediate();
  }
}
