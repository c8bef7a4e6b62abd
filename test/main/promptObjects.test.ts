import { expect, test } from 'vitest';
import { guessObjects } from '../../src-main/engine/commands/promptObjects.ts';

const cat = { token: '<my-cat>', classWord: 'cat' };

test.each([
  ['a photo of a <my-cat> cat and a backpack', ['<my-cat> cat', 'backpack']],
  ['a <my-cat> beside a wooden chair, oil painting of', ['<my-cat>', 'chair']],
  ['a <my-cat> cat on the beach', ['<my-cat> cat']],
  ['a dog, a red bicycle and a lamp in the snow', ['dog', 'bicycle', 'lamp']],
])('%s', (prompt, objects) => {
  expect(guessObjects(prompt, [cat])).toEqual(objects);
});

test('a prompt without things is refused with the way out', () => {
  expect(() => guessObjects('on the beach', [])).toThrow(/names no thing.*--objects/);
});
