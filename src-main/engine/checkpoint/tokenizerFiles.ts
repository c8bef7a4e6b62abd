import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../../src-shared/caught.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { TextEncoderConfig } from '../models/clipConfig.ts';
import { createTokenizer, type Tokenizer } from '../models/tokenizer.ts';

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
const tokenizerConfig = specialTokens.extend({ model_max_length: z.number().min(3).optional() });

/** CLIP uses so many merges of its list; a longer file is the unabridged list. */
const mergeCount = 49152 - 256 - 2;
/** "No limit" is written as a huge number. */
const longestSequence = 1e6;

/** What may lie in a tokenizer's folder. */
export const tokenizerFiles: readonly string[] = [
  ...['vocab.json', 'merges.txt', 'tokenizer_config.json', 'special_tokens_map.json'],
  ...['added_tokens.json', 'words.json'],
];

/**
 * Reads a diffusers `tokenizer` folder: vocab.json, merges.txt and, where they exist, tokenizer_config.json,
 * special_tokens_map.json (which wins, as in transformers), added_tokens.json and words.json, a file of our own: the
 * words that the text encoder has seen.
 * @throws InputError naming the file that is missing or cannot be used.
 */
export function loadTokenizer(folder: string): Tokenizer {
  const config = readOptional(join(folder, 'tokenizer_config.json'), tokenizerConfig);
  const special = readOptional(join(folder, 'special_tokens_map.json'), specialTokens);
  const names = { ...config, ...special };
  const eosToken = names.eos_token ?? '<|endoftext|>';
  return buildTokenizer(folder, {
    vocabulary: readVocabulary(join(folder, 'vocab.json')),
    merges: readMerges(join(folder, 'merges.txt')),
    bosToken: names.bos_token,
    eosToken,
    padToken: names.pad_token ?? eosToken,
    specialTokens: names.unk_token === undefined ? [] : [names.unk_token],
    addedTokens: readOptional(join(folder, 'added_tokens.json'), tokenIds),
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

function readVocabulary(path: string): Record<string, number> {
  const vocabulary = readJson(path, tokenIds);
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
