import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { savePictures } from '../../../src-main/main/savePictures.ts';
import { blobHash } from '../../../src-shared/ids.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { createSmallStudio } from './smallStudio.ts';

const { path, files, folder } = temporaryFolder();
mkdirSync(path('blobs'));
const { blobs } = createSmallStudio(path('blobs'));
const png = (text: string) => Buffer.from(`\x89PNG\r\n\x1a\n${text}`, 'latin1');

async function keep(content: Buffer) {
  return (await blobs.receive(Readable.from([content]), { limit: 1000 })).hash;
}

function newFolder(name: string): string {
  mkdirSync(path(name));
  return path(name);
}

describe('pictures are saved', () => {
  test('under their names, without overwriting anything', async () => {
    const target = newFolder('my pictures, ü');
    writeFileSync(join(target, 'cat.png'), 'mine');
    symlinkSync(path('elsewhere.png'), join(target, 'cat (2).png'));
    const [first, second] = [await keep(png('first')), await keep(png('second'))];
    const pictures = [first, second].map((hash) => ({ hash, name: 'cat.png' }));
    expect(await savePictures(target, pictures, blobs)).toEqual({ saved: 2 });
    expect(files('my pictures, ü')).toEqual(['cat (3).png', 'cat (4).png', 'cat.png']);
    expect(readFileSync(join(target, 'cat (3).png'))).toEqual(png('first'));
    expect(readFileSync(join(target, 'cat (4).png'))).toEqual(png('second'));
    expect(readFileSync(join(target, 'cat.png'), 'utf8')).toBe('mine');
    expect(files()).toEqual([]);
  });

  test.each([
    ['../out.png', '__out.png'],
    ['a/b\\c.png', 'a_b_c.png'],
    ['', 'file.png'],
    ['run.bat', 'run.bat.png'],
    [`${'x'.repeat(200)}.png`, `${'x'.repeat(150)}.png`],
  ])('as pictures, in the folder: "%s"', async (name, expected) => {
    const target = newFolder(`named ${expected.slice(0, 20)}`);
    const hash = await keep(png('cat'));
    expect(await savePictures(target, [{ hash, name }], blobs)).toEqual({ saved: 1 });
    expect(files(target.slice(folder.length + 1))).toEqual([expected]);
  });

  test('and nothing else is', async () => {
    const target = newFolder('html');
    const pictures = [
      { hash: await keep(png('cat')), name: 'cat.png' },
      { hash: await keep(Buffer.from('<html>')), name: 'page.png' },
    ];
    const outcome = await savePictures(target, pictures, blobs);
    expect(outcome).toEqual({ saved: 1, problem: 'One of the files is no picture' });
    expect(files('html')).toEqual(['cat.png']);
  });

  test('as far as it goes, and no path is told', async () => {
    const pictures = [{ hash: await keep(png('cat')), name: 'cat.png' }];
    const { saved, problem } = await savePictures(path('gone'), pictures, blobs);
    expect(saved).toBe(0);
    expect(problem).toBe('The chosen folder cannot be written (ENOENT). Choose another one');
    const missing = [{ hash: blobHash.parse('0'.repeat(64)), name: 'cat.png' }];
    const lost = await savePictures(newFolder('empty'), missing, blobs);
    expect(lost.problem).not.toContain(folder);
  });
});
