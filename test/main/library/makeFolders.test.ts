import { statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeFolders } from '../../../src-main/library/makeFolders.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const { path } = temporaryFolder();

test('a folder is made with those that it lies in, and may be there already', () => {
  for (const _ of ['made', 'found']) {
    makeFolders(path('a/b/c'));
    expect(statSync(path('a/b/c')).isDirectory()).toBe(true);
  }
});

test('what is in its way is told', () => {
  writeFileSync(path('file'), '');
  expect(() => makeFolders(path('file'))).toThrow(/EEXIST/);
  expect(() => makeFolders(path('file/folder'))).toThrow(/EEXIST/);
});

test.skipIf(process.platform !== 'linux')('a place that takes no folders is told', () => {
  expect(() => makeFolders('/proc/tessera/library')).toThrow(/ENOENT/);
});
