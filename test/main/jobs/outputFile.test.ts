import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import { inspectFile } from '../../../src-main/engine/checkpoint/inspect.ts';
import { listPhotos } from '../../../src-main/engine/images/photos.ts';
import { checkOutput, inFolder, makeFolder } from '../../../src-main/jobs/outputFile.ts';
import { readInputText } from '../../../src-main/jobs/readInputText.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const { path } = temporaryFolder();

/** Whoever may do everything, such as root in a container, is refused nothing. */
const mayAll = process.platform === 'win32' || process.getuid?.() === 0;

test('a place for the result is made, and one that is a folder is refused', async () => {
  await checkOutput(path('made/picture.png'), '.png');
  mkdirSync(path('folder.png'));
  await expect(checkOutput(path('folder.png'), '.png')).rejects.toThrow(/this is a folder/);
});

test.skipIf(mayAll)('a folder that cannot be written is told before the work begins', async () => {
  mkdirSync(path('closed'));
  chmodSync(path('closed'), 0o555);
  const refused = checkOutput(path('closed/picture.png'), '.png');
  await expect(refused).rejects.toThrow(InputError);
  await expect(refused).rejects.toThrow(
    /picture\.png cannot be written \(no permission to read or write here\)/,
  );
});

test.skipIf(mayAll)('a folder that cannot be read is told', () => {
  mkdirSync(path('hidden/inner'), { recursive: true });
  for (const folder of ['hidden/inner', 'hidden']) {
    chmodSync(path(folder), 0o111);
    expect(() => inspectFile(path('hidden'))).toThrow(InputError);
    chmodSync(path(folder), 0o755);
  }
});

test.skipIf(mayAll)('photos and a model in a folder that cannot be read are told', async () => {
  mkdirSync(path('shut'));
  chmodSync(path('shut'), 0o111);
  await expect(listPhotos(path('shut'))).rejects.toThrow(/shut: no permission to read/);
  expect(() => openCheckpoint(path('shut'))).toThrow(/shut: no permission to read/);
  chmodSync(path('shut'), 0o755); // or it could not be removed
});

test('a file in the way of a folder is named, and no option that a command may not have', async () => {
  writeFileSync(path('file'), '');
  const refused = makeFolder(path('file/deep/down'));
  await expect(refused).rejects.toThrow(
    `${path('file/deep/down')}: this folder cannot be made (${path('file')} is a file); choose another place`,
  );
});

test.each([
  ['absent.json', 'no such file or folder'],
  ['before.json', 'this is a folder, expected a file'],
  [`${'long'.repeat(100)}.json`, 'the path is too long'],
])('a layout %s that cannot be read is told in our words', async (name, reason) => {
  mkdirSync(path('before.json'), { recursive: true });
  await expect(readInputText(path(name), 'a layout')).rejects.toThrow(
    new InputError(`${path(name)} cannot be read as a layout: ${reason}; name another file`),
  );
});

test('work that fails leaves none of the empty folders made for it, and all that was there', async () => {
  mkdirSync(path('before'));
  const fail = () => Promise.reject(new Error('no room'));
  await expect(inFolder(path('before/new/newer'), fail)).rejects.toThrow('no room');
  expect(existsSync(path('before/new'))).toBe(false);
  await expect(inFolder(path('before'), fail)).rejects.toThrow('no room');
  expect(existsSync(path('before'))).toBe(true);
  const partly = inFolder(path('before/partly'), async () => {
    writeFileSync(path('before/partly/kept'), '');
    return fail();
  });
  await expect(partly).rejects.toThrow('no room');
  expect(existsSync(path('before/partly/kept'))).toBe(true);
});
