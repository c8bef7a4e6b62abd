import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Library } from '../../../src-main/library/library.ts';
import { comparisonWays, keptComposition } from '../../../src-shared/composition.ts';
import type { BlobHash } from '../../../src-shared/ids.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { StudioInput } from '../../../src-shared/studioApi.ts';
import {
  compositionNamed,
  compositionQuery,
  createConcept,
  testLibraries,
  versionNamed,
} from '../../support/testLibrary.ts';

const { open } = testLibraries();

async function keep(library: Library, tag: string) {
  return library.compositions.keep(await compositionNamed(library, tag));
}

const listed = (library: Library, query: StudioInput<'listCompositions'> = {}) =>
  library.compositions.list(compositionQuery(query)).compositions.map(({ id }) => id);

test('a picture comes back as it was kept, with its attention', async () => {
  const library = open();
  const given = await compositionNamed(library, 'red');
  const kept = library.compositions.keep({ ...given, rating: 4 });
  expect(kept).toEqual({
    ...given.picture,
    ...{ id: kept.id, createdAt: kept.createdAt, rating: 4 },
    ...{ thumbnail: given.thumbnail, modelName: 'Toybox' },
  });
  expect(keptComposition.parse(structuredClone(kept))).toEqual(kept);
  expect(library.compositions.get(kept.id)).toEqual(kept);
  const { compositions, total } = library.compositions.list(compositionQuery());
  expect(total).toBe(1);
  expect(compositions).toEqual([{ ...kept, attention: [] }]);
});

test('a comparison is kept as a whole or not at all', async () => {
  const library = open();
  const parts = await Promise.all(
    comparisonWays.map(async (way) => ({ ...(await compositionNamed(library, way)), way })),
  );
  const noFile = { ...parts[3], thumbnail: 'f'.repeat(64) as BlobHash };
  expect(() => library.compositions.keepComparison([...parts.slice(0, 3), noFile])).toThrow(
    InputError,
  );
  expect(listed(library)).toEqual([]);
  const { comparisonId, compositions } = library.compositions.keepComparison(parts);
  expect(compositions.map(({ way }) => way)).toEqual([...comparisonWays]);
  expect(compositions.every((kept) => kept.comparisonId === comparisonId)).toBe(true);
  expect(listed(library, { way: 'spatial' })).toEqual([compositions[2].id]);
  expect(listed(library, { way: 'spatial', search: 'cat' })).toEqual([compositions[2].id]);
  await keep(library, 'another');
  const ids = compositions.map(({ id }) => id).reverse();
  expect(listed(library, { comparisonId })).toEqual(ids);
  expect(listed(library, { comparisonId, search: 'cat' })).toEqual(ids);
  expect(listed(library, { comparisonId, way: 'both' })).toEqual([compositions[3].id]);
  expect(listed(library, { comparisonId: randomUUID() })).toEqual([]);
});

test('ratings, the trash and its way back', async () => {
  const library = open();
  const { compositions } = library;
  const { id } = await keep(library, 'red');
  expect(compositions.rate(id, 5).rating).toBe(5);
  expect(() => compositions.remove([id])).toThrow('not in the trash');
  compositions.trash([id, id]);
  expect(listed(library)).toEqual([]);
  expect(listed(library, { trash: true })).toEqual([id]);
  expect(listed(library, { trash: true, search: 'red', minimumRating: 5 })).toEqual([id]);
  expect(listed(library, { search: 'red' })).toEqual([]);
  compositions.untrash([id]);
  expect(listed(library)).toEqual([id]);
  compositions.trash([id]);
  compositions.remove([id]);
  expect(() => compositions.get(id)).toThrow(InputError);
  expect(() => compositions.trash([randomUUID()])).toThrow(InputError);
});

test('lists hold what was asked for, the newest first', async () => {
  const library = open();
  const { id: conceptId } = createConcept(library, 'minka');
  const version = library.concepts.addVersion(conceptId, await versionNamed(library, 'v'));
  const use = { versionId: version.id, token: '<minka>', strength: 1 };
  const modelId = randomUUID();
  const red = library.compositions.keep(
    await compositionNamed(library, 'red', { concepts: [use, { ...use, strength: 0.5 }] }),
  ).id;
  const blue = library.compositions.keep(
    await compositionNamed(library, 'blue', { modelId, prompt: 'A blue Çat on-top' }),
  ).id;
  library.compositions.rate(blue, 3);
  const queries: [StudioInput<'listCompositions'>, string[]][] = [
    [{}, [blue, red]],
    [{ search: 'cat' }, [blue, red]],
    [{ search: 'on-to' }, [blue]],
    [{ search: 'blue red' }, []],
    [{ conceptId }, [red]],
    [{ conceptId: randomUUID() }, []],
    [{ modelId }, [blue]],
    [{ minimumRating: 3 }, [blue]],
    [{ minimumRating: 4 }, []],
    [{ minimumRating: 1, search: 'cat', modelId }, [blue]],
    [{ minimumRating: 4, search: 'cat' }, []],
    [{ way: 'both', search: 'cat' }, []],
    [{ conceptId, search: 'cat' }, [red]],
    [{ conceptId, search: 'blue' }, []],
    [{ search: 'kept' }, []],
    [{ offset: 1, search: 'cat' }, [red]],
    [{ offset: 1 }, [red]],
    [{ limit: 1 }, [blue]],
  ];
  for (const [query, ids] of queries) expect([query, listed(library, query)]).toEqual([query, ids]);
});

test('a picture outlives its concept and knows how it was made', async () => {
  const library = open();
  const { id: conceptId } = createConcept(library, 'minka');
  const version = library.concepts.addVersion(conceptId, await versionNamed(library, 'v'));
  const concepts = [{ versionId: version.id, token: '<minka>', strength: 1 }];
  const given = await compositionNamed(library, 'red', { concepts });
  const { id } = library.compositions.keep(given);
  library.concepts.trash([conceptId]);
  library.concepts.remove([conceptId]);
  expect(library.compositions.get(id).settings.concepts).toEqual(concepts);
  expect(listed(library, { conceptId })).toEqual([]);
});
