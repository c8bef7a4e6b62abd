import { describe, expect, test } from 'vitest';
import { dragOutText, pictureName } from '../../../src-renderer/gallery/pictureName.ts';
import { compositionSettings } from '../../../src-shared/composition.ts';

const modelId = '3f0a1c9e-7a52-4a43-9d7e-1f2b3c4d5e6f';
const named = (prompt: string, seed = 7) =>
  pictureName({ settings: compositionSettings.parse({ prompt, seed, modelId }), way: undefined });

describe('the name of a picture', () => {
  test.each([
    ['a <my-cat> cat and a backpack', 'a-my-cat-cat-and-a-backpack-seed-7.png'],
    ['café: "Äpfel"', 'cafe-apfel-seed-7.png'],
    ['../../etc/passwd', 'etc-passwd-seed-7.png'],
    ['猫', 'picture-seed-7.png'],
    ['', 'picture-seed-7.png'],
  ])('made of %j', (prompt, name) => {
    expect(named(prompt)).toBe(name);
  });

  test('stays short', () => {
    expect(named('word '.repeat(100)).length).toBeLessThan(75);
  });

  test('says which way of a comparison it is', () => {
    const settings = compositionSettings.parse({ prompt: 'a cat', seed: 1, modelId });
    expect(pictureName({ settings, way: 'both' })).toBe('a-cat-both-seed-1.png');
  });
});

test('a picture is dragged out as a PNG, by name and address', () => {
  expect(dragOutText('http://127.0.0.1:1/blobs/ab?name=a.png', 'a.png')).toBe(
    'image/png:a.png:http://127.0.0.1:1/blobs/ab?name=a.png',
  );
});
