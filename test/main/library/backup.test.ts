import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Library } from '../../../src-main/library/library.ts';
import type { BlobHash } from '../../../src-shared/ids.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { parseLayoutPrior } from '../../../src-shared/layout.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';
import {
  compositionNamed,
  compositionQuery,
  conceptQuery,
  createConcept,
  modelAt,
  testLibraries,
  versionNamed,
} from '../../support/testLibrary.ts';

const { open, newFolder } = testLibraries();

/** Something of everything, told apart by the tag. */
async function fill(library: Library, tag: string): Promise<void> {
  const { concepts, compositions, models, priors, votes, jobs } = library;
  const { id } = createConcept(library, tag);
  const model = models.add(modelAt(`/models/${tag}`));
  const added = await versionNamed(library, tag);
  const version = concepts.addVersion(id, { ...added, modelId: model.id });
  concepts.change({ id, tags: [tag, 'both'], notes: `notes of ${tag}`, favourite: true });
  createConcept(library, `${tag}-trashed`);
  concepts.trash([concepts.withToken(`<${tag}-trashed>`)!.id]);
  const use = { versionId: version.id, token: `<${tag}>`, strength: 1 };
  const parts = (['plain', 'both'] as const).map(async (way) => ({
    ...(await compositionNamed(library, `${tag} ${way}`, { concepts: [use], modelId: model.id })),
    way,
  }));
  compositions.keepComparison(await Promise.all(parts));
  const { comparisonId, left, right } = votes.next('plain', 'both')!;
  const pair = { first: 'plain', second: 'both' } as const;
  votes.cast({ comparisonId, left, right, choice: 'left', ...pair });
  const heatMap = { height: 1, width: 1, values: [1] };
  const sample = { seed: 1, objects: [{ box: [0, 0, 1, 1], heatMap }] };
  const objects = { version: 1, prompt: tag, objects: ['cat'], samples: [sample] };
  priors.save(tag, parseLayoutPrior(objects));
  library.settings.change({ modelId: model.id, tourDone: true });
  const request = { photos: added.photos };
  const job = jobs.add({ kind: 'train', title: tag, device: 'cpu', conceptId: id, request });
  jobs.recordSteps(job.id, 'plain', [{ step: 1, figures: { loss: 1 } }]);
  jobs.recordPreview(job.id, 'plain', added.previews[0]);
  jobs.recordPath(job.id, 'plain', added.path!);
  jobs.change(job.id, { state: 'paused' });
}

/** All records, and that their files are there. */
function contentOf(library: Library) {
  const { concepts, compositions, jobs } = library;
  const lists = [true, false].map((trash) => ({
    concepts: concepts.list(conceptQuery({ trash })),
    found: concepts.list(conceptQuery({ trash, search: 'notes of' })),
    compositions: compositions.list(compositionQuery({ trash })),
  }));
  const listed = lists.flatMap((list) => list.concepts.concepts);
  const details = listed.map(({ id }) => concepts.detail(id));
  const versions = details.flatMap(({ versionList }) => versionList);
  const pictures = lists.flatMap((list) => list.compositions.compositions);
  const content = {
    lists,
    details,
    paths: versions.map(({ id }) => concepts.path(id)),
    pictures: pictures.map(({ id }) => compositions.get(id)),
    jobs: jobs.list({ ended: true }).map((job) => [job, jobs.request(job.id), jobs.runs(job.id)]),
    models: library.models.list(),
    priors: library.priors.list(),
    votes: library.votes.result('plain', 'both'),
    settings: library.settings.get(),
    tags: concepts.tags(),
  };
  const hashes = JSON.stringify(content).matchAll(/"([0-9a-f]{64})"/g);
  const lost = [...hashes].filter(([, hash]) => !library.blobs.has(hash as BlobHash));
  expect(lost).toEqual([]);
  return content;
}

async function send(from: Library, hash: BlobHash, to: Library): Promise<BlobHash> {
  const stream = createReadStream(from.blobs.path(hash));
  return (await to.blobs.receive(stream, { limit: 1e9 })).hash;
}

test('a whole library goes into one file and comes back elsewhere', async () => {
  const [source, target] = [open(), open()];
  await fill(source, 'minka');
  await source.blobs.put(Buffer.alloc(3_000_000, 9)); // needed by nothing, and not backed up
  source.devices.recordSelfTest('cpu', { at: 1, passed: true });
  await fill(target, 'bruno');
  mkdirSync(join(target.trainings, 'job'), { recursive: true });
  writeFileSync(join(target.trainings, 'job', 'checkpoint'), 'rows');
  const [content, before] = [contentOf(source), contentOf(target)];
  const backup = await source.backUp();
  expect(backup.bytes).toBeLessThan(1_500_000);
  expect(contentOf(source)).toEqual(content);

  const { kept } = await target.restore(await send(source, backup.hash, target));
  expect(contentOf(target)).toEqual(content);
  expect(target.devices.selfTest('cpu')).toBeUndefined();
  await target.collectGarbage({ minimumAge: 0 });
  expect(contentOf(target)).toEqual(content);
  expect(existsSync(join(kept, '..', '..', 'library.sqlite'))).toBe(true);

  const old = open(kept);
  expect(contentOf(old)).toEqual(before);
  expect(await readFile(join(old.trainings, 'job', 'checkpoint'), 'utf8')).toBe('rows');
  target.close();
  expect(contentOf(open(target.folder))).toEqual(content);
});

test('what restores have kept is measured and deleted, and nothing else with it', async () => {
  const library = open();
  await fill(library, 'minka');
  expect(await library.kept()).toEqual({ libraries: 0, bytes: 0 });
  const before = contentOf(library);
  const { hash } = await library.backUp();
  const { kept } = await library.restore(hash);
  await library.restore(hash);
  const shared = await library.kept();
  expect(shared.libraries).toBe(2);
  const lost = await library.blobs.put(Buffer.alloc(1_000_000, 1)); // needed by nothing
  await library.restore(hash);
  await library.collectGarbage({ minimumAge: 0 });
  expect(library.blobs.has(lost)).toBe(false);
  const { libraries, bytes } = await library.kept();
  expect(libraries).toBe(3);
  expect(bytes).toBeGreaterThan(shared.bytes + 1_000_000);
  const other = open(kept);
  await expect(library.deleteKept()).rejects.toThrow(/is open in another Tessera/);
  other.close();
  await library.deleteKept();
  expect(await library.kept()).toEqual({ libraries: 0, bytes: 0 });
  expect(contentOf(library)).toEqual(before);
});

test('a file of several chunks comes back whole', async () => {
  const [source, target] = [open(), open()];
  const { id } = createConcept(source, 'minka');
  const bytes = Buffer.alloc(2 ** 21 + 12_345, 'pattern');
  const file = await source.blobs.put(bytes);
  source.concepts.addVersion(id, { ...(await versionNamed(source, 'v')), file });
  const { hash } = await source.backUp();
  await target.restore(await send(source, hash, target));
  expect(Buffer.compare(await target.blobs.read(file), bytes)).toBe(0);
});

test('jobs that had not ended wait for the user after a restore', async () => {
  const library = open();
  const job = { kind: 'train', title: 'T', device: 'cpu', request: {} } as const;
  const ids = [1, 2, 3].map(() => library.jobs.add(job).id);
  library.jobs.change(ids[0], { state: 'running' });
  library.jobs.change(ids[1], { state: 'done' });
  const { hash } = await library.backUp();
  await expect(library.restore(hash)).rejects.toThrow('"T" is running; pause it');
  library.jobs.change(ids[0], { state: 'paused' });
  await library.restore(hash);
  expect(ids.map((id) => library.jobs.get(id).state)).toEqual(['paused', 'done', 'paused']);
});

test('a concept that an older version called wrongly is restored like the others', async () => {
  const library = open();
  const { id } = createConcept(library, 'minka');
  const database = new Database(join(library.folder, 'library.sqlite'));
  database.prepare('UPDATE concepts SET class_word = ?').run('x'.repeat(61));
  database.close();
  await library.restore((await library.backUp()).hash);
  expect(library.concepts.summary(id).problem).toMatch(/^class word is "x+"; expected a word of/);
});

test.each(['copying the database', 'gathering files', 'checking the backup'])(
  'a backup that is stopped while %s leaves nothing',
  async (phase) => {
    const library = open();
    const { id } = createConcept(library, 'minka');
    const file = await library.blobs.put(Buffer.alloc(2 ** 21, 7));
    library.concepts.addVersion(id, { ...(await versionNamed(library, 'v')), file });
    const before = library.blobs.total();
    const controller = new AbortController();
    const stopped = library.backUp({
      signal: controller.signal,
      onProgress: (progress) => progress.phase === phase && controller.abort(),
    });
    await expect(stopped).rejects.toThrow(/aborted/);
    expect(library.blobs.total()).toEqual(before);
    expect(readdirSync(join(library.folder, 'incoming'))).toEqual([]);
    await expect(library.backUp({ signal: controller.signal })).rejects.toThrow(/aborted/);
    expect((await library.backUp()).bytes).toBeGreaterThan(2 ** 21);
  },
);

test('a library with a damaged file makes no backup', async () => {
  const library = open();
  await fill(library, 'minka');
  const { file } = library.concepts
    .list(conceptQuery())
    .concepts.map(({ id }) => library.concepts.detail(id).versionList[0])[0];
  writeFileSync(library.blobs.path(file), 'something else');
  await expect(library.backUp()).rejects.toThrow(`file ${file.slice(0, 12)}`);
  expect(readdirSync(join(library.folder, 'incoming'))).toEqual([]);
});

/** Changes the database inside a backup, and its hash with it. */
function changeDatabase(backup: Database.Database, folder: string, change: string): void {
  const path = join(folder, 'inner.sqlite');
  const key = backup.prepare("SELECT key FROM parts WHERE name = 'library.sqlite'").pluck().get();
  const chunks = backup
    .prepare<unknown[], Buffer>('SELECT content FROM chunks WHERE part = ? ORDER BY position')
    .pluck()
    .all(key);
  writeFileSync(path, Buffer.concat(chunks));
  const inner = new Database(path);
  inner.unsafeMode();
  inner.exec(change);
  inner.close();
  const content = new Database(path, { readonly: true }).serialize();
  backup.prepare('DELETE FROM chunks WHERE part = ?').run(key);
  backup.prepare('INSERT INTO chunks VALUES (?, 0, ?)').run(key, content);
  const hash = createHash('sha256').update(content).digest('hex');
  backup
    .prepare('UPDATE parts SET hash = ?, bytes = ? WHERE key = ?')
    .run(hash, content.length, key);
}

type Damage = (backup: Database.Database, folder: string) => void;

const run =
  (sql: string): Damage =>
  (backup) =>
    backup.exec(sql);
const inside =
  (sql: string): Damage =>
  (backup, folder) =>
    changeDatabase(backup, folder, sql);
const ofDatabase = "(SELECT key FROM parts WHERE name = 'library.sqlite')";
const ofAFile = "(SELECT key FROM parts WHERE name <> 'library.sqlite' LIMIT 1)";
const flip = (part: string) =>
  run(`UPDATE chunks SET content = zeroblob(length(content)) WHERE part = ${part}`);

/** The index says that it is unique, and is not. */
const sameTokens = `DROP INDEX concepts_token;
  UPDATE concepts SET token = 'same', trashed_at = NULL;
  CREATE INDEX concepts_token ON concepts (token) WHERE trashed_at IS NULL;
  PRAGMA writable_schema = ON;
  UPDATE sqlite_schema SET sql = replace(sql, 'CREATE INDEX', 'CREATE UNIQUE INDEX')
    WHERE name = 'concepts_token'`;

const damages: readonly (readonly [what: string, reason: RegExp, damage: Damage])[] = [
  ['of another program', /not a backup/, run('PRAGMA application_id = 1')],
  ['of a newer version', /newer version of Tessera/, run('PRAGMA user_version = 9')],
  ['with a further table', /tables are not those of a backup/, run('CREATE TABLE more (x)')],
  ['with a damaged file', /its file [0-9a-f]{12}\.\.\. is damaged/, flip(ofAFile)],
  ['with a damaged database', /its database is damaged/, flip(ofDatabase)],
  [
    'without a file',
    /the part [0-9a-f]+ is missing/,
    run(`DELETE FROM parts WHERE key = ${ofAFile}`),
  ],
  [
    ...(['without a chunk', /breaks off after 0 bytes/] as const),
    run(`DELETE FROM chunks WHERE part = ${ofAFile}`),
  ],
  [
    ...(['with a huge chunk', /breaks off after 0 bytes/] as const),
    run(`UPDATE chunks SET content = zeroblob(50000000) WHERE part = ${ofAFile}`),
  ],
  ['that says it is huge', /are needed/, run('UPDATE parts SET bytes = 9e15')],
  ['with negative sizes', /the part .* is missing/, run('UPDATE parts SET bytes = -1')],
  [
    'without a database',
    /library\.sqlite is missing/,
    run(`DELETE FROM parts WHERE key = ${ofDatabase}`),
  ],
  [
    ...([
      'whose database has a trigger of its own',
      /tables are not those of Tessera's library/,
    ] as const),
    inside(`CREATE TRIGGER evil AFTER INSERT ON settings BEGIN DELETE FROM concepts; END`),
  ],
  ['whose database is newer', /newer version of Tessera/, inside('PRAGMA user_version = 99')],
  ['whose database is another', /of another program/, inside('PRAGMA application_id = 7')],
  [
    ...(['with a record that breaks the contract', /concept: tags\[0\] is 1/] as const),
    inside(`UPDATE concepts SET tags = '[1]'`),
  ],
  [
    ...(['with a job of an unknown state', /job: state is "flying"/] as const),
    inside(`UPDATE jobs SET state = 'flying'`),
  ],
  ['with two concepts of one token', /damaged/, inside(sameTokens)],
  [
    ...(['with rows that refer to nothing', /damaged/] as const),
    inside('PRAGMA foreign_keys = OFF; UPDATE version_photos SET version_key = version_key + 1000'),
  ],
];

describe('a backup', () => {
  test('that is not whole is refused with its reason, and changes nothing', {
    timeout: 120_000,
  }, async () => {
    const [source, target] = [open(), open()];
    await fill(source, 'minka');
    await fill(target, 'bruno');
    const before = contentOf(target);
    const { hash } = await source.backUp();
    for (const [what, reason, damage] of damages) {
      const folder = newFolder();
      const path = join(folder, 'backup');
      await copyFile(source.blobs.path(hash), path);
      const backup = new Database(path);
      damage(backup, folder);
      backup.close();
      const { hash: damaged } = await target.blobs.putFile(path);
      const refusal = await target.restore(damaged).catch((error: unknown) => error);
      expect(refusal, what).toBeInstanceOf(InputError);
      expect(String(refusal), what).toMatch(reason);
      expect(String(refusal), what).toContain('The library was not changed');
      expect(contentOf(target), what).toEqual(before);
      expect(readdirSync(join(target.folder, 'incoming'))).toEqual([]);
    }
    expect(readdirSync(join(target.folder, 'kept'))).toEqual([]);
  });

  test('that was cut off, or is no database, is refused', async () => {
    const library = open();
    await fill(library, 'minka');
    const { hash, bytes } = await library.backUp();
    const whole = await library.blobs.read(hash);
    for (const part of [whole.subarray(0, bytes / 2), whole.subarray(0, 50), Buffer.from('text')]) {
      const cut = await library.blobs.put(part);
      const refusal = library.restore(cut);
      await expect(refusal).rejects.toThrow(/InputError|The backup cannot be restored/);
    }
    await expect(library.restore('e'.repeat(64) as BlobHash)).rejects.toThrow(InputError);
  });
});

test('a restore that is killed leaves one library or the other', { timeout: 240_000 }, async () => {
  const random = seededRandom(testSeed);
  const library = open();
  const contents = [];
  const hashes: BlobHash[] = [];
  for (const tag of ['minka', 'bruno']) {
    const other = open();
    await fill(other, tag);
    hashes.push(await send(other, (await other.backUp()).hash, library));
    contents.push(JSON.stringify(contentOf(other)));
  }
  await library.restore(hashes[1]);
  library.close();
  const script = join('test', 'support', 'restoreLibrary.ts');
  const found = new Set<number>();
  for (let kill = 0; kill < 8; kill++) {
    const child = spawn(process.execPath, [script, library.folder, ...hashes], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface(child.stdout), 'line');
    setTimeout(() => child.kill('SIGKILL'), random() * 1200);
    await once(child, 'close');
    const after = open(library.folder);
    found.add(contents.indexOf(JSON.stringify(contentOf(after))));
    after.close();
  }
  expect(found).not.toContain(-1);
});
