import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CancelledError } from '../../../src-main/engine/host.ts';
import { readTexts } from '../../../src-main/pictureFiles/pngInfo.ts';
import type { ComposedPicture } from '../../../src-shared/composition.ts';
import type { StudioInput } from '../../../src-shared/studioApi.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { importPair, openTestStudio, type TestStudio, toyboxId } from '../../support/testStudio.ts';
import { writeToyboxConcept } from '../../support/writeTestConcept.ts';

const { path } = temporaryFolder();
let studio: TestStudio;
let modelId: string;
let pair: Awaited<ReturnType<typeof importPair>>;
beforeAll(async () => {
  studio = await openTestStudio(path('library'));
  modelId = await toyboxId(studio);
  pair = await importPair(studio, path, '<rex>');
});
afterAll(() => studio.close());

type Settings = StudioInput<'composePreview'>['settings'];

const boxes = [
  { phrase: '<rex> cat', boxes: [[0, 0.2, 0.5, 1]] },
  { phrase: 'ball', boxes: [[0.5, 0.2, 1, 1]] },
];

/** One guided step of two. */
const settingsOf = (changes: Partial<Settings> = {}): Settings => ({
  ...{ modelId, prompt: 'a <rex> cat and a ball', sampler: 'dpmpp2m', steps: 2, guidance: 4 },
  ...{ guidedSteps: 1, layoutUpdates: 1, seed: 11 },
  concepts: [{ versionId: pair.semantic.id, token: '<rex>' }],
  ...changes,
});
const fileOf = ({ picture }: ComposedPicture) => studio.studio.blobs.read(picture);

describe('a preview', () => {
  test('has its parameters inside, says how it was made, and tells how it goes', async () => {
    const layout = { objects: boxes };
    const phases: string[] = [];
    const settings = settingsOf({ layout, steps: 4 });
    const picture = await studio.call(
      'composePreview',
      { settings },
      { onProgress: ({ phase, step, total }) => phases.push(`${phase} ${step}/${total}`) },
    );
    expect(picture).toMatchObject({ width: 64, height: 64, layout, drifts: [{ token: '<rex>' }] });
    expect(picture.settings).toMatchObject({ ...settings, negative: '', spatial: true });
    expect(picture.evaluation).toMatchObject({ textAlignment: expect.any(Number) });
    expect(picture.attention.map(({ phrase }) => phrase)).toEqual(['<rex> cat', 'ball']);
    expect(picture.attention[1].overTime.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    expect(phases).toContain('composing 4/4');
    const file = await fileOf(picture);
    expect(await sharp(file).metadata()).toMatchObject({ format: 'png', width: 64, height: 64 });
    const texts = readTexts(file);
    expect(texts.get('parameters')).toMatch(/^a <rex> cat and a ball\nSteps: 4, .*Model: Toybox/);
    expect(texts.get('parameters')).toContain('Concept: rex');
    expect(texts.get('XML:com.adobe.xmp')).toContain('trainedAlgorithmicMedia');
  });

  test('comes with what the engine has to say, in the names of the window', async () => {
    const settings = settingsOf({ prompt: `a ball ${'and a small red house '.repeat(9)}` });
    const { notes = [] } = await studio.call('composePreview', { settings });
    expect(notes).toEqual([
      expect.stringMatching(/^the prompt is longer than 32 tokens.*house/),
      'the prompt does not name "<rex>" of "rex"',
    ]);
    expect(await studio.call('composePreview', { settings: settingsOf() })).not.toHaveProperty(
      'notes',
    );
  });

  test('answers to the concept’s present token; strength 0 is the class word', async () => {
    const concepts = (token: string, strength?: number) => [
      { versionId: pair.semantic.id, token, strength },
    ];
    const renamed = settingsOf({ prompt: 'a <new> cat', concepts: concepts('<new>') });
    const weak = settingsOf({ prompt: 'a <new> cat', concepts: concepts('<new>', 0) });
    const word = settingsOf({ prompt: 'a cat cat', concepts: [] });
    const [full, none, plain] = await Promise.all(
      [renamed, weak, word].map((settings, window) =>
        studio.call('composePreview', { settings }, { windowId: String(window) }),
      ),
    );
    const pixels = async (picture: ComposedPicture) =>
      (
        await sharp(await fileOf(picture))
          .raw()
          .toBuffer()
      ).toString('base64');
    expect(await pixels(none)).toBe(await pixels(plain));
    expect(await pixels(full)).not.toBe(await pixels(plain));
  });

  test('the newest of a window ends the older one; other windows go on', async () => {
    const long = { settings: settingsOf({ steps: 200 }) };
    const short = { settings: settingsOf({ steps: 1 }) };
    const older = studio.call('composePreview', long, { windowId: 'a' });
    const other = studio.call('composePreview', short, { windowId: 'b' });
    const newer = studio.call('composePreview', short, { windowId: 'a' });
    await expect(older).rejects.toBeInstanceOf(CancelledError);
    expect((await newer).picture).toBe((await other).picture);
  });

  test('ends when it is cancelled; short questions are answered meanwhile', async () => {
    const controller = new AbortController();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const cancelled = studio.call(
      'composePreview',
      { settings: settingsOf({ steps: 300 }) },
      { signal: controller.signal, onProgress: ({ step }) => step > 0 && begin() },
    );
    await begun;
    const prompt = { modelId, prompt: 'a <rex> cat', versionIds: [pair.semantic.id] };
    expect((await studio.call('readPrompt', prompt)).tokens).toBe(3);
    controller.abort();
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
  });

  test.each<[string, () => Settings, RegExp]>([
    [
      'a concept of another family',
      () => settingsOf({ concepts: [{ versionId: strangers.family, token: '<sd2>' }] }),
      /^"sd2" was made for other \(Stable Diffusion 2\), but "Toybox" is Stable Diffusion 1: compose with/,
    ],
    [
      'a concept of another width',
      () => settingsOf({ concepts: [{ versionId: strangers.width, token: '<wide>' }] }),
      /^"wide" was trained on another kind of model/,
    ],
    [
      'one token twice',
      () =>
        settingsOf({
          concepts: [pair.semantic, pair.plain].map(({ id }) => ({
            versionId: id,
            token: '<rex>',
          })),
        }),
      /^"rex" and "rex" both have the token <rex>/,
    ],
    [
      'a phrase that the prompt lacks',
      () => settingsOf({ layout: { objects: [{ phrase: 'dragon', boxes: [[0, 0, 1, 1]] }] } }),
      /"dragon" is not in the prompt/,
    ],
    [
      'a size between latent cells',
      () => settingsOf({ size: { width: 66, height: 64 } as never }),
      /size 66x64: expected multiples of 4 pixels/,
    ],
  ])('refuses %s', async (_, settings, message) => {
    await expect(studio.call('composePreview', { settings: settings() })).rejects.toThrow(message);
  });

  const strangers = { family: '', width: '' };
  beforeAll(async () => {
    const stranger = async (name: string, changes: Parameters<typeof writeToyboxConcept>[1]) => {
      writeToyboxConcept(path(name), { token: `<${name}>`, ...changes });
      const blob = await studio.uploadFile(path(name));
      const { id } = await studio.call('importConcept', { blob, name });
      return (await studio.call('getConcept', { id })).versionList[0].id;
    };
    strangers.family = await stranger('sd2', { family: 'sd2', modelName: 'other' });
    strangers.width = await stranger('wide', { width: 64 });
  });
});

describe('a comparison', () => {
  test('shows one seed four ways, each with settings that make it again, and as a sheet', async () => {
    const layout = { objects: boxes };
    const compared = await studio.call('compare', { settings: settingsOf({ layout }) });
    const { ways } = compared;
    expect(ways.map(({ way }) => way)).toEqual(['plain', 'semantic', 'spatial', 'both']);
    expect(new Set(ways.map(({ picture }) => picture.picture)).size).toBe(4);
    const { plain, semantic } = pair;
    expect(ways.map(({ picture }) => picture.settings.concepts[0].versionId)).toEqual([
      ...[plain.id, semantic.id, plain.id, semantic.id],
    ]);
    expect(ways.map(({ picture }) => picture.settings.spatial)).toEqual([false, false, true, true]);
    for (const { picture } of ways) expect(picture.attention).toHaveLength(2);
    const again = await studio.call('composePreview', { settings: ways[2].picture.settings });
    expect(again.picture).toBe(ways[2].picture.picture);
    const { picture } = await studio.call('comparisonSheet', compared);
    const sheet = await studio.studio.blobs.read(picture);
    expect((await sharp(sheet).metadata()).width).toBeGreaterThan(700);
    expect(readTexts(sheet).get('parameters')).toContain('a <rex> cat and a ball');
    await keepAndVote(compared.ways.length);

    async function keepAndVote(count: number) {
      studio.changed();
      const kept = await studio.call('keepComparison', compared);
      expect(kept.compositions).toHaveLength(count);
      expect(studio.changed()).toEqual(['compositions', 'votes']);
      const pairOfWays = { first: 'plain', second: 'both' } as const;
      const { ballot, result } = await studio.call('nextBallot', pairOfWays);
      expect(result).toMatchObject({ remaining: 1, pValue: 1 });
      const { comparisonId, left, right } = ballot!;
      const shown = [ways[0], ways[3]].map((each) => each.picture.picture);
      expect([left, right].sort()).toEqual(shown.sort());
      const vote = { ...pairOfWays, comparisonId, left, right, choice: 'neither' } as const;
      expect(await studio.call('castVote', vote)).toMatchObject({ ties: 1, remaining: 0 });
      expect(studio.changed()).toEqual(['votes']);
    }
  });

  test.each([
    [[], /^A comparison needs a concept/],
    [['semantic'], /^"lonely" has no version that was trained without anchors: train it again/],
  ] as const)('of %j says what is missing', async (variants, message) => {
    const concepts: Settings['concepts'] = [];
    for (const variant of variants) {
      writeToyboxConcept(path('lonely.safetensors'), { token: '<lonely>', variant });
      const blob = await studio.uploadFile(path('lonely.safetensors'));
      const { id } = await studio.call('importConcept', { blob, name: 'lonely.safetensors' });
      const { versionList } = await studio.call('getConcept', { id });
      concepts.push({ versionId: versionList[0].id, token: '<lonely>' });
    }
    const settings = settingsOf({ prompt: 'a <lonely> cat', concepts });
    await expect(studio.call('compare', { settings })).rejects.toThrow(message);
  });
});

test('a layout is asked from the model, and drawn again from what was harvested', async () => {
  const request = { settings: settingsOf(), samples: 2 };
  const { layout, prior } = await studio.call('suggestLayout', request);
  expect(layout.objects.map(({ phrase }) => phrase)).toEqual(['<rex> cat', 'ball']);
  expect(prior.samples).toHaveLength(2);
  const boxesOf = async (seed: number) => {
    const again = { settings: settingsOf({ seed }), prior, shuffle: true };
    const shuffled = await studio.call('suggestLayout', again);
    expect(shuffled.prior).toEqual(prior);
    return JSON.stringify(shuffled.layout.objects.map((object) => object.boxes[0]));
  };
  const sampled = prior.samples.map(({ objects }) => JSON.stringify(objects.map(({ box }) => box)));
  const drawn = new Set<string>();
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) drawn.add(await boxesOf(seed));
  expect([...drawn].sort()).toEqual([...new Set(sampled)].sort());
  studio.changed();
  const saved = await studio.call('savePrior', { name: 'cat and ball', prior });
  expect((await studio.call('listPriors', {})).priors).toEqual([saved]);
  expect(studio.changed()).toEqual(['priors']);
});

test('a kept picture is found, rated, and its settings make it again', async () => {
  const picture = await studio.call('composePreview', { settings: settingsOf({ seed: 5 }) });
  studio.changed();
  const kept = await studio.call('keepComposition', { picture, rating: 2 });
  expect(kept).toMatchObject({ rating: 2, modelName: 'Toybox', picture: picture.picture });
  const thumbnail = await studio.studio.blobs.read(kept.thumbnail);
  expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'webp', width: 64 });
  expect(studio.changed()).toEqual(['compositions']);
  const { id } = kept;
  expect(await studio.call('rateComposition', { id, rating: 5 })).toMatchObject({ rating: 5 });
  const query = { conceptId: pair.concept.id, minimumRating: 4 };
  expect((await studio.call('listCompositions', query)).compositions).toMatchObject([{ id }]);
  const { settings } = await studio.call('getComposition', { id });
  const again = await studio.call('composePreview', { settings });
  expect(again.picture).toBe(picture.picture);
  await studio.call('trashCompositions', { ids: [id] });
  expect((await studio.call('listCompositions', query)).total).toBe(0);
  await studio.call('untrashCompositions', { ids: [id] });
  await studio.call('trashCompositions', { ids: [id] });
  await studio.call('deleteCompositions', { ids: [id] });
  await expect(studio.call('getComposition', { id })).rejects.toThrow();
});
