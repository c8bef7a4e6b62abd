import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConcept } from '../../../src-main/engine/concepts/conceptFile.ts';
import { openSafetensors, readTensor } from '../../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../../src-main/engine/files/writeSafetensors.ts';
import { float32Data } from '../../../src-main/engine/tensor/tensorData.ts';
import { requireGoldenPath } from '../../support/golden.ts';
import { committedGolden } from '../../support/runCli.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { openTestStudio, type TestStudio, toyboxId } from '../../support/testStudio.ts';
import { writeTestConcept, writeToyboxConcept } from '../../support/writeTestConcept.ts';

const { path } = temporaryFolder();
const golden = (name: string) => requireGoldenPath(`concepts/${name}`);
let studio: TestStudio;
let modelId: string;
beforeAll(async () => {
  studio = await openTestStudio(path('library'));
  modelId = (await studio.call('addModel', { path: committedGolden('tiny-sd1') })).id;
});
afterAll(() => studio.close());

async function uploaded(name: string) {
  return { blob: await studio.uploadFile(golden(name)), name };
}

test('an embedding of another program is asked about, and becomes a concept', async () => {
  const file = await uploaded('emb_params.safetensors');
  expect(await studio.call('readForeign', file)).toEqual({
    foreign: {
      token: '<cute-cat>',
      hasWord: true,
      summary: 'a textual inversion, 3 vectors of width 32',
    },
  });
  const foreign = { modelId, token: '<cat-2>', classWord: 'cat' };
  const { id, name } = await studio.call('importConcept', { ...file, foreign });
  expect(name).toBe('emb_params');
  const { versionList, ...concept } = await studio.call('getConcept', { id });
  expect(concept).toMatchObject({ token: '<cat-2>', classWord: 'cat', versions: 1 });
  expect(versionList[0]).toMatchObject({
    ...{ method: 'textual-inversion', variant: 'foreign', family: 'sd1', vectors: 3, modelId },
    ...{ steps: 500, engineVersion: 'unknown', photos: [], previews: [] },
    drift: { classCosine: expect.any(Number) },
  });
  const { rows } = readConcept(studio.studio.blobs.path(versionList[0].file));
  const expected = openSafetensors(golden('expected.safetensors'));
  expect(rows).toEqual(readTensor(expected, 'vectors').data);
});

test('it takes no token that another concept has', async () => {
  const file = await uploaded('learned_embeds-1.safetensors');
  const foreign = { modelId, token: '<cat-2>', classWord: 'cat' };
  await expect(studio.call('importConcept', { ...file, foreign })).rejects.toThrow(
    /^<cat-2> is not free: the concept "emb_params" has it; choose another one$/,
  );
});

test('its concept file is no twin of a training with the same settings', async () => {
  const settings = { modelName: 'tiny-sd1', steps: 500, vectors: 3, width: 32 } as const;
  const add = async (name: string, changes: object) => {
    writeTestConcept(path(name), { ...settings, token: '<twin>', ...changes });
    return studio.call('importConcept', { blob: await studio.uploadFile(path(name)), name });
  };
  await add('twin.safetensors', { variant: 'semantic' });
  await expect(add('foreign.safetensors', { variant: 'foreign' })).rejects.toThrow(
    /^foreign\.safetensors has the token <twin>, which belongs to "twin"/,
  );
  expect((await add('twin.plain.safetensors', { variant: 'plain' })).versions).toBe(2);
});

describe('a file whose words no concept can have is refused by its name, and leaves nothing', () => {
  const long = 'x'.repeat(61);
  test.each([
    [{ token: '<my cat>' }, /^odd\.safetensors: token is "<my cat>"; expected one word without/],
    [{ token: `<${long}>` }, /^odd\.safetensors: token is "<x+.*; .* at most 60 characters/],
    [{ classWord: long }, /^odd\.safetensors: classWord is "x+"; .* at most 60 characters/],
    [{ token: 'robot' }, /^odd\.safetensors: token "robot" exists already in the model's/],
    [{ token: '<cat-2>_1' }, /^"odd" cannot have the token <cat-2>_1: it would be read as a part/],
  ])('%j', async (words, message) => {
    writeToyboxConcept(path('odd.safetensors'), words);
    const blob = await studio.uploadFile(path('odd.safetensors'));
    await expect(studio.call('importConcept', { blob, name: 'odd.safetensors' })).rejects.toThrow(
      message,
    );
    expect((await studio.call('listConcepts', { search: 'odd' })).total).toBe(0);
  });
});

test('what its file does not tell stays unknown', async () => {
  const file = await uploaded('learned_embeds-1.safetensors');
  const foreign = { modelId, token: '<one>', classWord: 'cat' };
  const { id } = await studio.call('importConcept', { ...file, foreign });
  const { versionList } = await studio.call('getConcept', { id });
  expect(versionList[0]).not.toHaveProperty('steps');
  expect(versionList[0]).not.toHaveProperty('loss');
  const versionIds = [versionList[0].id];
  const map = await studio.call('embeddingMap', { modelId, versionIds });
  expect(map.paths[0].points).toHaveLength(1);
});

test('one for Stable Diffusion XL is refused before anything is asked', async () => {
  const rows = (width: number) => float32Data([1, width], new Float32Array(width).fill(1));
  const tensors = { clip_l: rows(768), clip_g: rows(1280) };
  writeSafetensors(path('xl.safetensors'), new Map(Object.entries(tensors)), {});
  const blob = await studio.uploadFile(path('xl.safetensors'));
  await expect(studio.call('readForeign', { blob, name: 'xl.safetensors' })).rejects.toThrow(
    /^xl\.safetensors is an embedding for Stable Diffusion XL/,
  );
});

test('a long name makes a token that the library takes', async () => {
  const blob = await studio.uploadFile(golden('emb_params-bf16.safetensors'));
  const name = `${'a long name '.repeat(9)}.safetensors`;
  const { foreign } = await studio.call('readForeign', { blob, name });
  expect(foreign?.token).toMatch(/^<(a-long-name-){4}.{10}>$/);
});

test.each([
  ['a1111-legacy.pt', 'a textual inversion, 3 vectors of width 32', 'textual-inversion'],
  ['lora-kohya-full-fp16.safetensors', 'a Stable Diffusion 1.x LoRA', 'lora-dreambooth'],
  ['pytorch_custom_diffusion_weights.bin', 'Custom Diffusion weights', 'custom-diffusion'],
])('%s is asked about, and becomes a concept too', async (name, summary, method) => {
  const file = await uploaded(name);
  const { foreign } = await studio.call('readForeign', file);
  expect(foreign).toMatchObject({ summary });
  const token = `<${method}>`;
  const concept = await studio.call('importConcept', {
    ...file,
    foreign: { modelId, token, classWord: 'cat' },
  });
  expect(concept).toMatchObject({ token, method, variant: 'foreign' });
  expect(concept.name).toBe(name.replace(/\.\w+$/, ''));
});

test('weights are joined by the word that they were trained with, from a file of its own', async () => {
  const weights = await uploaded('pytorch_custom_diffusion_weights.bin');
  const embedding = await uploaded('emb_params.safetensors');
  expect(await studio.call('readForeign', weights)).toMatchObject({ foreign: { hasWord: false } });
  const foreign = { modelId, token: '<joined>', classWord: 'cat', embedding };
  const { id, method } = await studio.call('importConcept', { ...weights, foreign });
  expect(method).toBe('custom-diffusion');
  const { versionList } = await studio.call('getConcept', { id });
  expect(versionList[0]).toMatchObject({ method: 'custom-diffusion', vectors: 3 });
  const { rows, replaced } = readConcept(studio.studio.blobs.path(versionList[0].file));
  const expected = openSafetensors(golden('expected.safetensors'));
  expect(rows).toEqual(readTensor(expected, 'vectors').data);
  expect(replaced.size).toBeGreaterThan(0);
});

test('what is no word is refused by its name', async () => {
  const weights = await uploaded('pytorch_custom_diffusion_weights.bin');
  const embedding = await uploaded('lora-kohya-full-fp16.safetensors');
  const foreign = { modelId, token: '<none>', classWord: 'cat', embedding };
  await expect(studio.call('importConcept', { ...weights, foreign })).rejects.toThrow(
    /^lora-kohya-full-fp16\.safetensors is no embedding: expected the file of the word alone$/,
  );
});

test('a concept of Tessera is not asked about', async () => {
  writeToyboxConcept(path('own.safetensors'), { token: '<own>' });
  const blob = await studio.uploadFile(path('own.safetensors'));
  expect(await studio.call('readForeign', { blob, name: 'own.safetensors' })).toEqual({});
});

test('without its words, for another model or with a program in it, it is refused by its name', async () => {
  const file = await uploaded('learned_embeds.safetensors');
  await expect(studio.call('importConcept', file)).rejects.toThrow(
    /^learned_embeds\.safetensors is no concept of Tessera, but another program's textual inversion/,
  );
  const toybox = await toyboxId(studio);
  const foreign = { modelId: toybox, token: '<cute-cat>', classWord: 'cat' };
  await expect(studio.call('importConcept', { ...file, foreign })).rejects.toThrow(
    /^learned_embeds\.safetensors has vectors of width 32, the words of "Toybox" have width \d+: choose/,
  );
  await expect(studio.call('readForeign', await uploaded('malicious.bin'))).rejects.toThrow(
    /^malicious\.bin: the pickle asks for ".*print", which a file of tensors has no use for/,
  );
  const { concepts } = await studio.call('listConcepts', { search: 'learned' });
  expect(concepts.map(({ name }) => name)).toEqual(['learned_embeds-1']);
});
