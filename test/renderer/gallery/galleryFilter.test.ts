import { describe, expect, test } from 'vitest';
import {
  addressOfFilter,
  filterFromAddress,
  type GalleryFilter,
  isFiltered,
  noFilter,
  queryOf,
} from '../../../src-renderer/gallery/galleryFilter.ts';
import { studioApi } from '../../../src-shared/studioApi.ts';

const conceptId = '3f0a1c9e-7a52-4a43-9d7e-1f2b3c4d5e6f';
const all: GalleryFilter = {
  search: 'a <my-cat> & a "red" hat',
  conceptId,
  modelId: conceptId,
  minimumRating: 4,
  way: 'spatial',
  trash: true,
};

describe('the address of a filter', () => {
  test('holds all of it', () => {
    expect(filterFromAddress(addressOfFilter(all))).toEqual(all);
  });

  test('is empty where nothing is filtered', () => {
    expect(addressOfFilter(noFilter)).toBe('');
    expect(filterFromAddress('')).toEqual(noFilter);
  });

  test('that someone spoilt filters by what can be read', () => {
    const spoilt = 'concept=mine&rating=99&way=sideways&model=&trash=yes&search=fox';
    expect(filterFromAddress(spoilt)).toEqual({ ...noFilter, search: 'fox' });
  });

  test('never searches for more than the studio takes', () => {
    const { search } = filterFromAddress(`search=${'long '.repeat(100)}`);
    expect(search).toHaveLength(200);
  });
});

describe('the query of a filter', () => {
  test.each([noFilter, all])('is one that the studio understands', (filter) => {
    const query = queryOf(filter, 200, 100);
    expect(studioApi.listCompositions.input.parse(query)).toEqual(query);
  });

  test('leaves out what is not asked', () => {
    expect(Object.keys(queryOf(noFilter, 0, 100))).not.toContain('way');
  });
});

test('the trash alone is no filter, and spaces are no search', () => {
  expect(isFiltered({ ...noFilter, trash: true, search: '  ' })).toBe(false);
  expect(isFiltered({ ...noFilter, minimumRating: 1 })).toBe(true);
});
