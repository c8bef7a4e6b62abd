import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { backupName } from '../../../src-renderer/settings/backupName.ts';
import { deviceStanding, testResult } from '../../../src-renderer/settings/deviceWords.ts';
import { licences } from '../../../src-renderer/settings/licences.ts';
import { restoreProblem } from '../../../src-renderer/settings/restoreRoom.ts';
import { storageParts } from '../../../src-renderer/settings/storageParts.ts';

describe('a device', () => {
  const device = { name: 'cuda', bundled: true, works: false };

  test('says why it does not work', () => {
    expect(deviceStanding({ ...device, reason: 'no driver' })).toBe('no driver');
    expect(deviceStanding({ ...device, bundled: false })).toContain('does not bring it');
    expect(deviceStanding({ ...device, works: true })).toBe('Works on this machine.');
  });

  test('tells what its self-test measured', () => {
    const at = Date.now();
    expect(testResult({ at, passed: true, error: 3.21e-6, stepsPerSecond: 41.27 })).toBe(
      'Passed just now: 41.3 steps per second, largest relative error 3e-6',
    );
    expect(testResult({ at, passed: false, detail: 'the device was lost' })).toBe(
      'Failed just now: the device was lost',
    );
    expect(testResult({ at, passed: true })).toBe('Passed just now');
  });
});

describe('a backup', () => {
  test('of any size is restored where the disk has room for it twice', () => {
    expect(restoreProblem(40e9, 81e9)).toBeUndefined();
    expect(restoreProblem(40e9, 80e9)).toMatch(/takes 80.0 GB, .* has 80.0 GB left/);
  });
});

describe('the storage', () => {
  const storage = {
    ...{ folder: '~/Tessera', databaseBytes: 100, blobBytes: 600, blobs: 6, checkpointBytes: 300 },
    ...{ freeBytes: 5000, concepts: 1, compositions: 2 },
  };

  test('is divided into what it consists of', () => {
    expect(storageParts(storage).map(({ share }) => share)).toEqual([0.6, 0.3, 0.1]);
  });

  test('may be empty', () => {
    const empty = { ...storage, databaseBytes: 0, blobBytes: 0, checkpointBytes: 0 };
    expect(storageParts(empty).map(({ share }) => share)).toEqual([0, 0, 0]);
  });
});

test('a backup is named after its day', () => {
  expect(backupName(new Date(2026, 2, 9))).toBe('tessera-2026-03-09.tessera-backup');
});

test.each(licences)('$name is under $licence', ({ name, licence }) => {
  const text = readFileSync(new URL(`../../../node_modules/${name}/package.json`, import.meta.url));
  expect(JSON.parse(text.toString()).license).toBe(licence);
});
