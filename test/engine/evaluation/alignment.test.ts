import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { meanCosine } from '../../../src-main/engine/evaluation/alignment.ts';
import { flipHorizontal, type Raster } from '../../../src-main/engine/images/raster.ts';
import { resizeRaster } from '../../../src-main/engine/images/resample.ts';
import { goldenFloats, readGolden, relativeL2 } from '../../support/goldenTensors.ts';
import { evaluatorFixture, openMeter } from '../../support/toybox.ts';

const expected = readGolden(evaluatorFixture('expected.safetensors'));
const { prompts }: { prompts: string[] } = JSON.parse(
  readFileSync(evaluatorFixture('expected.json'), 'utf8'),
);
const picture: Raster = {
  ...{ width: 64, height: 64, channels: 3 },
  data: Uint8Array.from(expected.get('picture')?.data ?? [], Number),
};
const mirrored = flipHorizontal(picture);
const tolerance = 1e-5;
const meter = await openMeter();
afterAll(() => meter.release());

const joined = (rows: readonly Float32Array[]) => rows.flatMap((row) => [...row]);

describe('embeddings', () => {
  test('of pictures are those of PyTorch', async () => {
    const rows = await meter.embedPictures([picture, mirrored]);
    const reference = goldenFloats(expected, 'pictureEmbeddings');
    expect(relativeL2(joined(rows), reference)).toBeLessThan(tolerance);
  });

  test('of texts are those of PyTorch', async () => {
    const rows = await meter.embedTexts(prompts);
    const reference = goldenFloats(expected, 'textEmbeddings');
    expect(relativeL2(joined(rows), reference)).toBeLessThan(tolerance);
  });

  test('do not depend on the size of the batch', async () => {
    const inThrees = await openMeter(3);
    const pictures = [picture, mirrored, picture, mirrored, mirrored];
    const texts = [...prompts, ...prompts.slice(1)];
    const together = [
      ...(await inThrees.embedPictures(pictures)),
      ...(await inThrees.embedTexts(texts)),
    ];
    const oneByOne = [...(await meter.embedPictures(pictures)), ...(await meter.embedTexts(texts))];
    await inThrees.release();
    expect(together.length).toBe(10);
    expect(relativeL2(joined(together), joined(oneByOne))).toBeLessThan(tolerance);
  });

  test('of no pictures are none', async () => {
    expect(await meter.embedPictures([])).toEqual([]);
  });

  test('of a larger picture are those of the picture made smaller', async () => {
    const large = resizeRaster(picture, 200, 200, 'lanczos');
    const small = resizeRaster(large, 64, 64, 'bicubic');
    const [ofLarge, ofSmall] = await meter.embedPictures([large, small]);
    expect(relativeL2(ofLarge, ofSmall)).toBeLessThan(tolerance);
    const [own] = await meter.embedPictures([picture]);
    expect(meanCosine(ofLarge, [own])).toBeGreaterThan(0.95);
  });

  test('of long texts end where the encoder has no positions left', async () => {
    const long = `a photo of a cat ${'and a dog '.repeat(20)}`;
    const [whole, cut] = await meter.embedTexts([long, `${long} and a red boat`]);
    expect(relativeL2(whole, cut)).toBe(0);
  });
});

describe('alignment', () => {
  test('with a text is the cosine of both embeddings', async () => {
    const [[seen], [said]] = [
      await meter.embedPictures([picture]),
      await meter.embedTexts(prompts),
    ];
    const cosine = seen.reduce((sum, value, i) => sum + value * said[i], 0);
    expect(await meter.textAlignment(picture, prompts[0])).toBeCloseTo(cosine, 6);
  });

  test('with itself is 1, with photos the mean', async () => {
    const inverted = { ...picture, data: picture.data.map((value) => 255 - value) };
    const [seen, opposite] = await meter.embedPictures([picture, inverted]);
    expect(meanCosine(seen, [seen])).toBeCloseTo(1, 5);
    const alone = meanCosine(seen, [opposite]);
    expect(alone).toBeLessThan(0.98);
    expect(meanCosine(seen, [seen, opposite])).toBeCloseTo((1 + alone) / 2, 5);
  });

  test('without photos is refused', () => {
    expect(() => meanCosine(Float32Array.of(1), [])).toThrow('nothing to compare with');
  });

  test('needs pictures in colour', async () => {
    const mask = { width: 8, height: 8, channels: 1, data: new Uint8Array(64) };
    await expect(meter.embedPictures([mask])).rejects.toThrow(
      'a picture of 1 channels, expected 3',
    );
  });
});
