import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Library } from '../../../src-main/library/library.ts';
import type { BlobHash } from '../../../src-shared/ids.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';
import {
  compositionNamed,
  compositionQuery,
  conceptQuery,
  createConcept,
  photoNamed,
  putText,
  testLibraries,
  versionNamed,
} from '../../support/testLibrary.ts';

const { open } = testLibraries();

function filesOf(library: Library): string[] {
  const blobs = join(library.folder, 'blobs');
  return readdirSync(blobs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

/** Every hash that anything reachable through the repositories names. */
function neededBy(library: Library): string[] {
  const concepts = [true, false].flatMap(
    (trash) => library.concepts.list(conceptQuery({ trash, limit: 500 })).concepts,
  );
  const compositions = [true, false].flatMap(
    (trash) => library.compositions.list(compositionQuery({ trash, limit: 500 })).compositions,
  );
  const jobs = library.jobs.list({ ended: true });
  const records = [
    ...concepts.map(({ id }) => library.concepts.detail(id)),
    ...compositions,
    ...jobs.flatMap(({ id }) => [library.jobs.request(id), library.jobs.runs(id)]),
  ];
  const hashes = JSON.stringify(records).matchAll(/"([0-9a-f]{64})"/g);
  return [...new Set([...hashes].map(([, hash]) => hash))].sort();
}

test('what no row needs is deleted once it is old enough', async () => {
  const library = open();
  const lost = await putText(library, 'lost');
  expect(await library.collectGarbage({ minimumAge: 60_000 })).toEqual({ files: 0, bytes: 0 });
  expect(library.blobs.has(lost)).toBe(true);
  expect(await library.collectGarbage({ minimumAge: 0 })).toEqual({ files: 1, bytes: 4 });
  expect(library.blobs.has(lost)).toBe(false);
  expect(filesOf(library)).toEqual([]);
});

test('a collection ends where it is asked to; what is deleted stays so', async () => {
  const library = open();
  for (let index = 0; index < 450; index++) await putText(library, `lost ${index}`);
  const controller = new AbortController();
  const steps: number[] = [];
  const stopped = library.collectGarbage({
    minimumAge: 0,
    signal: controller.signal,
    onProgress: ({ step }) => {
      steps.push(step);
      controller.abort();
    },
  });
  await expect(stopped).rejects.toThrow(/aborted/);
  expect(steps).toHaveLength(1);
  expect(steps[0]).toBeGreaterThan(30); // 200 of 450, in percent
  const left = library.blobs.total().blobs;
  expect(left).toBe(50);
  expect(filesOf(library)).toHaveLength(left);
});

test('a file that is put again is young again', async () => {
  const library = open();
  await putText(library, 'again');
  await setTimeout(60);
  await putText(library, 'again');
  expect((await library.collectGarbage({ minimumAge: 50 })).files).toBe(0);
});

test('a file without a row is found, unless it is young', async () => {
  const library = open();
  const hash = await putText(library, 'stray');
  const path = library.blobs.path(hash);
  await library.collectGarbage({ minimumAge: 0 });
  writeFileSync(path, 'stray'); // as a crash between row and file leaves it
  expect((await library.collectGarbage({ minimumAge: 60_000 })).files).toBe(0);
  writeFileSync(join(path, '..', 'readme.txt'), 'not ours');
  expect(await library.collectGarbage({ minimumAge: -1 })).toEqual({ files: 1, bytes: 5 });
  expect(filesOf(library)).toEqual(['readme.txt']);
});

test('a row without its file is no obstacle', async () => {
  const library = open();
  rmSync(library.blobs.path(await putText(library, 'gone')));
  await library.collectGarbage({ minimumAge: 0 });
  expect(library.blobs.total().blobs).toBe(0);
});

test('a moved-in file with an old date is as young as its row', async () => {
  const library = open();
  const path = join(library.folder, 'incoming', 'old');
  writeFileSync(path, 'old');
  utimesSync(path, 1, 1);
  const { hash } = await library.blobs.putFile(path);
  await library.collectGarbage({ minimumAge: 60_000 });
  expect(library.blobs.has(hash)).toBe(true);
});

test('files of queued jobs and of previews stay', async () => {
  const library = open();
  const { id: conceptId } = createConcept(library, 'minka');
  const photo = await photoNamed(library, 'p');
  const plain = await putText(library, 'plain');
  const { id } = library.jobs.add({
    ...{ kind: 'train', title: 'T', device: 'cpu', conceptId, request: { photos: [photo] } },
  });
  library.jobs.recordPreview(id, 'plain', { step: 5, plain, composition: plain });
  await library.collectGarbage({ minimumAge: 0 });
  expect(filesOf(library)).toEqual([photo.blob, photo.thumbnail, photo.mask!, plain].sort());
  library.jobs.change(id, { state: 'cancelled' });
  library.concepts.trash([conceptId]);
  library.concepts.remove([conceptId]);
  await library.collectGarbage({ minimumAge: 0 });
  expect(filesOf(library)).toEqual([]);
});

/** What may happen to a library, by chance. */
function randomActions(library: Library, random: () => number) {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const tag = () => String(Math.floor(random() * 6)); // few, so that files are shared
  const ids = (trash: boolean) =>
    library.concepts.list(conceptQuery({ trash })).concepts.map(({ id }) => id);
  const pictures = (trash: boolean) =>
    library.compositions.list(compositionQuery({ trash })).compositions.map(({ id }) => id);
  let count = 0;
  return [
    () => createConcept(library, `c${count++}`),
    async () => {
      const id = pick(ids(false));
      if (id) library.concepts.addVersion(id, await versionNamed(library, tag()));
    },
    async () => library.compositions.keep(await compositionNamed(library, tag())),
    () => putText(library, `upload ${tag()}`),
    () => ids(false).length > 2 && library.concepts.trash([pick(ids(false))]),
    () => ids(true).length > 0 && library.concepts.remove([pick(ids(true))]),
    () => pictures(false).length > 2 && library.compositions.trash([pick(pictures(false))]),
    () => pictures(true).length > 0 && library.compositions.remove([pick(pictures(true))]),
  ];
}

test('after any history exactly what is needed is there', { timeout: 120_000 }, async () => {
  const random = seededRandom(testSeed);
  const library = open();
  const actions = randomActions(library, random);
  for (let round = 0; round < 6; round++) {
    for (let turn = 0; turn < 12; turn++) {
      await actions[Math.floor(random() * actions.length)]();
    }
    const needed = neededBy(library);
    await library.collectGarbage({ minimumAge: 0 });
    expect(filesOf(library), `seed ${testSeed}, round ${round}`).toEqual(needed);
    expect(neededBy(library)).toEqual(needed);
    for (const hash of needed) expect(library.blobs.has(hash as BlobHash)).toBe(true);
  }
});

test('files that arrive during a collection are not touched', async () => {
  const library = open();
  for (let file = 0; file < 30; file++) await putText(library, `old ${file}`);
  const collection = library.collectGarbage({ minimumAge: 0 });
  const { id } = createConcept(library, 'minka');
  const version = await versionNamed(library, 'new');
  const [kept] = await Promise.allSettled([
    Promise.resolve().then(() => library.concepts.addVersion(id, version)),
    collection,
  ]);
  // either the version came first and all of its files are there, or it was refused as a whole
  const files = neededBy(library);
  expect(files.every((hash) => existsSync(library.blobs.path(hash as BlobHash)))).toBe(true);
  expect(files.length > 0).toBe(kept.status === 'fulfilled');
});
