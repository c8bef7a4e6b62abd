import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../../src-shared/caught.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { TextEncoderConfig } from '../models/clipConfig.ts';
import { createTokenizer, type Tokenizer, type TokenizerOptions } from '../models/tokenizer.ts';

const tokenIds = z.record(z.string(), z.int().nonnegative());
const token = z
  .union([z.string(), z.object({ content: z.string() })])
  .transform((value) => (typeof value === 'string' ? value : value.content));
const specialTokens = z.object({
  bos_token: token.optional(),
  eos_token: token.optional(),
  unk_token: token.optional(),
  pad_token: token.optional(),
});
const clipOnly = "expected CLIP's tokenizer, byte pairs whose words end in </w>";
const pair = z.union([
  z.string(),
  z.tuple([z.string(), z.string()]).transform((two) => two.join(' ')),
]);
/** tokenizer.json of tokenizers 0.13 to 0.22, as far as it is read. */
const wholeTokenizer = z.object({
  model: z.object({
    type: z.literal('BPE', clipOnly),
    end_of_word_suffix: z.literal('</w>', clipOnly),
    vocab: tokenIds,
    merges: z.array(pair),
  }),
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string() })).default([]),
});
const tokenizerConfig = specialTokens.extend({ model_max_length: z.number().min(3).optional() });

/** CLIP uses so many merges of its list; a longer file is the unabridged list. */
const mergeCount = 49152 - 256 - 2;
/** "No limit" is written as a huge number. */
const longestSequence = 1e6;

/** What may lie in a tokenizer's folder. */
export const tokenizerFiles: readonly string[] = [
  ...['vocab.json', 'merges.txt', 'tokenizer_config.json', 'special_tokens_map.json'],
  ...['added_tokens.json', 'words.json', 'tokenizer.json'],
];

/**
 * Reads a diffusers `tokenizer` folder: vocab.json, merges.txt and, where they exist, tokenizer_config.json,
 * special_tokens_map.json (which wins, as in transformers), added_tokens.json and words.json, a file of our own: the
 * words that the text encoder has seen. transformers 5 writes tokenizer.json in place of the first two and the tokens.
 * @throws InputError naming the file that is missing or cannot be used.
 */
export function loadTokenizer(folder: string): Tokenizer {
  const config = readOptional(join(folder, 'tokenizer_config.json'), tokenizerConfig);
  const special = readOptional(join(folder, 'special_tokens_map.json'), specialTokens);
  const names = { ...config, ...special };
  const eosToken = names.eos_token ?? '<|endoftext|>';
  return buildTokenizer(folder, {
    ...readTables(folder),
    bosToken: names.bos_token,
    eosToken,
    padToken: names.pad_token ?? eosToken,
    specialTokens: names.unk_token === undefined ? [] : [names.unk_token],
    words: readOptional(join(folder, 'words.json'), z.array(z.string())),
    maxLength: sequenceLength(config?.model_max_length),
  });
}

/**
 * A text encoder must have a row for every word, and a place for every token of a prompt.
 *
 * @param path   what both belong to
 * @param advice what the user can do
 * @throws InputError where it has not
 */
export function requireFittingTokenizer(
  path: string,
  tokenizer: Tokenizer,
  {
    vocabSize,
    maxPositionEmbeddings,
  }: Pick<TextEncoderConfig, 'vocabSize' | 'maxPositionEmbeddings'>,
  advice: string,
): void {
  const limits = [
    ['words', tokenizer.size, vocabSize],
    ['tokens in a prompt', tokenizer.maxLength, maxPositionEmbeddings],
  ] as const;
  for (const [what, given, most] of limits) {
    if (given <= most) continue;
    throw new InputError(
      `${path}: the tokenizer has ${given} ${what}, the text encoder takes ${most}: ${advice}`,
    );
  }
}

function buildTokenizer(folder: string, options: Parameters<typeof createTokenizer>[0]): Tokenizer {
  try {
    return createTokenizer(options);
  } catch (error) {
    throw new InputError(`${folder}: ${messageOf(error)}; use the files of one and the same model`);
  }
}

function sequenceLength(configured: number | undefined): number | undefined {
  return configured !== undefined && configured < longestSequence ? configured : undefined;
}

type Tables = Pick<TokenizerOptions, 'vocabulary' | 'merges' | 'addedTokens'>;

function readTables(folder: string): Tables {
  const [vocabulary, whole] = ['vocab.json', 'tokenizer.json'].map((name) => join(folder, name));
  if (!existsSync(vocabulary) && existsSync(whole)) return readWhole(whole);
  return {
    vocabulary: checked(vocabulary, readJson(vocabulary, tokenIds)),
    merges: readMerges(join(folder, 'merges.txt')),
    addedTokens: readOptional(join(folder, 'added_tokens.json'), tokenIds),
  };
}

/** Of tokenizers' own file the tables alone: how text is cleaned and split is CLIP's. */
function readWhole(path: string): Tables {
  const { model, added_tokens } = readJson(path, wholeTokenizer);
  const vocabulary = checked(path, model.vocab);
  const added = added_tokens.filter(({ content, id }) => vocabulary[content] !== id);
  return {
    vocabulary,
    merges: model.merges,
    addedTokens: Object.fromEntries(added.map(({ content, id }) => [content, id])),
  };
}

function checked(path: string, vocabulary: Record<string, number>): Record<string, number> {
  const ids = Object.values(vocabulary);
  if (ids.length === 0)
    throw new InputError(`${path}: no tokens; expected CLIP's token to id table`);
  if (new Set(ids).size !== ids.length) {
    throw new InputError(
      `${path}: two tokens share an id; get the file anew from the model's page`,
    );
  }
  return vocabulary;
}

function readMerges(path: string): string[] {
  const lines = readText(path).split(/\r?\n/);
  if (lines[0]?.startsWith('#version')) lines.shift();
  return lines.filter((line) => line !== '').slice(0, mergeCount);
}

function readOptional<T>(path: string, schema: z.ZodType<T>): T | undefined {
  return existsSync(path) ? readJson(path, schema) : undefined;
}

function readJson<T>(path: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InputError(`${path}: key "${issue?.path.join('.')}": ${issue?.message}`);
}

function parseJson(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: expected JSON, ${messageOf(error)}; the file may be truncated`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(
      `${path}: cannot be read (${messageOf(error)}); a tokenizer folder needs it`,
    );
  }
}
