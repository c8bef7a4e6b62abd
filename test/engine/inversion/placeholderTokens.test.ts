import { describe, expect, test } from 'vitest';
import {
  addPlaceholderTokens,
  expandPlaceholders,
  expandPlaceholdersOfficial,
} from '../../../src-main/engine/inversion/placeholderTokens.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import {
  plainTokenizer,
  referenceTokenizer,
  tokenizerReference,
} from '../../support/tokenizerReference.ts';

const { prompts, expanded } = tokenizerReference;
const token = '<cute-cat>';

describe('expansion', () => {
  test.each(prompts.map((prompt, index) => [prompt, expanded[index]!] as const))(
    'the official expansion of %j is the reference',
    (prompt, reference) => {
      expect(expandPlaceholdersOfficial(prompt, referenceTokenizer('tiny-sd1'))).toBe(reference);
    },
  );

  test('ours is the reference wherever a prompt does not name its vectors itself', () => {
    const plain = prompts.flatMap((prompt, index) =>
      prompt.includes(`${token}_1`) ? [] : [[prompt, expanded[index]] as const],
    );
    expect(plain.length).toBe(prompts.length - 4);
    for (const [prompt, reference] of plain) {
      expect(expandPlaceholders(prompt, [{ token, vectors: 3 }])).toBe(reference);
    }
  });

  test('a prompt that names its vectors stays as it is', () => {
    for (const prompt of prompts.filter((text) => text.includes(`${token}_1`))) {
      expect(expandPlaceholders(prompt, [{ token, vectors: 3 }])).toBe(prompt);
    }
  });

  test('expanding twice changes nothing', () => {
    for (const prompt of prompts) {
      const once = expandPlaceholders(prompt, [{ token, vectors: 12 }]);
      expect(expandPlaceholders(once, [{ token, vectors: 12 }])).toBe(once);
    }
  });

  test('every occurrence is expanded, one vector changes nothing', () => {
    expect(expandPlaceholders('<a> and <a>.', [{ token: '<a>', vectors: 2 }])).toBe(
      '<a> <a>_1 and <a> <a>_1.',
    );
    expect(expandPlaceholders('<a> and <a>.', [{ token: '<a>', vectors: 1 }])).toBe('<a> and <a>.');
  });

  test('concepts whose tokens begin alike are told apart', () => {
    const placeholders = [
      { token: '$cat', vectors: 2 },
      { token: '$catty', vectors: 3 },
    ];
    expect(expandPlaceholders('$catty, $cat', placeholders)).toBe(
      '$catty $catty_1 $catty_2, $cat $cat_1',
    );
    expect(expandPlaceholders('a cat', [])).toBe('a cat');
  });
});

describe('adding', () => {
  test('each vector gets an id behind the vocabulary and one token in a prompt', () => {
    const tokenizer = plainTokenizer('tiny-sd1');
    expect(addPlaceholderTokens(tokenizer, '<x>', 3)).toEqual([844, 845, 846]);
    const ids = tokenizer.encode(expandPlaceholders('<x>', [{ token: '<x>', vectors: 3 }])).ids;
    expect(ids).toEqual([844, 845, 846]);
  });

  test('a token that exists is refused with a free one as advice, and none is added', () => {
    const tokenizer = plainTokenizer('tiny-sd1');
    expect(() => addPlaceholderTokens(tokenizer, 'cat', 1)).toThrow(
      new InputError(
        'token "cat" exists already in the model\'s vocabulary; choose a word that the model does not know, such as "<my-cat>"',
      ),
    );
    tokenizer.addToken('<x>_2');
    expect(() => addPlaceholderTokens(tokenizer, '<x>', 3)).toThrow('token "<x>_2" exists already');
    expect(tokenizer.hasToken('<x>')).toBe(false);
  });

  test.each(['', 'my cat', ' ', 'x'.repeat(61)])('the token %j is refused', (name) => {
    expect(() => addPlaceholderTokens(plainTokenizer('tiny-sd1'), name, 1)).toThrow(
      'expected one word without blanks',
    );
  });

  test.each([0, 1.5, 76, Number.NaN])('%d vectors are refused', (vectors) => {
    expect(() => addPlaceholderTokens(plainTokenizer('tiny-sd1'), '<x>', vectors)).toThrow(
      `vectors ${vectors}: expected a whole number from 1 to 75`,
    );
  });
});
