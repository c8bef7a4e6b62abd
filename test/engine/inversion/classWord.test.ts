import { describe, expect, test } from 'vitest';
import { classWordTokens } from '../../../src-main/engine/inversion/classWord.ts';
import { plainTokenizer } from '../../support/tokenizerReference.ts';

describe('class words', () => {
  const tokenizer = plainTokenizer('clip-vit-l-14');
  const catId = tokenizer.idsOfWord('cat')[0];

  test('one token needs no explanation', () => {
    expect(classWordTokens(tokenizer, 'cat')).toEqual({
      ids: [catId],
      anchorIds: [catId],
      note: undefined,
    });
  });

  test('the last of several words is the anchor', () => {
    const { ids, anchorIds, note } = classWordTokens(tokenizer, 'teddy bear');
    expect(ids.length).toBe(2);
    expect(anchorIds).toEqual(tokenizer.idsOfWord('bear'));
    expect(note).toBe(
      'class word "teddy bear" is 2 tokens: all of them follow the placeholder in every prompt, "bear" is the anchor of each vector',
    );
  });

  test('a word of several tokens is anchored to their mean', () => {
    const { anchorIds, note } = classWordTokens(tokenizer, 'schnoodlepup');
    expect(anchorIds.length).toBeGreaterThan(1);
    expect(note).toContain(`the mean of the ${anchorIds.length} tokens of "schnoodlepup"`);
  });

  test.each(['', '  ', '\u200b'])('%j is no class word', (word) => {
    expect(() => classWordTokens(tokenizer, word)).toThrow('has no tokens; expected a word');
  });
});
