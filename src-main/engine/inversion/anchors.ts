import type { AnchorChoice } from '../../../src-shared/api.ts';
import type { AnchorShare } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import {
  largestIndices,
  meanRow,
  readVocabularyRows,
  vocabularyCosines,
} from '../diffusion/vocabulary.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import { classWordTokens } from './classWord.ts';
import type { Anchor } from './trainExpression.ts';

/** How many words the mixture is made of, before the user's own (decision 0013). */
const candidateCount = 16;
/** Shares below this are not worth telling. */
const tellingShare = 0.005;

/** What pulls a concept toward the vocabulary, and with what it starts. */
export interface AnchorPlan {
  readonly anchor: Anchor;
  /** Of the anchor 'reference': the token that stands in the placeholders' slots. */
  readonly referenceId?: number;
  /** Of the anchor 'mixture': the shares at the start, one per candidate. */
  readonly initialShares?: Float32Array;
  /** Vocabulary rows of the candidates, where the shares are trained. */
  readonly candidateRows?: Float32Array;
  /** What the candidates are called, in their order; of 'reference' the class word. */
  readonly words: readonly string[];
}

/**
 * The anchors of a concept (decision 0013). 'class-word' is the released form: one anchor, exact. 'auto' and 'words' are a
 * sparse mixture of the class word, its nearest whole words by cosine, and the words given: shares that are never
 * negative and sum to 1 (`anchorMixture.ts`). It starts as the class word alone. A word of several tokens brings each of
 * them; a class word of several starts as their mean.
 *
 * @throws InputError when a word has no tokens, or is no word of the model's own vocabulary
 */
export async function planAnchors(
  model: DiffusionModel,
  classWord: string,
  choice: AnchorChoice,
): Promise<AnchorPlan> {
  if (choice.kind === 'none') return { anchor: { kind: 'none' }, words: [] };
  const { anchorIds } = classWordTokens(model.tokenizer, classWord);
  if (choice.kind === 'class-word') return planClassWord(model.tokenizer, classWord, anchorIds);
  const cosines = await cosinesToMean(model, anchorIds);
  const candidateIds = candidatesOf(model, anchorIds, choice, cosines);
  return {
    ...mixtureOf(model.tokenizer, anchorIds, candidateIds, 'attractor'),
    candidateRows: await readVocabularyRows(model, candidateIds),
  };
}

/**
 * The class word's tokens first, each token once.
 *
 * @param cosines of all words to the mean of those tokens
 */
function candidatesOf(
  model: DiffusionModel,
  anchorIds: readonly number[],
  choice: Exclude<AnchorChoice, { kind: 'none' | 'class-word' }>,
  cosines: Float32Array,
): number[] {
  const own = new Set(anchorIds);
  const added = choice.kind === 'auto' ? [] : choice.words;
  const addedIds = added.flatMap((word) => tokensOf(model, word));
  const neighbours = choice.kind === 'only' ? [] : nearestWholeWords(model, own, cosines);
  return [...new Set([...own, ...neighbours, ...addedIds])];
}

function planClassWord(
  tokenizer: Tokenizer,
  classWord: string,
  anchorIds: readonly number[],
): AnchorPlan {
  if (anchorIds.length > 1) return mixtureOf(tokenizer, anchorIds, anchorIds, 'released');
  const anchor = { kind: 'reference' } as const;
  return { anchor, referenceId: anchorIds[0], words: [classWord] };
}

function mixtureOf(
  tokenizer: Tokenizer,
  anchorIds: readonly number[],
  candidateIds: readonly number[],
  loss: 'released' | 'attractor',
): AnchorPlan {
  const initialShares = Float32Array.from(
    candidateIds,
    (id) => anchorIds.filter((own) => own === id).length / anchorIds.length,
  );
  const words = candidateIds.map((id) => tokenizer.word(id));
  return { anchor: { kind: 'mixture', candidateIds, loss }, initialShares, words };
}

function tokensOf({ tokenizer, configs }: DiffusionModel, word: string): number[] {
  const ids = tokenizer.idsOfWord(word);
  if (ids.length === 0) {
    throw new InputError(`anchor "${word}" has no tokens; expected a word such as "cat"`);
  }
  if (ids.some((id) => id >= configs.textEncoder.vocabSize || tokenizer.addedTokens.has(word))) {
    throw new InputError(
      `anchor "${word}" is no word of the model's own vocabulary; expected a word that it knows, such as "cat"`,
    );
  }
  return ids;
}

/** A word that a concept could be anchored to. */
export interface AnchorCandidate {
  readonly word: string;
  /** To the class word, -1 to 1. */
  readonly cosine: number;
}

/**
 * The words that a concept of this class is anchored to when nothing else is said: see {@link planAnchors}, 'auto'.
 *
 * @throws InputError when the class word has no tokens
 */
export async function anchorCandidates(
  model: DiffusionModel,
  classWord: string,
): Promise<AnchorCandidate[]> {
  const { anchorIds } = classWordTokens(model.tokenizer, classWord);
  const cosines = await cosinesToMean(model, anchorIds);
  const ids = candidatesOf(model, anchorIds, { kind: 'auto' }, cosines);
  return ids.map((id) => ({ word: model.tokenizer.word(id), cosine: cosines[id] }));
}

async function cosinesToMean(model: DiffusionModel, ids: readonly number[]): Promise<Float32Array> {
  const rows = await readVocabularyRows(model, ids);
  return vocabularyCosines(model, meanRow(rows, model.configs.textEncoder.hiddenSize));
}

/** Ids of the whole words with the greatest cosines, best first, which make sixteen candidates with the class word's. */
function nearestWholeWords(
  { tokenizer }: DiffusionModel,
  own: ReadonlySet<number>,
  cosines: Float32Array,
): number[] {
  const candidates = new Set(tokenizer.wholeWords());
  const eligible = cosines.map((cosine, id) =>
    candidates.has(id) && !own.has(id) ? cosine : Number.NEGATIVE_INFINITY,
  );
  const wanted = Math.max(candidateCount - own.size, 0);
  return largestIndices(eligible, wanted).filter((id) => Number.isFinite(eligible[id]));
}

/**
 * The words that the anchor is made of after training, the greatest share first.
 *
 * @param shares of the candidates of a mixture
 */
export function anchorShares(
  { anchor, words }: AnchorPlan,
  shares: Float32Array | undefined,
): AnchorShare[] {
  if (anchor.kind === 'none') return [];
  if (anchor.kind === 'reference') return words.map((word) => ({ word, share: 1 }));
  return words
    .map((word, index) => ({ word, share: shares?.[index] ?? 0 }))
    .filter(({ share }) => share >= tellingShare)
    .sort((a, b) => b.share - a.share);
}
