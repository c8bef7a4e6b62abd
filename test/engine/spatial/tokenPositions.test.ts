import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  officialTokenPositions,
  phraseOccurrences,
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
    const found = phrases.map((phrase) => phraseOccurrences(own, layout.prompt, phrase).flat());
    expect(found).toEqual(layout.positions);
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
