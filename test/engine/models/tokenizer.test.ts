import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../../src-main/engine/checkpoint/tokenizerFiles.ts';
import { cleanText } from '../../../src-main/engine/models/promptCleaning.ts';
import {
  createTokenizer,
  type Tokenizer,
  unsupportedVariantReason,
} from '../../../src-main/engine/models/tokenizer.ts';
import {
  plainTokenizer,
  referenceTokenizer,
  tokenizerNames,
  tokenizerReference,
} from '../../support/tokenizerReference.ts';

const { prompts, added_tokens, tokenizers } = tokenizerReference;

describe.each(tokenizerNames)('%s', (name) => {
  const tokenizer = referenceTokenizer(name);
  const reference = tokenizers[`${name}/hf_noftfy`]!;

  test.each(prompts.map((prompt, index) => [prompt, index] as const))(
    'ids of %j are the reference ids',
    (prompt, index) => {
      expect(tokenizer.encode(prompt).ids).toEqual(reference.ids[index]);
      expect(tokenizer.encodePadded(prompt).ids).toEqual(reference.padded[index]);
    },
  );

  test('special and added tokens have the reference ids', () => {
    const { bosId, eosId, padId } = tokenizer;
    expect([bosId, eosId, padId]).toEqual([reference.bos, reference.eos, reference.pad]);
    expect(added_tokens.map((token) => tokenizer.addedTokens.get(token))).toEqual(
      reference.added_ids,
    );
    expect(tokenizer.size).toBe(reference.added_ids.at(-1)! + 1);
  });

  test('every token of every prompt stands where its text is', () => {
    for (const prompt of prompts) expectSoundOffsets(tokenizer, prompt);
  });

  test('tokens of random prompts stand where their text is', () => {
    const seed = Date.now() % 2 ** 31;
    for (const prompt of randomPrompts(seed, 150)) {
      expectSoundOffsets(tokenizer, prompt, `seed ${seed}: ${JSON.stringify(prompt)}`);
    }
  });
});

/**
 * Offsets lie in the prompt, never go back, and a token's slice of the prompt, tokenized by itself without its
 * neighbours, spells the token: the cleaned slices of all tokens hold the token's text.
 */
function expectSoundOffsets(tokenizer: Tokenizer, prompt: string, message = prompt): void {
  const { ids, offsets } = tokenizer.encode(prompt);
  expect(offsets.length, message).toBe(ids.length);
  let previous: readonly [number, number] = [0, 0];
  for (const [index, span] of offsets.entries()) {
    expect(span[0], message).toBeGreaterThanOrEqual(previous[0]);
    expect(span[1], message).toBeGreaterThanOrEqual(previous[1]);
    expect(span[1], message).toBeGreaterThan(span[0]);
    expect(span[1], message).toBeLessThanOrEqual(prompt.length);
    expectSliceSpells(tokenizer, ids[index]!, prompt.slice(...span), message);
    previous = span;
  }
  expect(uncovered(prompt, offsets), message).toBe('');
}

function expectSliceSpells(tokenizer: Tokenizer, id: number, slice: string, message: string) {
  const text = tokenizer.word(id);
  // A token that begins or ends inside a character has no readable text of its own.
  if (text.includes('\uFFFD') || tokenizer.addedTokens.has(text)) return;
  // A final sigma is one only beside its neighbours.
  const readable = (part: string) =>
    cleanText(part).text.replaceAll(/\s/gu, '').replaceAll('ς', 'σ');
  expect(readable(slice), message).toContain(readable(text));
}

/** What no token covers, after cleaning: must be nothing. */
function uncovered(prompt: string, offsets: (readonly [number, number])[]): string {
  const covered = new Uint8Array(prompt.length);
  for (const [start, end] of offsets) covered.fill(1, start, end);
  const rest = prompt.split('').map((unit, index) => (covered[index] ? ' ' : unit));
  return cleanText(rest.join('')).text.replaceAll(/\s/gu, '');
}

/** Marks, jamo, ideographs, surrogates, blanks, final sigmas, contractions and added tokens. */
const stressingParts = [
  ...['a', 'cat', 'ΑΣ', 'Σ', 'İ', 'ﬁ', '12', '½', '!', '...', "'s", "'ſ", ' ', '\t', '<', '_1'],
  ...[
    'e\u0301',
    'q\u0323\u0307',
    'a\u0334\u0301',
    '\u0344',
    '\u0958',
    '\u0301',
    '\u0345',
    '\u09c7\u09be',
  ],
  ...[
    '\u1112\u1161\u11ab',
    '\u1100',
    '\u1161',
    '\u11a8',
    '가',
    '猫',
    '\ufa10',
    'ねこ',
    '\u{2f800}',
  ],
  ...[
    '🐱',
    '👨\u200d👩',
    '\ud83d',
    '\udc31',
    '\u00a0',
    '\u3000',
    '\u2028',
    '\u200b',
    '\u0000',
    '\ufeff',
  ],
  ...['<cute-cat>', '<cute-cat>_1', '<CUTE-CAT>', '<|startoftext|>', '<|ENDOFTEXT|>'],
];

function randomPrompts(seed: number, count: number): string[] {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const part = () => stressingParts[below(stressingParts.length)]!;
  return Array.from({ length: count }, () => Array.from({ length: below(14) }, part).join(''));
}

/** The cleaning without regard to places: each step over the whole text. */
function cleanWhole(text: string): string {
  const blanks = text.toWellFormed().replaceAll(/[\t\n\r\p{Zs}]/gu, ' ');
  const visible = blanks.replaceAll(/[\p{C}\uFFFD]/gu, '');
  const ideographs = /(?=\p{sc=Han})[^\u2E80-\u33FF]/gu;
  return visible.replaceAll(ideographs, ' $& ').normalize('NFC').toLowerCase();
}

describe('cleaning', () => {
  test('gives what cleaning the whole text step by step gives, and a place for each unit', () => {
    const seed = Date.now() % 2 ** 31;
    for (const prompt of [...prompts, ...randomPrompts(seed, 500)]) {
      const { text, spans } = cleanText(prompt);
      expect(text, `seed ${seed}: ${JSON.stringify(prompt)}`).toBe(cleanWhole(prompt));
      expect(spans.length).toBe(text.length);
    }
  });

  test('a composed character comes from all its parts, its neighbours from themselves', () => {
    const { text, spans } = cleanText('xe\u0301y', 10);
    expect(text).toBe('xéy');
    expect(spans).toEqual([
      [10, 11],
      [11, 13],
      [13, 14],
    ]);
  });

  test('dropped characters belong to no token', () => {
    expect(cleanText('a\u200bb')).toEqual({
      text: 'ab',
      spans: [
        [0, 1],
        [2, 3],
      ],
    });
  });
});

describe('truncation', () => {
  const tokenizer = plainTokenizer('clip-vit-l-14');
  const cats = (count: number) => new Array<string>(count).fill('cat').join(' ');

  test('75 tokens are seen whole', () => {
    const padded = tokenizer.encodePadded(cats(75));
    expect(padded).toMatchObject({ overflow: '', endPosition: 76 });
    expect(padded.ids[76]).toBe(tokenizer.eosId);
  });

  test('what comes behind is named', () => {
    const padded = tokenizer.encodePadded(`${cats(75)} and a Dog`);
    expect(padded).toMatchObject({ overflow: 'and a Dog', endPosition: 76 });
    expect(padded.ids.length).toBe(77);
  });

  test('a short prompt ends at its end token', () => {
    expect(tokenizer.encodePadded('a cat').endPosition).toBe(3);
    expect(tokenizer.encodePadded('').endPosition).toBe(1);
  });
});

describe('vocabulary', () => {
  const tokenizer = plainTokenizer('clip-vit-l-14');

  test('goes on with the added tokens', () => {
    const extended = referenceTokenizer('clip-vit-l-14');
    expect(extended.size).toBe(49411);
    expect(extended.word(49410)).toBe('<cute-cat>_2');
  });

  test('whole words are letters and stand for themselves', () => {
    const words = tokenizer.wholeWords();
    expect(words).toContain(tokenizer.idsOfWord('cat')[0]);
    expect(words).not.toContain(tokenizer.idsOfWord('!')[0]);
    expect(words).not.toContain(tokenizer.eosId);
    expect(words.map((id) => tokenizer.word(id)).every((word) => /^\p{L}+$/u.test(word))).toBe(
      true,
    );
  });

  test('whole words were seen as words, where the model says which', () => {
    const toybox = loadTokenizer('assets/toybox/tokenizer');
    const words = toybox.wholeWords().map((id) => toybox.word(id));
    expect(words).toEqual(expect.arrayContaining(['rabbit', 'red', 'room', 'backpack']));
    for (const piece of ['ery', 'ing', 'ird', 'r']) {
      expect(toybox.hasToken(piece)).toBe(true);
      expect(words).not.toContain(piece);
    }
  });

  test('decoding gives the cleaned words back', () => {
    const prompt = 'a café, 猫 and a <|endoftext|> 🐱';
    expect(tokenizer.decode(tokenizer.encode(prompt).ids)).toBe(
      'a café , 猫 and a <|endoftext|> 🐱',
    );
    expect(() => tokenizer.word(49408)).toThrow('tokenizer: no token has the id 49408');
  });

  test('a token that exists is not added again', () => {
    const extended = plainTokenizer('clip-vit-l-14');
    expect(extended.hasToken('<cat>')).toBe(false);
    extended.addToken('<cat>');
    for (const taken of ['<cat>', 'cat', 'backpack', '<|endoftext|>']) {
      expect(extended.hasToken(taken)).toBe(true);
      expect(() => extended.addToken(taken)).toThrow(`tokenizer: "${taken}" is already a token`);
    }
    expect(() => extended.addToken('')).toThrow('at least one character');
  });

  test('a copy knows the same, and either learns by itself', () => {
    const first = plainTokenizer('clip-vit-l-14');
    first.addToken('<cat>');
    const copy = first.copy();
    const prompt = 'a <cat> beside <dog>';
    expect(copy.encode(prompt)).toEqual(first.encode(prompt));
    expect(copy.size).toBe(first.size);
    copy.addToken('<dog>');
    first.addToken('<bird>');
    expect(copy.encode('<cat><dog>').ids).toEqual([49408, 49409]);
    expect(first.hasToken('<dog>')).toBe(false);
    expect(copy.hasToken('<bird>')).toBe(false);
  });
});

describe('construction', () => {
  const vocabulary = {
    a: 0,
    b: 1,
    'a</w>': 2,
    'b</w>': 3,
    '<|startoftext|>': 4,
    '<|endoftext|>': 5,
  };
  const padToken = '<|endoftext|>';

  test('a merge into nothing, a half merge and a missing pad token are refused', () => {
    const create =
      (merges: string[], pad = padToken) =>
      () =>
        createTokenizer({ vocabulary, merges, padToken: pad });
    expect(create(['a b</w>'])).toThrow(
      'the merge "a b</w>" gives a token that the vocabulary lacks',
    );
    expect(create(['ab'])).toThrow('"ab" is not a pair of tokens');
    expect(create([], '!')).toThrow('"!" is not in the vocabulary');
  });

  test('a vocabulary without the needed bytes cannot spell a word', () => {
    const tokenizer = createTokenizer({ vocabulary, merges: [], padToken });
    expect(tokenizer.encode('ab').ids).toEqual([0, 3]);
    expect(() => tokenizer.encode('cab')).toThrow('the vocabulary cannot spell "cab"');
  });
});

test('variants that need ftfy are named as unsupported', () => {
  const variants = Object.keys(tokenizers).map((key) => key.split('/').at(-1)!);
  const supported = variants.filter((variant) => unsupportedVariantReason(variant) === undefined);
  expect(new Set(supported)).toEqual(new Set(['hf_noftfy']));
  expect(unsupportedVariantReason('hf_ftfy')).toMatch(/ftfy/);
  expect(unsupportedVariantReason('spm')).toBe('the cleaning variant "spm" is not known');
});
