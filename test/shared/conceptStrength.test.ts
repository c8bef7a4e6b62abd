import { expect, test } from 'vitest';
import { parseParams } from '../../src-main/engine/protocol.ts';
import { conceptUse } from '../../src-shared/composition.ts';
import { parseInput } from '../../src-shared/parseInput.ts';

const model = {
  model: 'm',
  prompt: 'a cat',
  pictures: [{ name: '', concepts: [], spatial: false }],
};
const engine = (strength: number) =>
  parseParams('composePictures', { ...model, uses: { file: { strength } } });
const window = (strength: number) =>
  parseInput(conceptUse, { versionId: crypto.randomUUID(), token: '<x>', strength }, 'use');

test.each([engine, window])('windows and engine take the same strengths of a concept', (take) => {
  for (const strength of [0, 1, 1.5]) expect(() => take(strength)).not.toThrow();
  for (const strength of [-0.1, 1.6, 2]) {
    expect(() => take(strength)).toThrow('expected a strength from 0, its class word, to 1.5');
  }
});
