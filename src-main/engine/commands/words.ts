import { InputError } from '../../../src-shared/inputError.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { anchorCandidates } from '../inversion/anchors.ts';
import {
  addPlaceholderTokens,
  expandPlaceholders,
  type Placeholder,
  requireFreeTokens,
} from '../inversion/placeholderTokens.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import type { CommandContext } from './context.ts';
import { cachedCheckpoint, cachedTokenizer, withModel } from './openModel.ts';

/** What is read of a vocabulary once: windows ask at every key, and a tokenizer takes a second to make. */
interface Words {
  readonly tokenizer: Tokenizer;
  /** Its whole words, the shortest first, then by the alphabet. */
  readonly sorted: readonly string[];
  /** Tokenizers that know concepts too, by these; the one asked for last comes last. */
  readonly taught: Map<string, Tokenizer>;
}

/** Tokenizers of a model that are kept: one per prompt that is being written. */
const mostTaught = 4;

const knownWords = new WeakMap<Checkpoint, Words>();

function wordsOf(checkpoint: Checkpoint): Words {
  const known = knownWords.get(checkpoint) ?? readWords(cachedTokenizer(checkpoint));
  knownWords.set(checkpoint, known);
  return known;
}

function readWords(tokenizer: Tokenizer): Words {
  const words = new Set(tokenizer.wholeWords().map((id) => tokenizer.word(id)));
  const sorted = [...words].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return { tokenizer, sorted, taught: new Map() };
}

export async function suggestWords(
  params: EngineParams<'suggestWords'>,
): Promise<EngineAnswer<'suggestWords'>> {
  const prefix = params.prefix.trim().toLowerCase();
  const { sorted } = wordsOf(cachedCheckpoint(params));
  const fitting = sorted.values().filter((word) => word.startsWith(prefix));
  return { words: fitting.take(params.limit).toArray() };
}

export async function proposeAnchors(
  params: EngineParams<'proposeAnchors'>,
  context: CommandContext,
): Promise<EngineAnswer<'proposeAnchors'>> {
  return withModel(params, context, async ({ model }) => ({
    anchors: await anchorCandidates(model, params.classWord),
  }));
}

/** A prompt of concepts is read with all of their vectors. */
export async function readPrompt(
  params: EngineParams<'readPrompt'>,
): Promise<EngineAnswer<'readPrompt'>> {
  const { prompt, placeholders } = params;
  const tokenizer = teach(cachedCheckpoint(params), placeholders);
  const { ids, overflow } = tokenizer.encode(expandPlaceholders(prompt, placeholders));
  return { tokens: ids.length, limit: tokenizer.maxLength - 2, overflow };
}

/** A tokenizer that knows these concepts. */
function teach(checkpoint: Checkpoint, placeholders: readonly Placeholder[]): Tokenizer {
  const { tokenizer, taught } = wordsOf(checkpoint);
  if (placeholders.length === 0) return tokenizer;
  const name = JSON.stringify(placeholders);
  const known = taught.get(name) ?? newlyTaught(checkpoint, placeholders);
  taught.delete(name);
  taught.set(name, known);
  for (const oldest of [...taught.keys()].slice(0, -mostTaught)) taught.delete(oldest);
  return known;
}

function newlyTaught(checkpoint: Checkpoint, placeholders: readonly Placeholder[]): Tokenizer {
  const tokenizer = cachedTokenizer(checkpoint).copy();
  for (const { token, vectors } of placeholders) addPlaceholderTokens(tokenizer, token, vectors);
  return tokenizer;
}

export async function checkToken(
  params: EngineParams<'checkToken'>,
): Promise<EngineAnswer<'checkToken'>> {
  const { tokenizer } = wordsOf(cachedCheckpoint(params));
  try {
    requireFreeTokens(tokenizer, params.token, params.vectors);
    return {};
  } catch (error) {
    if (error instanceof InputError) return { reason: error.message };
    throw error;
  }
}
