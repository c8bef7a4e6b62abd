import { readFileSync } from 'node:fs';
import { loadTokenizer } from '../../src-main/engine/checkpoint/tokenizerFiles.ts';
import { clipTokenizer } from '../../src-main/engine/models/clipVocabulary.ts';
import type { Tokenizer } from '../../src-main/engine/models/tokenizer.ts';
import { requireGoldenPath } from './golden.ts';

interface ReferenceVariant {
  added_ids: number[];
  bos: number;
  eos: number;
  pad: number;
  ids: number[][];
  padded: number[][];
}

interface TokenizerReference {
  prompts: string[];
  expanded: string[];
  added_tokens: string[];
  tokenizers: Record<string, ReferenceVariant>;
}

export const tokenizerReference: TokenizerReference = JSON.parse(
  readFileSync(requireGoldenPath('tokenizer.json'), 'utf8'),
);

/** The vocabularies of the reference. */
export const tokenizerNames = ['tiny-sd1', 'tiny-sd2', 'clip-vit-l-14'];

/** A fresh tokenizer, without added tokens. */
export function plainTokenizer(name: string): Tokenizer {
  return name === 'clip-vit-l-14'
    ? clipTokenizer('<|endoftext|>')
    : loadTokenizer(requireGoldenPath(`${name}/tokenizer`));
}

/** A fresh tokenizer with the reference's placeholder tokens. */
export function referenceTokenizer(name: string): Tokenizer {
  const tokenizer = plainTokenizer(name);
  for (const token of tokenizerReference.added_tokens) tokenizer.addToken(token);
  return tokenizer;
}
