import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CancelledError } from '../../../src-main/engine/host.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { committedGolden } from '../../support/runCli.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { importPair, openTestStudio, type TestStudio, toyboxId } from '../../support/testStudio.ts';
import { toyboxFolder } from '../../support/toybox.ts';
import { writeTestConcept, writeToyboxConcept } from '../../support/writeTestConcept.ts';

const { path } = temporaryFolder();
let studio: TestStudio;
let toybox: string;
beforeAll(async () => {
  studio = await openTestStudio(path('library'));
  toybox = await toyboxId(studio);
});
afterAll(() => studio.close());

describe('models', () => {
  test('the built-in one is there from the first start, and stays', async () => {
    const { models } = await studio.call('listModels', {});
    expect(models).toMatchObject([
      { name: 'Toybox', family: 'sd1', builtIn: true, nativeSize: 64, sizeStep: 4, judged: true },
    ]);
    expect(models[0].problem).toBeUndefined();
    await expect(studio.call('removeModel', { id: toybox })).rejects.toThrow(InputError);
  });

  test('one that is added twice is there once; it can be renamed and forgotten', async () => {
    const folder = path('tiny model');
    cpSync(committedGolden('tiny-sd1'), folder, { recursive: true });
    studio.changed();
    const added = await studio.call('addModel', { path: ` "${folder}" ` });
    expect(added).toMatchObject({ name: 'tiny model', fileName: 'tiny model', builtIn: false });
    expect(added.parameters).toBeGreaterThan(0);
    expect(studio.changed()).toEqual(['models']);
    expect((await studio.call('addModel', { path: folder })).id).toBe(added.id);
    expect((await studio.call('listModels', {})).models).toHaveLength(2);
    await studio.call('renameModel', { id: added.id, name: 'Tiny' });
    rmSync(join(folder, 'vae'), { recursive: true });
    expect(await problemOf(added.id)).toMatch(/vae/);
    rmSync(folder, { recursive: true });
    expect(await problemOf(added.id)).toBe(
      'tiny model is no longer where it was: put it back, or add the model again',
    );
    const prefix = { modelId: added.id, prefix: 'a' };
    await expect(studio.call('suggestWords', prefix)).rejects.toThrow(
      /^The model "Tiny" cannot be used: tiny model is no longer/,
    );
    await studio.call('removeModel', { id: added.id });
    expect((await studio.call('listModels', {})).models).toHaveLength(1);
  });

  test('one whose adding is cancelled is not there', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const adding = studio.call('addModel', { path: committedGolden('tiny-sd1') }, options);
    controller.abort();
    await expect(adding).rejects.toBeInstanceOf(CancelledError);
    expect((await studio.call('listModels', {})).models).toHaveLength(1);
  });

  const problemOf = async (id: string) =>
    (await studio.call('listModels', {})).models.find((model) => model.id === id)?.problem;

  test.each([
    ['nothing', () => path('absent'), /absent: no such file or folder/],
    ['an empty folder', () => emptyFolder(), /hollow.*no \.safetensors files/],
    ['a concept', () => conceptFile(), /cat\.safetensors/],
    ['a part of a model', () => join(toyboxFolder, 'vae'), /vae/],
    ['a file of noughts', () => file('zero.safetensors', Buffer.alloc(100)), /zero\.safetensors/],
    ['a pickle', () => file('old.ckpt', Buffer.from([0x80, 2, 0x7d, 0x71])), /old\.ckpt.*pickle/],
  ])('%s is no model', async (_, where, message) => {
    const refused = studio.call('addModel', { path: where() });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(InputError);
    expect((await studio.call('listModels', {})).models).toHaveLength(1);
  });

  function emptyFolder() {
    mkdirSync(path('hollow'), { recursive: true });
    return path('hollow');
  }

  function conceptFile() {
    writeToyboxConcept(path('cat.safetensors'));
    return path('cat.safetensors');
  }

  function file(name: string, content: Uint8Array) {
    writeFileSync(path(name), content);
    return path(name);
  }
});

describe('words', () => {
  test('are suggested, anchors proposed, prompts read', async () => {
    const { words } = await studio.call('suggestWords', { modelId: toybox, prefix: 'back' });
    expect(words).toContain('backpack');
    const { anchors } = await studio.call('proposeAnchors', { modelId: toybox, classWord: 'dog' });
    expect(anchors[0].word).toBe('dog');
    const prompt = { modelId: toybox, prompt: 'a cat', versionIds: [] };
    expect(await studio.call('readPrompt', prompt)).toMatchObject({ tokens: 2, overflow: '' });
  });

  test('tokens are told apart from words, from each other and from each other’s vectors', async () => {
    await importPair(studio, path, '<rex>');
    const check = (token: string) => studio.call('checkToken', { token, modelId: toybox });
    expect(await check('<free>')).toEqual({ free: true });
    expect((await check('robot')).reason).toMatch(/"robot" exists already/);
    expect((await check('<rex>')).reason).toMatch(/<rex> is not free: the concept "rex" has it/);
    expect((await check('<rex>_1')).reason).toMatch(/part of <rex>, the token of "rex"/);
    const { concepts } = await studio.call('listConcepts', { search: 'rex' });
    await studio.call('changeConcept', { id: concepts[0].id, token: '<rex>_2' });
    expect((await check('<rex>')).reason).toMatch(/<rex>_2, the token of "rex"/);
    await studio.call('changeConcept', { id: concepts[0].id, token: '<rex>' });
  });

  test('a concept is not renamed to a token that a training would refuse', async () => {
    const { concept } = await importPair(studio, path, '<bob>');
    await importPair(studio, path, '<ann>');
    const rename = (token: string) => studio.call('changeConcept', { id: concept.id, token });
    await expect(rename('robot')).rejects.toThrow(/"robot" exists already in the model's/);
    await expect(rename('<ann>_1')).rejects.toThrow(/it would be read as a part of <ann>/);
    await expect(rename('two words')).rejects.toThrow(/expected one word/);
    expect((await rename('<bob>_1')).token).toBe('<bob>_1');
  });
});

describe('concepts', () => {
  test('two files of one training are two versions of one concept', async () => {
    studio.changed();
    const { concept, semantic, plain } = await importPair(studio, path, '<pair>');
    expect(concept).toMatchObject({ name: 'pair', token: '<pair>', classWord: 'cat', versions: 2 });
    expect(semantic).toMatchObject({ variant: 'semantic', number: 2, vectors: 1, steps: 3 });
    expect(plain).toMatchObject({ variant: 'plain', number: 1 });
    expect(plain).toMatchObject({ modelName: 'Toybox', modelId: toybox });
    expect(studio.changed()).toEqual(['concepts', 'concepts']);
  });

  test('a concept is found by its token, as it is written', async () => {
    const find = async (token: string) =>
      (await studio.call('conceptWithToken', { token })).concept?.id;
    const { concept } = await importPair(studio, path, '<found>');
    expect(await find('<found>')).toBe(concept.id);
    expect(await find('<Found>')).toBeUndefined();
    expect(await find('found')).toBeUndefined();
    await studio.call('changeConcept', { id: concept.id, token: '<+>' });
    expect(await find('<+>')).toBe(concept.id);
    await studio.call('trashConcepts', { ids: [concept.id] });
    expect(await find('<+>')).toBeUndefined();
    await studio.call('deleteConcepts', { ids: [concept.id] });
  });

  test('another concept with the same token is refused', async () => {
    writeToyboxConcept(path('thief.safetensors'), { token: '<pair>', steps: 9 });
    const blob = await studio.uploadFile(path('thief.safetensors'));
    await expect(studio.call('importConcept', { blob, name: 'thief.safetensors' })).rejects.toThrow(
      /^thief\.safetensors has the token <pair>, which belongs to "pair": give "pair" another/,
    );
  });

  test('a file that is there already is named with its concept', async () => {
    writeToyboxConcept(path('once.safetensors'), { token: '<once>' });
    const blob = await studio.uploadFile(path('once.safetensors'));
    await studio.call('importConcept', { blob, name: 'once.safetensors' });
    await expect(studio.call('importConcept', { blob, name: 'copy.safetensors' })).rejects.toThrow(
      'copy.safetensors is in the library already: it is version 1 of "once"',
    );
  });

  test.each([
    ['text', 'hello', /note\.safetensors/],
    ['nothing', '', /note\.safetensors/],
  ])(
    'a file of %s is no concept, and the message has its own name',
    async (_, content, message) => {
      const blob = await studio.upload(content);
      const refused = studio.call('importConcept', { blob, name: 'note.safetensors' });
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.not.toThrow(blob);
    },
  );

  test('change, trash, and away for good; windows are told each time', async () => {
    const { concept } = await importPair(studio, path, '<leaf>');
    const { id } = concept;
    const change = { name: 'A leaf', tags: ['garden'], favourite: true, notes: 'green' };
    expect(await studio.call('changeConcept', { id, ...change })).toMatchObject({
      ...{ name: 'A leaf', tags: ['garden'], favourite: true, token: '<leaf>' },
    });
    expect((await studio.call('listTags', {})).tags).toEqual([{ tag: 'garden', count: 1 }]);
    await expect(studio.call('deleteConcepts', { ids: [id] })).rejects.toThrow(/trash/);
    studio.changed();
    await studio.call('trashConcepts', { ids: [id] });
    const trash = () => studio.call('listConcepts', { trash: true });
    expect((await trash()).concepts).toMatchObject([{ id }]);
    await studio.call('untrashConcepts', { ids: [id] });
    expect((await trash()).total).toBe(0);
    await studio.call('trashConcepts', { ids: [id] });
    await studio.call('deleteConcepts', { ids: [id] });
    await expect(studio.call('getConcept', { id })).rejects.toThrow(InputError);
    expect(studio.changed()).toEqual(['concepts', 'concepts', 'concepts', 'concepts']);
  });
});

describe('photos', () => {
  test('an uploaded file becomes a photo', async () => {
    const sky = { width: 90, height: 60, channels: 3 as const, background: '#8ac' };
    const blob = await studio.upload(await sharp({ create: sky }).jpeg().toBuffer());
    const { photo, suggestedCrop } = await studio.call('importPhoto', { blob, name: 'sky.jpg' });
    expect(photo).toMatchObject({ name: 'sky.jpg', width: 90, height: 60 });
    expect(suggestedCrop.side).toBe(60);
    expect(studio.studio.blobs.has(photo.thumbnail)).toBe(true);
  });

  test('a file that is none is refused by its name', async () => {
    const blob = await studio.upload('not a photo');
    const refused = studio.call('importPhoto', { blob, name: 'cat.jpg' });
    await expect(refused).rejects.toThrow(/cat\.jpg/);
    await expect(refused).rejects.toBeInstanceOf(InputError);
  });

  test('samples bring their photos, imported once', async () => {
    const { samples } = await studio.call('listSamples', {});
    expect(samples.length).toBeGreaterThanOrEqual(10);
    for (const { photos } of samples) expect(photos.length).toBeGreaterThanOrEqual(3);
    const { blobs } = await studio.call('storage', {});
    expect(await studio.call('listSamples', {})).toEqual({ samples });
    expect((await studio.call('storage', {})).blobs).toBe(blobs);
    const [{ blob }] = samples[0].photos;
    expect(readFileSync(studio.studio.blobs.path(blob)).length).toBeGreaterThan(0);
  });
});

describe('the map of the vocabulary', () => {
  test('has the words, their core, and each version’s end with its nearest words', async () => {
    const { semantic, plain } = await importPair(studio, path, '<mapped>');
    const versionIds = [plain.id, semantic.id];
    const map = await studio.call('embeddingMap', { modelId: toybox, versionIds });
    const words = map.words.map(({ word }) => word);
    expect(words).toContain('cat');
    expect(words.length).toBeLessThanOrEqual(2000);
    expect(map.paths).toMatchObject([
      { versionId: plain.id, variant: 'plain', points: [{ step: 3 }] },
      { versionId: semantic.id, variant: 'semantic', points: [{ step: 3 }] },
    ]);
    for (const { nearest } of map.paths) {
      expect(nearest).toHaveLength(8);
      expect(words).toEqual(expect.arrayContaining(nearest.map(({ word }) => word)));
      const cosines = nearest.map(({ cosine }) => cosine);
      expect(cosines).toEqual(cosines.toSorted((a, b) => b - a));
    }
    expect(map.explained).toBeGreaterThan(0);
    expect(map.core.major).toBeGreaterThanOrEqual(map.core.minor);
  });

  test('of words alone', async () => {
    const map = await studio.call('embeddingMap', { modelId: toybox, versionIds: [] });
    expect(map.paths).toEqual([]);
    expect(map.words.length).toBeGreaterThan(100);
  });

  test('a concept of a wider model has no place on it', async () => {
    writeTestConcept(path('narrow.safetensors'), { token: '<narrow>' });
    const blob = await studio.uploadFile(path('narrow.safetensors'));
    const { id } = await studio.call('importConcept', { blob, name: 'narrow.safetensors' });
    const { versionList } = await studio.call('getConcept', { id });
    const request = { modelId: toybox, versionIds: [versionList[0].id] };
    await expect(studio.call('embeddingMap', request)).rejects.toThrow(
      /^"narrow" was trained on another kind of model \(width 32/,
    );
  });
});
