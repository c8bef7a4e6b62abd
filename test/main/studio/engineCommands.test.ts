import { afterAll, expect, test } from 'vitest';
import { createEngine } from '../../../src-main/engine/host.ts';
import type { EngineParams } from '../../../src-main/engine/protocol.ts';
import { parseLayout } from '../../../src-shared/layout.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { toyboxFolder } from '../../support/toybox.ts';
import { writeToyboxConcept } from '../../support/writeTestConcept.ts';

const engine = createEngine();
afterAll(() => engine.close());
const { path } = temporaryFolder();
const choice = { model: toyboxFolder, device: 'cpu', precision: 'float32', threads: 1 } as const;

const request = (
  prompt: string,
  concepts: string[],
  changes: Partial<EngineParams<'composePictures'>> = {},
): EngineParams<'composePictures'> => ({
  ...{ ...choice, prompt, negative: '', official: false, layoutLoss: 'layout' },
  ...{ shuffleLayout: false, guidedSteps: 1, layoutUpdates: 1, layoutThreshold: 0.2 },
  ...{ sampler: 'dpmpp2m', karras: false, steps: 2, guidance: 5, seed: 4 },
  pictures: [{ name: 'picture', concepts, spatial: false }],
  ...changes,
});

const pictureOf = async (params: EngineParams<'composePictures'>) =>
  Buffer.from((await engine.call('composePictures', params)).pictures[0].png);

test.each(['textual-inversion', 'custom-diffusion', 'lora-dreambooth'] as const)(
  'strength of %s: 1 is as trained, 0 is the class word, between is neither',
  async (method) => {
    const concept = path(`${method}.safetensors`);
    writeToyboxConcept(concept, { method });
    const prompt = 'a photo of a <thing> cat';
    const withStrength = (strength: number) =>
      pictureOf(request(prompt, [concept], { uses: { [concept]: { strength } } }));
    const trained = await pictureOf(request(prompt, [concept]));
    expect((await withStrength(1)).equals(trained)).toBe(true);
    const word = await pictureOf(request('a photo of a cat cat', []));
    expect((await withStrength(0)).equals(word)).toBe(true);
    const half = await withStrength(0.5);
    expect(half.equals(trained)).toBe(false);
    expect(half.equals(word)).toBe(false);
  },
);

test('a concept answers to another token', async () => {
  const concept = path('renamed.safetensors');
  writeToyboxConcept(concept);
  const as = await pictureOf(request('a <thing> cat', [concept]));
  const uses = { [concept]: { token: '<other>' } };
  const other = await pictureOf(request('a <other> cat', [concept], { uses }));
  expect(other.equals(as)).toBe(true);
});

test('attention is told at single steps, from the first to the last', async () => {
  const layout = parseLayout({
    objects: [
      { phrase: 'cat', boxes: [[0, 0, 0.5, 1]] },
      { phrase: 'ball', boxes: [[0.5, 0, 1, 1]] },
    ],
  });
  const { pictures } = await engine.call(
    'composePictures',
    request('a cat and a ball', [], {
      ...{ layout: { kind: 'given', layout }, steps: 6, attentionSteps: 4 },
      pictures: [{ name: 'picture', concepts: [], spatial: true }],
    }),
  );
  const { attention = [], updates } = pictures[0];
  expect(attention.map(({ phrase }) => phrase)).toEqual(['cat', 'ball']);
  for (const { overTime = [] } of attention) {
    expect(overTime.map(({ step }) => step)).toEqual([0, 2, 3, 5]);
    for (const { heatMap } of overTime)
      expect(heatMap.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  }
  expect(attention[0].overTime).not.toEqual(attention[1].overTime);
  expect(updates).toHaveLength(6);
});

test('words: suggested by their beginning, anchors by their cosine', async () => {
  const { words } = await engine.call('suggestWords', {
    model: toyboxFolder,
    prefix: 'Ca',
    limit: 3,
  });
  expect(words.length).toBe(3);
  expect(words.every((word) => word.startsWith('ca'))).toBe(true);
  expect(words.map(({ length }) => length)).toEqual(words.map(({ length }) => length).sort());
  const { anchors } = await engine.call('proposeAnchors', { ...choice, classWord: 'cat' });
  expect(anchors[0]).toMatchObject({ word: 'cat' });
  expect(anchors[0].cosine).toBeCloseTo(1, 4);
  expect(anchors).toHaveLength(16);
});

test('a prompt is read with every vector of its concepts', async () => {
  const read = (prompt: string, vectors: number) =>
    engine.call('readPrompt', {
      model: toyboxFolder,
      prompt,
      placeholders: [{ token: '<x>', vectors }],
    });
  const one = await read('a <x> cat', 1);
  expect(one).toMatchObject({ tokens: 3, overflow: '' });
  expect((await read('a <x> cat', 3)).tokens).toBe(5);
  const long = await read('cat '.repeat(one.limit + 2), 1);
  expect(long).toMatchObject({ tokens: one.limit + 2, overflow: 'cat cat ' });
});

test('a token that the model knows, or that is none, is refused with the reason', async () => {
  const check = (token: string, vectors = 2) =>
    engine.call('checkToken', { model: toyboxFolder, token, vectors });
  expect(await check('<fresh>')).toEqual({});
  expect((await check('cat')).reason).toMatch(/"cat" exists already/);
  expect((await check('two words')).reason).toMatch(/without blanks/);
});

test('a model is described, and one that cannot be used with its problem', async () => {
  const whole = await engine.call('describeModel', { model: toyboxFolder });
  const expected = { kind: 'checkpoint folder', family: 'sd1', nativeSize: 64, sizeStep: 4 };
  expect(whole).toMatchObject(expected);
  expect(whole.problem).toBeUndefined();
  const part = await engine.call('describeModel', { model: `${toyboxFolder}/vae` });
  expect(part.problem).toBeTruthy();
  await expect(engine.call('describeModel', { model: '/nowhere' })).rejects.toThrow(
    /\/nowhere: no such file or folder/,
  );
});

test('the processor passes its own test', async () => {
  const result = await engine.call('testDevice', choice);
  expect(result).toMatchObject({ passed: true, error: 0 });
  expect(result.stepsPerSecond).toBeGreaterThan(0);
});
