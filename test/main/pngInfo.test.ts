import sharp from 'sharp';
import { expect, test } from 'vitest';
import {
  formatParameters,
  readTexts,
  withGenerationInfo,
} from '../../src-main/pictureFiles/pngInfo.ts';

const parameters = {
  prompt: 'a <my-cat> cat, sitting',
  negative: 'blurry',
  settings: [
    ['Steps', 20],
    ['Sampler', 'Euler a'],
    ['Layout', '{"objects":[]}'],
  ],
} as const;

function picture() {
  const pixels = { width: 5, height: 3, channels: 3 as const, background: '#336699' };
  return sharp({ create: pixels }).png().toBuffer();
}

test('parameters are written as the field writes them', () => {
  expect(formatParameters(parameters)).toBe(
    'a <my-cat> cat, sitting\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, Layout: "{\\"objects\\":[]}"',
  );
  expect(formatParameters({ ...parameters, negative: '' })).not.toContain('Negative');
});

test('a picture with texts stays the same picture', async () => {
  const plain = await picture();
  const marked = withGenerationInfo(plain, parameters);
  expect(await sharp(marked).raw().toBuffer()).toEqual(await sharp(plain).raw().toBuffer());
  const texts = readTexts(marked);
  expect(texts.get('parameters')).toBe(formatParameters(parameters));
  expect(texts.get('XML:com.adobe.xmp')).toContain('trainedAlgorithmicMedia');
});

test('another reader finds the texts', async () => {
  const marked = withGenerationInfo(await picture(), parameters);
  const { comments, xmpAsString } = await sharp(marked).metadata();
  expect(comments).toContainEqual({ keyword: 'parameters', text: formatParameters(parameters) });
  expect(xmpAsString).toContain('trainedAlgorithmicMedia');
});

test('prompts beyond Latin-1 survive', async () => {
  const prompt = 'a <my-cat> cat, 猫 and a рюкзак';
  const marked = withGenerationInfo(await picture(), { ...parameters, prompt });
  expect(readTexts(marked).get('parameters')).toMatch(prompt);
  const { comments } = await sharp(marked).metadata();
  expect(comments?.find(({ keyword }) => keyword === 'parameters')?.text).toMatch(prompt);
});
