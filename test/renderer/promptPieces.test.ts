import { describe, expect, test } from 'vitest';
import { menuAct } from '../../src-renderer/compose/conceptMenuKeys.ts';
import { markedPhrase, promptPhrases } from '../../src-renderer/compose/promptPhrases.ts';
import {
  conceptTokens,
  deleteChip,
  fitting,
  insertConcept,
  menuQueryAt,
  outsideChip,
  overflowStart,
  promptPieces,
} from '../../src-renderer/compose/promptPieces.ts';

const prompt = 'a <my-cat> cat and <my-cat> <other>';
const known = ['<my-cat>'];
const cat = { token: '<my-cat>', classWord: 'cat' };

describe('a prompt in pieces', () => {
  test('has chips where known tokens stand, and joins to the same text', () => {
    const pieces = promptPieces(prompt, known);
    expect(pieces.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'text a ',
      'chip <my-cat>',
      'text  cat and ',
      'chip <my-cat>',
      'text  <other>',
    ]);
    expect(pieces.map(({ text }) => text).join('')).toBe(prompt);
  });

  test('marks what lies beyond the limit, also inside a piece', () => {
    const pieces = promptPieces('a cat and a very long tail', [], 'long tail');
    expect(pieces.map(({ text, beyond }) => [text, beyond])).toEqual([
      ['a cat and a very ', false],
      ['long tail', true],
    ]);
  });

  test.each([
    ['a b c', '', 5],
    ['a b c', ' c', 4],
    ['x tail and tail', 'tail', 11],
    ['one two three', 'two four', 4],
    ['one two three', 'absent', 0],
  ])('of "%s" the part from "%s" on is not seen', (text, overflow, start) => {
    expect(overflowStart(text, overflow)).toBe(start);
  });

  test('names the words that may be concepts', () => {
    expect(conceptTokens(prompt)).toEqual(['<my-cat>', '<other>']);
    expect(conceptTokens('a sks dog, skset', ['sks'])).toEqual(['sks']);
    expect(conceptTokens('x < y and y > z, <a b>')).toEqual([]);
  });

  test('prefers the longer of two tokens at one place', () => {
    const pieces = promptPieces('a <cat>s b', ['<cat>', '<cat>s']);
    expect(pieces.filter(({ kind }) => kind === 'chip').map(({ text }) => text)).toEqual([
      '<cat>s',
    ]);
  });
});

describe('the menu of concepts', () => {
  test.each([
    ['/', 1, ''],
    ['a <my', 5, 'my'],
    ['a photo of /mi and', 14, 'mi'],
    ['a, (<', 5, ''],
  ])('opens in "%s" at %i', (text, caret, query) => {
    expect(menuQueryAt(text, caret)?.text).toBe(query);
  });

  test.each([
    ['and/or', 6],
    ['a <my-cat>', 10],
    ['a < b', 5],
    ['a cat', 5],
    ['a /cat', 2],
  ])('stays closed in "%s" at %i', (text, caret) => {
    expect(menuQueryAt(text, caret)).toBeUndefined();
  });

  test('writes the token with its class word and a blank at the end', () => {
    const query = menuQueryAt('a photo of a /mi', 16);
    expect(insertConcept('a photo of a /mi', query ?? { start: 0, end: 0 }, cat)).toEqual({
      text: 'a photo of a <my-cat> cat ',
      caret: 26,
    });
  });

  test('doubles neither blanks nor the class word', () => {
    expect(insertConcept('a < cat, red', { start: 2, end: 3 }, cat).text).toBe(
      'a <my-cat> cat, red',
    );
    expect(insertConcept('aand', { start: 1, end: 1 }, cat)).toEqual({
      text: 'a <my-cat> cat and',
      caret: 15,
    });
  });
});

describe('a key in the menu of concepts', () => {
  const acts = (count: number, isLooking: boolean) =>
    ['Enter', 'Tab', 'ArrowDown', 'Escape', 'x'].map((key) => menuAct(key, { count, isLooking }));

  test('takes and moves where concepts are listed, while more are looked for too', () => {
    const expected = ['take', 'take', 'next', 'close', undefined];
    expect(acts(2, false)).toEqual(expected);
    expect(acts(2, true)).toEqual(expected);
  });

  test('writes no line where none is listed yet, and ends the menu where none will be', () => {
    expect(acts(0, true)).toEqual(['wait', undefined, undefined, 'close', undefined]);
    expect(acts(0, false)).toEqual(['close', undefined, undefined, 'close', undefined]);
  });
});

describe('keys at a chip', () => {
  test('take it away whole', () => {
    expect(deleteChip(prompt, 10, 'back', known)).toEqual({
      text: 'a  cat and <my-cat> <other>',
      caret: 2,
    });
    expect(deleteChip(prompt, 2, 'forward', known)?.caret).toBe(2);
  });

  test('do as usual beside it and in unknown words', () => {
    expect(deleteChip(prompt, 2, 'back', known)).toBeUndefined();
    expect(deleteChip(prompt, 10, 'forward', known)).toBeUndefined();
    expect(deleteChip(prompt, prompt.length, 'back', known)).toBeUndefined();
  });

  test('step over it', () => {
    expect(outsideChip(prompt, 3, known, 'forward')).toBe(10);
    expect(outsideChip(prompt, 9, known, 'back')).toBe(2);
    expect(outsideChip(prompt, 4, known)).toBe(2);
    expect(outsideChip(prompt, 8, known)).toBe(10);
    expect(outsideChip(prompt, 11, known, 'forward')).toBe(11);
  });
});

describe('phrases for boxes', () => {
  test('are concepts with their class word, and words that may be things', () => {
    expect(promptPhrases('a photo of a <my-cat> cat and a red backpack', [cat])).toEqual([
      '<my-cat> cat',
      'red',
      'backpack',
    ]);
    expect(promptPhrases('a <my-cat> on the beach', [cat])).toEqual(['<my-cat>', 'beach']);
    expect(promptPhrases('a <nobody> in a hat and a /mi', [])).toEqual(['hat', 'mi']);
    expect(promptPhrases('a <my-cat> catalogue', [cat])).toEqual(['<my-cat>', 'catalogue']);
  });

  test('come once, in the order of the prompt', () => {
    expect(promptPhrases('dog and dog beside <my-cat> cat', [cat])).toEqual([
      'dog',
      '<my-cat> cat',
    ]);
  });

  test.each([
    [14, 17, 'red backpack', 'a cat with a red backpack, photo', 13, 25],
    [0, 0, '', 'a cat', 2, 2],
    [0, 0, 'cat', 'a cat, red', 3, 4],
    [0, 0, 'cat', 'a cat, red', 2, 7],
  ])('are what is marked, in whole words %#', (_a, _b, phrase, text, start, end) => {
    expect(markedPhrase(text, start, end)).toBe(phrase);
  });
});

const tom = { name: 'Tom', token: '<tom>' };
const rex = { name: 'My Rex', token: '<my-cat>' };

test('of the answer to an earlier search only what fits what is typed now can be taken', () => {
  expect(fitting([tom, rex], 're')).toEqual([rex]);
  expect(fitting([tom, rex], 'TO')).toEqual([tom]);
  expect(fitting([tom, rex], 'my-')).toEqual([rex]);
  expect(fitting([tom, rex], 'z')).toEqual([]);
  expect(fitting([tom, rex], '')).toEqual([tom, rex]);
});
