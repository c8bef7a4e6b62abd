import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { createFaultLog } from '../../../src-main/studio/faultLog.ts';
import { startUpkeep } from '../../../src-main/studio/upkeep.ts';
import { putText, testLibraries } from '../../support/testLibrary.ts';

const { open } = testLibraries();
const day = 24 * 60 * 60 * 1000;

test('what nothing has needed for a week goes by itself, again and again', async () => {
  const library = open();
  const faults = createFaultLog();
  const putDaysAgo = async (text: string, days: number) => {
    const hash = await putText(library, text);
    const database = new Database(join(library.folder, 'library.sqlite'));
    const sql = 'UPDATE blobs SET kept_at = kept_at - ? WHERE hash = ?';
    database.prepare(sql).run(days * day, hash);
    database.close();
    return hash;
  };
  const young = await putDaysAgo('young', 6);
  const upkeep = startUpkeep({ library, faults }, { first: 1, between: 10 });
  for (const text of ['first', 'second']) {
    const old = await putDaysAgo(text, 8);
    await expect.poll(() => library.blobs.has(old), { timeout: 10_000 }).toBe(false);
  }
  expect(library.blobs.has(young)).toBe(true);
  await upkeep.close();
  const left = await putDaysAgo('third', 8);
  await setTimeout(100);
  expect(library.blobs.has(left)).toBe(true);
  expect(faults.lines()).toEqual([]);
});

test('its end does not wait for the next time', async () => {
  const upkeep = startUpkeep({ library: open(), faults: createFaultLog() });
  await upkeep.close();
});
