import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { trainingMethods } from '../../../src-shared/concept.ts';
import { conceptDetail, conceptSummary } from '../../../src-shared/conceptRecord.ts';
import type { BlobHash } from '../../../src-shared/ids.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { type StudioInput, studioApi } from '../../../src-shared/studioApi.ts';
import {
  conceptQuery,
  createConcept,
  modelAt,
  testLibraries,
  versionNamed,
} from '../../support/testLibrary.ts';

const { open } = testLibraries();
const missing = randomUUID();
const noFile = 'f'.repeat(64) as BlobHash;

describe('a concept', () => {
  test('is what it was made of, and fits the contract', () => {
    const { concepts } = open();
    const naming = { name: 'Minka', token: '<my-cat>', classWord: 'cat' };
    const made = concepts.create({ ...naming, tags: ['pet', 'pet', 'Ünï'], notes: 'ours' });
    expect(conceptSummary.parse(made)).toEqual(made);
    expect(made).toMatchObject({ ...naming, tags: ['pet', 'Ünï'], favourite: false, versions: 0 });
    const detail = concepts.detail(made.id);
    expect(conceptDetail.parse(detail)).toEqual(detail);
    expect(detail).toEqual({ ...made, notes: 'ours', versionList: [] });
  });

  test('changes only where asked', () => {
    const { concepts } = open();
    const { id } = concepts.create({ name: 'A', token: 'a', classWord: 'cat', tags: ['x'] });
    expect(concepts.change({ id, favourite: true })).toMatchObject({
      ...{ name: 'A', token: 'a', classWord: 'cat', tags: ['x'], favourite: true },
    });
    concepts.change({ id, name: 'B', tags: ['y', 'z'], notes: 'n' });
    expect(concepts.detail(id)).toMatchObject({ name: 'B', tags: ['y', 'z'], notes: 'n' });
    expect(concepts.change({ id, tags: [] }).tags).toEqual([]);
    expect(concepts.tags()).toEqual([]);
  });

  test.each([
    [{ token: 'my cat' }, /^The concept: token is "my cat"; expected one word without spaces/],
    [{ token: '' }, /token is ""/],
    [{ token: `<${'x'.repeat(59)}>` }, /at most 60 characters/],
    [{ classWord: ' ' }, /classWord is " "; expected a word/],
    [{ name: '' }, /name is ""; expected a name/],
  ])('is never called %j', (naming, message) => {
    const { concepts } = open();
    const good = { name: 'Minka', token: '<minka>', classWord: 'cat' };
    expect(() => concepts.create({ ...good, ...naming })).toThrow(message);
    expect(concepts.list(conceptQuery()).total).toBe(0);
    const { id } = concepts.create(good);
    expect(() => concepts.change({ id, ...naming })).toThrow(message);
    expect(concepts.summary(id)).toMatchObject(good);
  });

  test('that an older version called wrongly is listed, mended and deleted', () => {
    const library = open();
    const { concepts } = library;
    createConcept(library, 'minka');
    const { id } = createConcept(library, 'bruno');
    const database = new Database(join(library.folder, 'library.sqlite'));
    database.prepare('UPDATE concepts SET token = ? WHERE id = ?').run('<my cat>', id);
    database.close();
    const found = concepts.list(conceptQuery());
    expect(studioApi.listConcepts.output.parse(found)).toEqual(found);
    expect(found.concepts.map(({ problem }) => problem)).toEqual([
      'token is "<my cat>"; expected one word without spaces of at most 60 characters, such as <my-cat>',
      undefined,
    ]);
    expect(concepts.change({ id, favourite: true }).problem).toBeDefined();
    expect(concepts.change({ id, token: '<bruno>' }).problem).toBeUndefined();
    concepts.trash([id]);
    concepts.remove([id]);
    expect(concepts.list(conceptQuery()).total).toBe(1);
  });

  test('that is not there is named', () => {
    const { concepts } = open();
    expect(() => concepts.detail(missing)).toThrow(new RegExp(`InputError|${missing}`));
    expect(() => concepts.change({ id: missing })).toThrow(InputError);
    expect(() => concepts.trash([missing])).toThrow(InputError);
    expect(() => concepts.version(missing)).toThrow(InputError);
  });

  test('shows the job that can go on', () => {
    const { concepts, jobs } = open();
    const { id } = concepts.create({ name: 'A', token: 'a', classWord: 'cat' });
    const train = () =>
      jobs.add({ kind: 'train', title: 'T', device: 'cpu', conceptId: id, request: {} }).id;
    const first = train();
    expect(concepts.summary(id).jobId).toBe(first);
    jobs.change(first, { state: 'failed' });
    expect(concepts.summary(id).jobId).toBe(first);
    const second = train();
    expect(concepts.summary(id).jobId).toBe(second);
    jobs.change(second, { state: 'done' });
    expect(concepts.summary(id).jobId).toBeUndefined();
  });
});

describe('a version', () => {
  test('comes back as it was added, with its number, and its concept shows it', async () => {
    const library = open();
    const { concepts, models } = library;
    const { id } = createConcept(library, 'minka');
    const model = models.add(modelAt('/models/toybox'));
    const { path, ...given } = await versionNamed(library, 'one');
    const first = concepts.addVersion(id, { ...given, path, modelId: model.id });
    expect(first).toEqual({
      ...{ ...given, modelId: model.id, number: 1, bytes: 'concept one'.length },
      ...{ id: first.id, createdAt: first.createdAt },
    });
    expect(concepts.path(first.id)).toEqual(path);
    expect(concepts.version(first.id)).toEqual({ concept: concepts.summary(id), version: first });

    const plain = { ...(await versionNamed(library, 'two')), variant: 'plain' as const };
    const second = concepts.addVersion(id, { ...plain, parentId: first.id });
    const detail = concepts.detail(id);
    expect(conceptDetail.parse(detail)).toEqual(detail);
    expect(detail.versionList.map(({ number }) => number)).toEqual([2, 1]);
    expect(detail.versionList[0].parentId).toBe(first.id);
    expect(detail).toMatchObject({ versions: 2, variant: 'plain', cover: second.cover });

    models.remove(model.id);
    expect(concepts.version(first.id).version).toMatchObject({ modelName: 'Toybox' });
    expect(concepts.version(first.id).version.modelId).toBeUndefined();
  });

  test('is added whole or not at all', async () => {
    const library = open();
    const { id } = createConcept(library, 'minka');
    const version = await versionNamed(library, 'one');
    const [photo] = version.photos;
    const incomplete = [
      { ...version, file: noFile },
      { ...version, photos: [photo, { ...photo, mask: noFile }] },
      { ...version, previews: [{ ...version.previews[0], concept: noFile }] },
      { ...version, parentId: missing },
      { ...version, modelId: missing },
    ];
    for (const given of incomplete) {
      expect(() => library.concepts.addVersion(id, given)).toThrow(InputError);
    }
    expect(() => library.concepts.addVersion(id, incomplete[0])).toThrow('file ffffffffffff');
    const another = { name: 'Bruno', token: '<bruno>', classWord: 'dog' };
    expect(() => library.concepts.create(another, incomplete[0])).toThrow(InputError);
    expect(library.concepts.list(conceptQuery()).total).toBe(1);
    expect(library.concepts.detail(id)).toMatchObject({ versions: 0, versionList: [] });
    expect(library.concepts.addVersion(id, version).number).toBe(1);
  });
});

describe('a token', () => {
  test('belongs to one concept outside the trash', () => {
    const library = open();
    const { concepts } = library;
    const minka = createConcept(library, 'minka');
    const bruno = createConcept(library, 'bruno');
    const taken = /"Another".*<minka>.*"minka"/;
    const another = { name: 'Another', token: '<minka>', classWord: 'dog' };
    expect(() => concepts.create(another)).toThrow(taken);
    expect(() => concepts.change({ id: bruno.id, token: '<minka>' })).toThrow(/"bruno".*"minka"/);
    expect(concepts.create({ ...another, token: '<Minka>' }).token).toBe('<Minka>');
    expect(concepts.withToken('<minka>')?.id).toBe(minka.id);
    expect(concepts.withToken('<MINKA>')).toBeUndefined();
    expect(concepts.change({ id: minka.id, token: '<minka>' }).token).toBe('<minka>');
  });

  test('is not spelled like a vector of another concept', () => {
    const library = open();
    const { concepts } = library;
    createConcept(library, 'minka');
    const { id } = createConcept(library, 'bruno');
    const part = /it would be read as a part of <minka>, the token of "minka"/;
    expect(() => concepts.change({ id, token: '<minka>_2' })).toThrow(part);
    concepts.change({ id, token: '<bruno>_2' });
    expect(() => createConcept(library, 'bruno')).toThrow(
      /<bruno>_2, the token of "bruno", would be read as a part of it/,
    );
    expect(concepts.change({ id, token: '<bruno>' }).token).toBe('<bruno>');
  });

  test('that was taken meanwhile keeps a concept in the trash', () => {
    const library = open();
    const { concepts } = library;
    const [old, other] = [createConcept(library, 'minka'), createConcept(library, 'bruno')];
    concepts.trash([old.id, other.id]);
    const taker = concepts.create({ name: 'New', token: '<minka>', classWord: 'cat' });
    expect(() => concepts.untrash([other.id, old.id])).toThrow(/"minka".*<minka>.*"New"/);
    expect(concepts.summary(other.id).trashedAt, 'all of them or none').toBeDefined();
    concepts.change({ id: taker.id, token: '<new>' });
    concepts.untrash([other.id, old.id]);
    expect(concepts.summary(old.id).trashedAt).toBeUndefined();
  });
});

describe('the trash', () => {
  test('hides, gives back, and deletes for good', async () => {
    const library = open();
    const { concepts } = library;
    const { id, name } = createConcept(library, 'minka');
    const { id: versionId } = concepts.addVersion(id, await versionNamed(library, 'one'));
    expect(() => concepts.remove([id])).toThrow(`"${name}" is not in the trash`);
    concepts.trash([id]);
    expect(concepts.list(conceptQuery()).total).toBe(0);
    expect(concepts.list(conceptQuery({ trash: true })).concepts[0]).toMatchObject({ id });
    concepts.untrash([id]);
    expect(concepts.list(conceptQuery()).total).toBe(1);
    concepts.trash([id]);
    concepts.remove([id]);
    expect(concepts.list(conceptQuery({ trash: true })).total).toBe(0);
    expect(() => concepts.version(versionId)).toThrow(InputError);
  });

  test('keeps a concept whose training has not ended', () => {
    const library = open();
    const { id } = createConcept(library, 'minka');
    const job = { kind: 'train', title: 'Training <minka>', device: 'cpu', request: {} } as const;
    const { id: jobId } = library.jobs.add({ ...job, conceptId: id });
    library.concepts.trash([id]);
    expect(() => library.concepts.remove([id])).toThrow('"Training <minka>"; cancel that first');
    library.jobs.change(jobId, { state: 'cancelled' });
    library.concepts.remove([id]);
    expect(() => library.jobs.get(jobId)).toThrow(InputError);
  });
});

describe('a list', () => {
  async function filled() {
    const library = open();
    const { concepts } = library;
    const add = (name: string, tags: string[] = []) =>
      concepts.create({ name, token: `<${name}>`, classWord: 'cat', tags });
    const [b, a, c] = [add('Bob', ['x']), add('Ådam', ['x', 'y']), add('carl')];
    const version = await versionNamed(library, 'v');
    const driftOf = (normRatio: number) => ({ normRatio, classCosine: 0.1, percentile: 100 });
    concepts.addVersion(a.id, { ...version, drift: driftOf(9) });
    concepts.addVersion(b.id, { ...version, method: 'custom-diffusion', drift: driftOf(24) });
    concepts.change({ id: c.id, favourite: true });
    return concepts;
  }

  const queries: [StudioInput<'listConcepts'>, string[]][] = [
    [{ order: 'newest' }, ['carl', 'Ådam', 'Bob']],
    [{ order: 'oldest' }, ['Bob', 'Ådam', 'carl']],
    [{ order: 'name' }, ['Ådam', 'Bob', 'carl']],
    [{ order: 'drift' }, ['Ådam', 'Bob', 'carl']],
    [{ tags: ['x'] }, ['Ådam', 'Bob']],
    [{ tags: ['x', 'y'] }, ['Ådam']],
    [{ tags: ['z'] }, []],
    [{ methods: ['custom-diffusion'] }, ['Bob']],
    [{ methods: ['custom-diffusion', 'textual-inversion'] }, ['Ådam', 'Bob']],
    // those that are trained: the others have no method yet
    [{ methods: [...trainingMethods] }, ['Ådam', 'Bob']],
    [{ favourite: true }, ['carl']],
    [{ favourite: false, search: 'cat' }, ['Ådam', 'Bob']],
    [{ search: 'adam' }, ['Ådam']],
    [{ search: 'car' }, ['carl']],
    [{ search: 'car ' }, []],
    [{ search: '<' }, ['carl', 'Ådam', 'Bob']],
    [{ order: 'name', offset: 1, limit: 1 }, ['Bob']],
  ];

  test('holds what was asked for, in its order', async () => {
    const concepts = await filled();
    for (const [query, names] of queries) {
      const found = concepts.list(conceptQuery(query));
      expect([query, found.concepts.map(({ name }) => name)]).toEqual([query, names]);
      expect([query, found.total]).toEqual([query, query.limit ? 3 : names.length]);
    }
  });

  test('in the order of change', async () => {
    const concepts = await filled();
    const bob = concepts.withToken('<Bob>')!;
    const [latest] = concepts.list(conceptQuery({ order: 'updated' })).concepts;
    while (Date.now() === latest.updatedAt);
    concepts.change({ id: bob.id, favourite: true });
    expect(concepts.list(conceptQuery({ order: 'updated' })).concepts[0].name).toBe('Bob');
  });

  test('of tags counts what is outside the trash', async () => {
    const concepts = await filled();
    expect(concepts.tags()).toEqual([
      { tag: 'x', count: 2 },
      { tag: 'y', count: 1 },
    ]);
    concepts.trash([concepts.withToken('<Ådam>')!.id]);
    expect(concepts.tags()).toEqual([{ tag: 'x', count: 1 }]);
  });
});
