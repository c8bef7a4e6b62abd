import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../../src-main/engine/checkpoint/tokenizerFiles.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { requireGoldenPath } from '../../support/golden.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
  cpSync(requireGoldenPath('tiny-sd2/tokenizer'), folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: unknown) =>
  writeFileSync(
    join(folder, name),
    typeof content === 'string' ? content : JSON.stringify(content),
  );
const remove = (name: string) => rmSync(join(folder, name));
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('settings', () => {
  test('the map of special tokens wins over the configuration', () => {
    write('tokenizer_config.json', { pad_token: '<|endoftext|>', model_max_length: 77 });
    expect(loadTokenizer(folder).padId).toBe(0);
    remove('special_tokens_map.json');
    expect(loadTokenizer(folder).padId).toBe(843);
  });

  test("the length is the configured one, and CLIP's where none or no limit is given", () => {
    write('tokenizer_config.json', { model_max_length: 20 });
    expect(loadTokenizer(folder).encodePadded('a cat').ids.length).toBe(20);
    write('tokenizer_config.json', { model_max_length: 1e30 });
    expect(loadTokenizer(folder).maxLength).toBe(77);
    remove('tokenizer_config.json');
    expect(loadTokenizer(folder).maxLength).toBe(77);
  });

  test('added tokens of the folder keep their ids and further ones follow', () => {
    write('added_tokens.json', { '<a>': 844, '<b>': 845 });
    const tokenizer = loadTokenizer(folder);
    expect(tokenizer.encode('<b>').ids).toEqual([845]);
    expect(tokenizer.addToken('<c>')).toBe(846);
  });

  test('lines may end as Windows writes them', () => {
    const ids = loadTokenizer(folder).encode('a red table').ids;
    write('merges.txt', read('merges.txt').replaceAll('\n', '\r\n'));
    expect(loadTokenizer(folder).encode('a red table').ids).toEqual(ids);
  });
});

describe('tokenizer.json alone, as transformers 5 writes it', () => {
  const merges = () => read('merges.txt').trim().split('\n').slice(1);
  const model = () => ({
    type: 'BPE',
    end_of_word_suffix: '</w>',
    vocab: JSON.parse(read('vocab.json')),
    merges: merges().map((merge) => merge.split(' ')),
  });
  const added_tokens = [
    { id: 842, content: '<|startoftext|>' },
    { id: 844, content: '<a>' },
  ];
  const replaceTables = (whole: object) => {
    write('tokenizer.json', whole);
    for (const name of ['vocab.json', 'merges.txt']) remove(name);
  };
  const prompt = 'a photo of a red table, two CATS!';

  test.each<[string, () => unknown[]]>([
    ['lists of two', () => model().merges],
    ['texts', merges],
  ])('gives the same ids, its merges being %s', (_, merges) => {
    const before = loadTokenizer(folder);
    replaceTables({ model: { ...model(), merges: merges() }, added_tokens });
    const tokenizer = loadTokenizer(folder);
    expect(tokenizer.encodePadded(prompt)).toEqual(before.encodePadded(prompt));
    expect([tokenizer.size, before.size]).toEqual([845, 844]);
    expect(tokenizer.encode('<a>').ids).toEqual([844]);
    expect([...tokenizer.addedTokens.keys()]).toEqual(['<a>']);
  });

  test('gives way to the tables where both are there', () => {
    write('tokenizer.json', '{');
    expect(loadTokenizer(folder).size).toBe(844);
  });

  test.each<[string, object]>([
    ['type', { type: 'Unigram' }],
    ['end_of_word_suffix', { end_of_word_suffix: null }],
  ])('of another kind of model is refused by its %s', (key, changes) => {
    replaceTables({ model: { ...model(), ...changes } });
    expect(() => loadTokenizer(folder)).toThrow(
      `tokenizer.json: key "model.${key}": expected CLIP's tokenizer`,
    );
  });
});

describe('files that cannot be used', () => {
  const fault = () => {
    try {
      loadTokenizer(folder);
    } catch (error) {
      if (error instanceof InputError) return error.message.replace(folder, '');
      throw error;
    }
    return 'no error';
  };

  test.each(['vocab.json', 'merges.txt'])('a missing %s is named', (name) => {
    remove(name);
    expect(fault()).toMatch(new RegExp(`^/${name}: cannot be read .*ENOENT`));
  });

  test('a truncated vocabulary is named', () => {
    write('vocab.json', read('vocab.json').slice(0, 300));
    expect(fault()).toMatch(/^\/vocab.json: expected JSON, .*truncated/);
  });

  test('a wrong id names its token', () => {
    write('vocab.json', { a: 0, b: 'one' });
    expect(fault()).toMatch(/^\/vocab.json: key "b": .*expected number/);
  });

  test('an id given twice is refused', () => {
    write('vocab.json', { a: 0, b: 0 });
    expect(fault()).toBe(
      "/vocab.json: two tokens share an id; get the file anew from the model's page",
    );
  });

  test('an empty vocabulary is refused', () => {
    write('vocab.json', {});
    expect(fault()).toBe("/vocab.json: no tokens; expected CLIP's token to id table");
  });

  test('merges of another model are refused', () => {
    write('merges.txt', '#version: 0.2\nqqq zzz\n');
    expect(fault()).toBe(
      ': tokenizer: the merge "qqq zzz" gives a token that the vocabulary lacks; use the files of one and the same model',
    );
  });

  test('an added token on the id of another is refused', () => {
    write('added_tokens.json', { '<a>': 843 });
    expect(fault()).toMatch('"<a>" and "<|endoftext|>" have the same id 843');
  });

  test('a pad token outside the vocabulary is refused', () => {
    write('special_tokens_map.json', { pad_token: { content: '[PAD]' } });
    expect(fault()).toMatch(/^: tokenizer: "\[PAD\]" is not in the vocabulary/);
  });
});
