import { describe, expect, it } from 'vitest';
import {
  addressOfFilter,
  filterFromAddress,
  isFiltered,
  type LibraryFilter,
  noFilter,
  queryOf,
  toggledIn,
} from '../../../src-renderer/library/libraryFilter.ts';
import { studioApi } from '../../../src-shared/studioApi.ts';

const full: LibraryFilter = {
  ...{ search: 'red & blue', tags: ['pets', 'a,b'], methods: ['custom-diffusion'] },
  ...{ favourite: true, trash: true, order: 'drift' },
};

describe('the filter of the library', () => {
  it('comes back from its address', () => {
    expect(filterFromAddress(addressOfFilter(full))).toEqual(full);
    expect(addressOfFilter(noFilter)).toBe('');
    expect(filterFromAddress('')).toEqual(noFilter);
  });

  it('reads nothing into what it does not know', () => {
    expect(filterFromAddress('order=size&method=magic&trash=yes')).toEqual(noFilter);
  });

  it('is a query of the contract', () => {
    expect(studioApi.listConcepts.input.parse(queryOf(full, 100, 50))).toMatchObject({
      ...{ tags: ['pets', 'a,b'], favourite: true, offset: 100, limit: 50 },
    });
    expect(queryOf(noFilter, 0, 10)).not.toHaveProperty('favourite');
  });

  it('tells whether anything is left out', () => {
    expect(isFiltered({ ...noFilter, trash: true, order: 'name' })).toBe(false);
    expect(isFiltered({ ...noFilter, search: ' ' })).toBe(false);
    expect(isFiltered({ ...noFilter, tags: ['pets'] })).toBe(true);
  });

  it('takes in and lets go', () => {
    expect(toggledIn(['a'], 'b')).toEqual(['a', 'b']);
    expect(toggledIn(['a', 'b'], 'a')).toEqual(['b']);
  });
});
