import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  officialTokenPositions,
  phraseOccurrences,
  tokenPositions,
} from '../../../src-main/engine/spatial/tokenPositions.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { goldenPath, requireGoldenPath } from '../../support/golden.ts';
import { referenceTokenizer } from '../../support/tokenizerReference.ts';

interface PositionCase {
  prompt: string;
  identifier: string;
  positions: number[][] | 'ValueError';
  ids?: number[];
}

const tokenizer = referenceTokenizer('clip-vit-l-14');

/** The first is committed. */
const models = ['tiny-sd1', 'tiny-sd2'].filter((name) => goldenPath(`${name}-golden/index.json`));

describe.each(models)('%s', (name) => {
  const index = JSON.parse(readFileSync(requireGoldenPath(`${name}-golden/index.json`), 'utf8'));
  const layouts = Object.values<PositionCase>(index.ca_cases);
  const cases: PositionCase[] = [...index.pharse2idx, ...layouts];

  test.each(cases)('official: "$identifier" in "$prompt"', ({ prompt, identifier, positions }) => {
    const found = () => officialTokenPositions(prompt, identifier);
    if (positions === 'ValueError') expect(found).toThrow(InputError);
    else expect(found()).toEqual(positions);
  });

  test.each(layouts)('ours agrees on the layout case "$identifier"', (layout) => {
    const own = referenceTokenizer(name);
    expect(own.encodePadded(layout.prompt).ids).toEqual(layout.ids);
    const phrases = layout.identifier.split(';').map((text) => text.trim().replaceAll('_', ' '));
    expect(phrases.map((phrase) => tokenPositions(own, layout.prompt, phrase))).toEqual(
      layout.positions,
    );
  });
});

describe('official', () => {
  test('only blanks, commas and outer dots divide words', () => {
    expect(officialTokenPositions('..a cat!.', 'a; cat!')).toEqual([[1], [2]]);
    expect(() => officialTokenPositions('a cat!', 'cat')).toThrow(
      '"cat" is not among the blank-separated words of "a cat!"',
    );
  });
});

describe('phrases', () => {
  const positions = (prompt: string, phrase: string) =>
    phraseOccurrences(tokenizer, prompt, phrase);

  test('every occurrence counts, whatever its case and punctuation', () => {
    expect(positions('A cat, a dog and (a CAT).', 'cat')).toEqual([[2], [9]]);
    expect(tokenPositions(tokenizer, 'A cat, a dog and (a CAT).', 'cat')).toEqual([2, 9]);
  });

  test('words of several tokens shift what follows', () => {
    const width = tokenizer.idsOfWord('schnoodlepup').length;
    expect(width).toBeGreaterThan(1);
    const whole = Array.from({ length: width }, (_, index) => index + 2);
    expect(positions('a schnoodlepup and a cat', 'schnoodlepup')).toEqual([whole]);
    expect(positions('a schnoodlepup and a cat', 'cat')).toEqual([[width + 4]]);
  });

  test('blanks and composition do not matter', () => {
    expect(positions('a red\n  table', 'red table')).toEqual([[2, 3]]);
    const composed = positions('one café', 'cafe\u0301');
    expect(composed).toEqual([tokenizer.idsOfWord('café').map((_, index) => index + 2)]);
  });

  test('a part of a word or number is no occurrence', () => {
    const ids = tokenizer.encode('vikking').ids;
    expect(ids.at(-1), 'the case needs a word whose last token is a word').toBe(
      tokenizer.idsOfWord('king')[0],
    );
    for (const [prompt, phrase] of [
      ['a vikking', 'king'],
      ['in 2024', '2'],
      ['the cats', 'cat'],
    ] as const) {
      expect(() => positions(prompt, phrase)).toThrow(
        `phrase "${phrase}" is not in the prompt "${prompt}"`,
      );
    }
  });

  test('placeholders are told apart, also where they touch words', () => {
    const prompt = 'x<cute-cat> <cute-cat>_1 cat and <CUTE-CAT>';
    expect(positions(prompt, '<cute-cat>')).toEqual([[2]]);
    expect(positions(prompt, '<cute-cat>_1 cat')).toEqual([[3, 4]]);
  });

  test('what the text encoder does not see is not found', () => {
    const long = `${'cat '.repeat(74)}red table`;
    expect(positions(long, 'red')).toEqual([[75]]);
    expect(() => positions(long, 'table')).toThrow(
      '"table" lies behind the 75 tokens that the model sees; shorten the prompt',
    );
    expect(() => positions('a cat', ' ')).toThrow('phrase " " has no tokens');
  });
});

describe('ranges', () => {
  const prompt = 'A cat, a dog and a cat';
  const range = (start: number, end: number) => [{ start, end }];

  test('one occurrence can be marked, and a part of a word marks the word', () => {
    expect(tokenPositions(tokenizer, prompt, range(19, 22))).toEqual([8]);
    expect(tokenPositions(tokenizer, prompt, range(20, 21))).toEqual([8]);
    expect(tokenPositions(tokenizer, prompt, range(2, 6))).toEqual([2, 3]);
  });

  test('several ranges give their positions once, in order', () => {
    const marked = [...range(19, 22), ...range(2, 5), ...range(3, 5)];
    expect(tokenPositions(tokenizer, prompt, marked)).toEqual([2, 8]);
  });

  test('empty, outer and blank ranges are refused', () => {
    for (const [start, end] of [
      [2, 2],
      [-1, 3],
      [2, 23],
      [1.5, 3],
    ] as const) {
      expect(() => tokenPositions(tokenizer, prompt, range(start, end))).toThrow(
        `marked range ${start} to ${end}: expected a part of the prompt's 22 characters`,
      );
    }
    expect(() => tokenPositions(tokenizer, prompt, range(1, 2))).toThrow('" " has no tokens');
    const long = `${'cat '.repeat(75)}table`;
    expect(() => tokenPositions(tokenizer, long, range(300, 305))).toThrow('"table" lies behind');
  });
});
