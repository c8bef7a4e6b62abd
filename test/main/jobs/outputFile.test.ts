import { chmodSync, mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inspectFile } from '../../../src-main/engine/checkpoint/inspect.ts';
import { checkOutput } from '../../../src-main/jobs/outputFile.ts';
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
  await expect(refused).rejects.toThrow(/picture\.png could not be written .*EACCES/);
});

test.skipIf(mayAll)('a folder that cannot be read is told', () => {
  mkdirSync(path('hidden/inner'), { recursive: true });
  for (const folder of ['hidden/inner', 'hidden']) {
    chmodSync(path(folder), 0o111);
    expect(() => inspectFile(path('hidden'))).toThrow(InputError);
    chmodSync(path(folder), 0o755);
  }
});
