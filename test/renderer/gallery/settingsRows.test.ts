import { describe, expect, test } from 'vitest';
import { settingsRows } from '../../../src-renderer/gallery/settingsRows.ts';
import { type KeptComposition, keptComposition } from '../../../src-shared/composition.ts';

const id = '3f0a1c9e-7a52-4a43-9d7e-1f2b3c4d5e6f';
const hash = 'ab'.repeat(32);
const layout = {
  objects: [
    { phrase: 'backpack', boxes: [[0, 0, 0.5, 1]] },
    {
      phrase: '<my-cat>',
      boxes: [
        [0.5, 0, 1, 0.5],
        [0.5, 0.5, 1, 1],
      ],
    },
  ],
};

function kept(changes: object = {}, settings: object = {}): KeptComposition {
  return keptComposition.parse({
    id,
    createdAt: 0,
    rating: 3,
    thumbnail: hash,
    modelName: 'Toybox',
    picture: hash,
    width: 64,
    height: 64,
    settings: { prompt: 'a cat', modelId: id, seed: 7, ...settings },
    attention: [],
    drifts: [],
    seconds: 3.21,
    ...changes,
  });
}

const textOf = (composition: KeptComposition) =>
  settingsRows(composition).map(({ label, value }) => `${label}: ${value}`);

describe('the settings of a picture', () => {
  test('are named as the field names them', () => {
    expect(textOf(kept())).toEqual([
      'Model: Toybox',
      'Size: 64 x 64 pixels',
      'Seed: 7',
      'Sampler: LMS',
      'Steps: 50',
      'Guidance: 7.5',
      'Layout: none',
      'Took: 3.2 s',
    ]);
  });

  test('say how the layout guided it', () => {
    const rows = textOf(kept({ layout }, { layoutUpdates: 1, official: true }));
    expect(rows).toContain('Layout: backpack, <my-cat> (2 boxes)');
    expect(rows).toContain(
      'Spatial inversion: layout loss, first 10 steps, at most 1 update above 0.2',
    );
    expect(rows).toContain('Variant: as in the released code');
  });

  test('say when it did not', () => {
    expect(textOf(kept({ layout }, { spatial: false }))).toContain('Spatial inversion: off');
  });

  test('name what is used of each concept', () => {
    const concepts = [
      { versionId: id, token: '<my-cat>' },
      { versionId: id, token: '<my-hat>', strength: 0.65 },
    ];
    const rows = textOf(kept({}, { concepts, negative: 'blur', karras: true }));
    expect(rows).toContain('<my-cat>: full strength');
    expect(rows).toContain('<my-hat>: strength 0.65');
    expect(rows).toContain('Negative prompt: blur');
    expect(rows).toContain('Sampler: LMS, Karras');
  });
});
