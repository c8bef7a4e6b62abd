import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { withClearErrors } from '../../../src-main/library/clearErrors.ts';
import { openWritable } from '../../../src-main/library/database.ts';
import { createJobRepository } from '../../../src-main/library/jobRepository.ts';
import { migrate, readMigrations } from '../../../src-main/library/migrations.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { conceptQuery, createConcept, putText, testLibraries } from '../../support/testLibrary.ts';

const { open, newFolder, closeAll } = testLibraries();
const writer = join('test', 'support', 'writeLibrary.ts');

/** A library with something in it, closed. */
async function filledFolder(concepts = 1): Promise<string> {
  const library = open();
  for (let index = 0; index < concepts; index++) createConcept(library, `c${index}`);
  await putText(library, 'a file');
  library.close();
  return library.folder;
}

/** Every file with its bytes. */
function contentOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(path, 'base64')]));
}

function refusal(folder: string): string {
  try {
    open(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error('expected the library to be refused');
}

test('a library is made where there is none, and found again', () => {
  const folder = join(newFolder(), 'deep', 'library');
  const library = open(folder);
  const { id } = createConcept(library, 'minka');
  library.close();
  library.close();
  const again = open(folder);
  expect(again.concepts.summary(id).name).toBe('minka');
  expect(again.folder).toBe(folder);
});

test('figures say what there is', async () => {
  const library = open();
  createConcept(library, 'minka');
  await putText(library, 'hello');
  mkdirSync(join(library.trainings, 'job'), { recursive: true });
  writeFileSync(join(library.trainings, 'job', 'checkpoint'), 'rows');
  const figures = await library.figures();
  expect(figures).toMatchObject({
    blobs: 1,
    blobBytes: 5,
    concepts: 1,
    compositions: 0,
    checkpointBytes: 4,
  });
  expect(figures.databaseBytes).toBeGreaterThan(10_000);
  expect(figures.freeBytes).toBeGreaterThan(0);
});

describe('a second opener', () => {
  test('in the same process is told who has it', () => {
    const library = open();
    expect(refusal(library.folder)).toContain(`process ${process.pid}, since 20`);
    createConcept(library, 'minka');
    expect(refusal(library.folder)).toContain('is open in another Tessera');
    library.close();
    expect(open(library.folder).concepts.list(conceptQuery()).total).toBe(1);
  });

  test('in another process is told who has it, until that one is killed', {
    timeout: 60_000,
  }, async () => {
    const folder = newFolder();
    const child = spawn(process.execPath, [writer, folder, '1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface(child.stdout), 'line');
    expect(refusal(folder)).toContain(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(open(folder).jobs.list({ ended: true })).toHaveLength(1);
  });
});

describe('a database', () => {
  test.each([true, false])(
    'of a newer version is not touched (opened before: %s)',
    async (before) => {
      const folder = await filledFolder();
      const path = join(folder, 'library.sqlite');
      const database = new Database(path);
      database.pragma('user_version = 99');
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.close();
      if (!before) rmSync(join(folder, 'lock'));
      const content = contentOf(folder);
      expect(refusal(folder)).toMatch(
        /newer version of Tessera \(its format is 99.*up to \d+\).*TESSERA_LIBRARY/,
      );
      expect(contentOf(folder)).toEqual(content);
    },
  );

  test('of another program is not touched', () => {
    const folder = newFolder();
    const database = new Database(join(folder, 'library.sqlite'));
    database.exec('PRAGMA user_version = 1; CREATE TABLE notes (text)');
    database.close();
    const content = contentOf(folder);
    expect(refusal(folder)).toContain('is a database of another program');
    expect(contentOf(folder)).toEqual(content);
  });

  test('that is no database is refused', async () => {
    const folder = await filledFolder();
    writeFileSync(
      join(folder, 'library.sqlite'),
      'This is a text, and longer than a header of SQLite. '.repeat(9),
    );
    expect(refusal(folder)).toMatch(
      /library\.sqlite is damaged: it does not begin.*restore a backup/,
    );
  });

  test('that was cut off is refused', async () => {
    const folder = await filledFolder();
    truncateSync(join(folder, 'library.sqlite'), 20_000);
    expect(refusal(folder)).toMatch(/is damaged: it has 20000 bytes of \d+/);
  });

  test('of no bytes is a new one', async () => {
    const folder = await filledFolder();
    writeFileSync(join(folder, 'library.sqlite'), '');
    expect(open(folder).concepts.list(conceptQuery()).total).toBe(0);
  });

  /** Overwrites the first page of a table. */
  function damage(folder: string, table: string): void {
    const path = join(folder, 'library.sqlite');
    const database = new Database(path);
    const sql = 'SELECT rootpage FROM sqlite_schema WHERE name = ?';
    const page = Number(database.prepare(sql).pluck().get(table));
    const size = Number(database.pragma('page_size', { simple: true }));
    database.close();
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size);
    closeSync(file);
  }

  test('with damaged pages is refused at the first use, or when it is opened after a crash', async () => {
    const folder = await filledFolder(50);
    damage(folder, 'concepts');
    const library = open(folder);
    expect(() => library.concepts.list(conceptQuery())).toThrow(/InputError|is damaged/);
    expect(() => library.concepts.list(conceptQuery())).toThrow('restore a backup');
    library.close();
    writeFileSync(join(folder, 'holder.json'), '{}'); // as a process leaves it that did not close the library
    expect(refusal(folder)).toContain('is damaged');
    expect(refusal(folder), 'and again').toContain('is damaged');
  });
});

describe('a disk', () => {
  test('with a file in the place of the folder is refused', () => {
    const path = join(newFolder(), 'file');
    writeFileSync(path, '');
    expect(refusal(path)).toContain('a file is in its way');
    expect(refusal(join(path, 'below'))).toContain('a file is in its way');
  });

  /** As a user who may not write there: root may write anywhere. */
  function openAsOther(folder: string): string {
    const root = process.getuid?.() === 0;
    const module = JSON.stringify(join(process.cwd(), 'src-main', 'library', 'library.ts'));
    const script = `import(${module}).then(({ openLibrary }) => openLibrary(${JSON.stringify(folder)}).close())`;
    const user = root ? { uid: 65534, gid: 65534 } : {};
    return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', ...user }).stderr;
  }

  test.skipIf(process.platform === 'win32')('that may not be written is refused', async () => {
    const folder = await filledFolder();
    const content = contentOf(folder);
    const modes = { folder: 0o555, file: 0o444 };
    for (const path of Object.keys(content)) chmodSync(path, modes.file);
    chmodSync(folder, modes.folder);
    try {
      const refused = openAsOther(folder);
      expect(refused).toMatch(
        /InputError: The library .* cannot be written.*read-only.*TESSERA_LIBRARY/,
      );
      expect(openAsOther(join(folder, 'new'))).toMatch(
        /InputError: The library .* cannot be written/,
      );
      expect(contentOf(folder)).toEqual(content);
    } finally {
      chmodSync(folder, 0o755);
    }
  });

  test('that is full stops a write, says so and loses nothing', () => {
    const database = openWritable(join(newFolder(), 'small.sqlite'));
    migrate(database, readMigrations());
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages + 8}`);
    const jobs = withClearErrors(createJobRepository(database), '/libraries/mine');
    const add = () =>
      jobs.add({ kind: 'train', title: 'x'.repeat(2000), device: 'cpu', request: {} });
    let added = 0;
    const fill = () => {
      for (; added < 100; added++) add();
    };
    expect(fill).toThrow(/The disk of the library \/libraries\/mine is full; nothing was lost/);
    expect(added).toBeGreaterThan(3);
    expect(jobs.list({ ended: false })).toHaveLength(added);
    database.pragma(`max_page_count = ${pages + 100}`);
    add();
    expect(jobs.list({ ended: false })).toHaveLength(added + 1);
    database.close();
  });
});

/** A disk of four megabytes, where this machine lets us have one. */
function mountSmallDisk(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]).status === 0;
}

const probe = newFolder();
const canMount = mountSmallDisk(probe);
if (canMount) execFileSync('umount', [probe]);
rmSync(probe, { recursive: true });

test.skipIf(!canMount)(
  'a full disk refuses a file and a row, and works again with room',
  async () => {
    const folder = newFolder();
    mountSmallDisk(folder);
    try {
      const library = open(folder);
      const kept = await putText(library, 'kept');
      const { id } = createConcept(library, 'minka');
      await expect(library.blobs.put(Buffer.alloc(8 * 2 ** 20, 1))).rejects.toThrow(
        /InputError|is full/,
      );
      expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
      writeFileSync(join(folder, 'ballast'), Buffer.alloc(2 ** 20));
      const fill = () => {
        for (let i = 0; i < 2000; i++) {
          library.concepts.change({ id, notes: String(i).repeat(4000) });
        }
      };
      expect(fill).toThrow(/The disk of the library .* is full; nothing was lost/);
      await expect(library.backUp()).rejects.toThrow(InputError);
      rmSync(join(folder, 'ballast'));
      library.concepts.change({ id, notes: 'there is room' });
      expect(library.concepts.detail(id).notes).toBe('there is room');
      expect((await library.blobs.read(kept)).toString()).toBe('kept');
      library.close();
      expect(open(folder).concepts.detail(id).notes).toBe('there is room');
    } finally {
      closeAll();
      execFileSync('umount', [folder]);
    }
  },
);

test.skipIf(!canMount)('a disk that became read-only is told', async () => {
  const folder = newFolder();
  mountSmallDisk(folder);
  try {
    open(folder).close();
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    expect(refusal(folder)).toMatch(/cannot be written: the folder or its disk is read-only/);
    expect(refusal(join(folder, 'new'))).toMatch(/cannot be (made|written).*read-only/);
  } finally {
    execFileSync('umount', [folder]);
  }
});

test('a library that was copied while it was closed is a library', async () => {
  const folder = await filledFolder(3);
  const copy = newFolder();
  copyFileSync(join(folder, 'library.sqlite'), join(copy, 'library.sqlite'));
  expect(open(copy).concepts.list(conceptQuery()).total).toBe(3);
  expect(existsSync(join(folder, 'holder.json'))).toBe(false);
});
