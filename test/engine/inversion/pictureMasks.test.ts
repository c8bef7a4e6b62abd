import { expect, it } from 'vitest';
import {
  maskedAttentionTerm,
  maskedAttentionValues,
} from '../../../src-main/engine/inversion/pictureMasks.ts';

const size = { batch: 2, classRows: 1, height: 4, width: 8 };

it('shrinks masks to the size of the maps and marks the slots of the placeholders', () => {
  const mask = Float32Array.from({ length: 32 }, (_, cell) => Number(cell % 8 < 2));
  const values = maskedAttentionValues(
    size,
    mask,
    [
      [1, 9, 2],
      [1, 3, 2],
    ],
    9,
  );
  expect(values.placeholderSlots).toMatchObject({
    shape: [1, 1, 3],
    data: Float32Array.of(0, 1, 0),
  });
  expect(values.attentionMask).toMatchObject({ shape: [1, 2, 1], data: Float32Array.of(0.5, 0) });
});

it('refuses a model without attention of that size', () => {
  expect(() => maskedAttentionTerm(size, [])).toThrow(
    'this model has no cross-attention at 2 x 1, a quarter of its latents; leave the loss of masked attention out',
  );
});
