import { describe, expect, test } from 'vitest';
import {
  nothingSelected,
  reachedTo,
  type Selection,
  toggled,
} from '../../../src-renderer/ui/selection.ts';

const idAt = (index: number) => (index === 3 ? undefined : `id-${index}`);
const ids = (selection: Selection) => [...selection.ids].sort();

describe('a selection', () => {
  test('takes a picture in and out', () => {
    const one = toggled(nothingSelected, 'id-2', 2);
    expect(ids(one)).toEqual(['id-2']);
    expect(ids(toggled(one, 'id-2', 2))).toEqual([]);
    expect(ids(nothingSelected)).toEqual([]);
  });

  test('reaches from the last choice, either way, past what is not known yet', () => {
    const one = toggled(nothingSelected, 'id-4', 4);
    expect(ids(reachedTo(one, 1, idAt))).toEqual(['id-1', 'id-2', 'id-4']);
    expect(ids(reachedTo(one, 6, idAt))).toEqual(['id-4', 'id-5', 'id-6']);
  });

  test('reaches from the same place again', () => {
    const once = reachedTo(toggled(nothingSelected, 'id-4', 4), 6, idAt);
    expect(ids(reachedTo(once, 5, idAt))).toEqual(['id-4', 'id-5', 'id-6']);
  });

  test('reaches from the beginning where nothing was chosen', () => {
    expect(ids(reachedTo(nothingSelected, 2, idAt))).toEqual(['id-0', 'id-1', 'id-2']);
  });
});
