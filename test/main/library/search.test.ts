import { expect, test } from 'vitest';
import { searchTerms } from '../../../src-main/library/search.ts';
import type { StudioInput } from '../../../src-shared/studioApi.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';
import {
  compositionNamed,
  compositionQuery,
  conceptQuery,
  createConcept,
  testLibraries,
} from '../../support/testLibrary.ts';

const { open } = testLibraries();

test.each([
  ['', undefined],
  ['  ', undefined],
  ['<>!', undefined],
  ['cat', '"cat" *'],
  ['cat ', '"cat"'],
  ['red cat', '"red" AND "cat" *'],
  ['<my-cat> & ', '"<my-cat>"'],
  ['a"b', '"a b" *'],
  ['NOT (x OR y*', '"NOT" AND "(x" AND "OR" AND "y*" *'],
  ['red 玩具', '"red"'],
  ['玩具 red', '"red" *'],
])('%j is looked for as %s', (search, expected) => {
  expect(searchTerms(search).match).toBe(expected);
});

test.each([
  ['cat', []],
  ['玩具 red', ['%玩具%']],
  ['<小猫-玩具>%', ['%小猫%', '%玩具%']],
  ['my_猫', ['%my%', '%猫%']],
])('of %j the patterns are %j', (search, expected) => {
  expect(searchTerms(search).patterns).toEqual(expected);
});

test.each([
  ...['小猫咪玩具', 'ぬいぐるみ', 'オモチャ', 'ｵﾓﾁｬ', '𠮷野家𠮷', '豈豈豈', 'ของเล่นแมว'],
  ...['ຂອງຫຼິ້ນ', 'ကစားစရာ', 'តុក្កតា'],
])('%s is found by what lies inside it', async (text) => {
  const library = open();
  const inner = [...text].slice(1, 3).join('');
  const { concepts, compositions } = library;
  const { id } = concepts.create({ name: text, token: `<${text}>`, classWord: 'cat' });
  createConcept(library, 'minka');
  const found = (search: string) => concepts.list(conceptQuery({ search })).concepts;
  expect(found(inner)).toMatchObject([{ id }]);
  expect(found(`CAT ${inner}`)).toMatchObject([{ id }]);
  expect(found(`dog ${inner}`)).toEqual([]);
  const kept = compositions.keep(await compositionNamed(library, 'one', { prompt: `a ${text}` }));
  compositions.keep(await compositionNamed(library, 'other', { prompt: 'a cat' }));
  const shown = (query: StudioInput<'listCompositions'>) =>
    compositions.list(compositionQuery(query)).compositions.map(({ id }) => id);
  expect(shown({ search: inner })).toEqual([kept.id]);
  expect(shown({ search: `${inner} a` })).toEqual([kept.id]);
  expect(shown({ search: `${inner} cat` })).toEqual([]);
  expect(shown({ search: inner, minimumRating: 1 })).toEqual([]);
  compositions.trash([kept.id]);
  expect(shown({ search: inner })).toEqual([]);
  expect(shown({ search: inner, trash: true })).toEqual([kept.id]);
});

const wordCharacters = 'abcäÄéø0猫Б';
const others = ' <>-_"*()^:+.,\'\\%\0';

function text(random: () => number, length: number): string {
  const characters = wordCharacters.repeat(3) + others;
  const letters = [...characters];
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
}

/** Words as FTS5's unicode61 makes them: without case and accents. */
function words(value: string): string[] {
  const plain = value.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * The rule, spelled out on words: every typed word is a run of neighbours in one field, the last may go on. Of a word with
 * signs of a script without spaces every piece is in a field.
 */
function found(fields: readonly string[], search: string): boolean {
  const typed = search.split(/\s+/).filter((word) => words(word).length > 0);
  return typed.every((word, index) => {
    if (word.includes('猫')) return pieces(word).every((piece) => isIn(fields, piece));
    const mayGoOn = index === typed.length - 1 && !/\s$/.test(search);
    return fields.some((field) => hasRun(words(field), words(word), mayGoOn));
  });
}

const pieces = (word: string) => word.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** But for the case of Latin letters without accents, as it is written. */
function isIn(fields: readonly string[], piece: string): boolean {
  const plain = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return fields.some((field) => plain(field).includes(plain(piece)));
}

function hasRun(field: readonly string[], run: readonly string[], mayGoOn: boolean): boolean {
  return field.some((_, start) =>
    run.every((word, offset) => {
      const there = field[start + offset];
      return offset === run.length - 1 && mayGoOn ? there?.startsWith(word) : there === word;
    }),
  );
}

test('a search finds what its rule says, whatever was typed, and never fails', {
  timeout: 60_000,
}, () => {
  const random = seededRandom(testSeed);
  const { concepts } = open();
  const made = Array.from({ length: 40 }, (_, index) => {
    const [name, notes, tag] = [9, 12, 4].map((length) =>
      text(random, length).replaceAll('\0', ' '),
    );
    const concept = { name, notes, tags: [tag], token: `t${index}`, classWord: 'thing' };
    return { fields: [name, notes, tag, concept.token, 'thing'], id: concepts.create(concept).id };
  });
  let hits = 0;
  for (let turn = 0; turn < 400; turn++) {
    const search = text(random, 1 + Math.floor(random() * 5));
    const expected = made.filter(({ fields }) => found(fields, search)).map(({ id }) => id);
    const result = concepts.list(conceptQuery({ search, order: 'oldest' }));
    const ids = result.concepts.map(({ id }) => id);
    expect(ids, `seed ${testSeed}, search ${JSON.stringify(search)}`).toEqual(expected);
    hits += expected.length;
  }
  expect(hits).toBeGreaterThan(400);
});

test('the index follows every change', () => {
  const { concepts } = open();
  const find = (search: string) => concepts.list(conceptQuery({ search })).total;
  const { id } = concepts.create({ name: 'Minka', token: '<m>', classWord: 'cat', tags: ['pet'] });
  concepts.change({ id, name: 'Bruno', tags: ['friend'], notes: 'barks' });
  expect([find('minka'), find('pet'), find('bruno'), find('friend'), find('barks')]).toEqual([
    ...[0, 0, 1, 1, 1],
  ]);
  concepts.change({ id, favourite: true });
  concepts.trash([id]);
  expect(find('bruno')).toBe(0);
  expect(concepts.list(conceptQuery({ search: 'bruno', trash: true })).total).toBe(1);
  concepts.remove([id]);
  expect(concepts.list(conceptQuery({ search: 'bruno', trash: true })).total).toBe(0);
});
