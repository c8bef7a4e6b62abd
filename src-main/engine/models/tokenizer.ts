/**
 * CLIP's tokenizer: byte-pair encoding with an end-of-word mark over cleaned, lower-case text.
 * Source: Radford et al. 2021 (CLIP), section 2.4; ids as CLIPTokenizer of transformers 4.32 gives them without ftfy.
 * The encoding itself is done by @huggingface/tokenizers; cleaning, word splitting and added tokens are done here,
 * because only so every token keeps its place in the prompt (decision 0002).
 */
import { Tokenizer as PublishedTokenizer } from '@huggingface/tokenizers';
import { type CleanedText, cleanText, type Span } from './promptCleaning.ts';

export interface TokenizerOptions {
  /** Token to id, as in vocab.json. */
  vocabulary: Readonly<Record<string, number>>;
  /** Pairs joined by a blank, best first, as in merges.txt without its version line. */
  merges: readonly string[];
  /** Fills the sequence behind the end token: `<|endoftext|>` in SD 1, `!` in SD 2. */
  padToken: string;
  bosToken?: string;
  eosToken?: string;
  /** Further special tokens, matched on the raw text like the three above. */
  specialTokens?: readonly string[];
  /** Tokens behind the vocabulary with their ids, as in added_tokens.json. */
  addedTokens?: Readonly<Record<string, number>>;
  /** The words that the text encoder has seen, where that is known: other tokens that end a word are pieces of words. */
  words?: readonly string[];
  /** Sequence length of the text encoder, begin and end token included. */
  maxLength?: number;
}

/** The tokens of a whole prompt, without begin and end token, not truncated. */
export interface PromptEncoding {
  ids: number[];
  /** Where token i stands in the prompt; tokens that share a character overlap. Starts and ends never decrease. */
  offsets: Span[];
  /** The text from the first token that the text encoder does not see; empty when it sees all. */
  overflow: string;
}

/** A prompt as the text encoder takes it. */
export interface PaddedPrompt {
  /** [maxLength]: begin token, at most maxLength - 2 tokens, end token, padding. */
  ids: number[];
  /** Index of the end token. */
  endPosition: number;
  /** As of a {@link PromptEncoding}. */
  overflow: string;
}

interface PlacedToken {
  id: number;
  span: Span;
}

/** What is used of the library, whose own declarations do not resolve in ES modules. */
interface BytePairEncoder {
  encode(word: string): { ids: number[]; tokens: string[] };
  decode(ids: number[]): string;
}

const wordEnd = '</w>';
/** CLIP's word pattern. A long s folds to s, as it does for the case-insensitive original. */
const wordPattern =
  /<\|startoftext\|>|<\|endoftext\|>|'[sſ]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;
const unsplitWords = new Set(['<|startoftext|>', '<|endoftext|>']);
const variantReasons: Readonly<Record<string, string>> = {
  hf_ftfy: 'ftfy, which repairs wrongly decoded text, exists for Python only',
  openai: 'needs ftfy, and knows no added tokens',
};
const defaultEosToken = '<|endoftext|>';
/** Length of CLIP's sequence. */
const defaultMaxLength = 77;

/** Why ids under a published cleaning variant cannot be given; undefined when they can. */
export function unsupportedVariantReason(variant: string): string | undefined {
  if (variant === 'hf_noftfy') return undefined;
  return variantReasons[variant] ?? `the cleaning variant "${variant}" is not known`;
}

/** @throws Error when merges and vocabulary contradict each other or a special token is missing. */
export function createTokenizer(options: TokenizerOptions): Tokenizer {
  requireMerges(options);
  return new Tokenizer(options, createBytePairEncoder(options));
}

export class Tokenizer {
  readonly maxLength: number;
  readonly bosId: number;
  readonly eosId: number;
  readonly padId: number;
  readonly #options: TokenizerOptions;
  readonly #bpe: BytePairEncoder;
  readonly #idOf: Map<string, number>;
  readonly #tokenOf: Map<number, string>;
  readonly #specialTokens: Set<string>;
  readonly #addedTokens = new Map<string, number>();
  #rawTokenPattern: RegExp;

  constructor(options: TokenizerOptions, bpe: BytePairEncoder) {
    const { bosToken = '<|startoftext|>', eosToken = defaultEosToken, padToken } = options;
    this.maxLength = options.maxLength ?? defaultMaxLength;
    this.#options = options;
    this.#bpe = bpe;
    this.#idOf = new Map(Object.entries(options.vocabulary));
    this.#tokenOf = new Map(Array.from(this.#idOf, ([token, id]) => [id, token]));
    this.#specialTokens = new Set([bosToken, eosToken, padToken, ...(options.specialTokens ?? [])]);
    for (const [token, id] of Object.entries(options.addedTokens ?? {})) this.#register(token, id);
    this.bosId = this.#requireId(bosToken);
    this.eosId = this.#requireId(eosToken);
    this.padId = this.#requireId(padToken);
    for (const token of this.#specialTokens) this.#requireId(token);
    this.#rawTokenPattern = this.#compileRawTokens();
  }

  /** One that knows the same, at once; what is added to either is not added to the other. */
  copy(): Tokenizer {
    const copy = new Tokenizer(this.#options, this.#bpe);
    for (const [token, id] of this.#addedTokens) copy.#register(token, id);
    copy.#rawTokenPattern = copy.#compileRawTokens();
    return copy;
  }

  /** Number of embedding rows that the ids reach: vocabulary and added tokens. */
  get size(): number {
    let largest = -1;
    for (const id of this.#tokenOf.keys()) largest = Math.max(largest, id);
    return largest + 1;
  }

  /** Added tokens and their ids, in the order in which they were added. */
  get addedTokens(): ReadonlyMap<string, number> {
    return this.#addedTokens;
  }

  /** Whether `text` already stands for one token: of the vocabulary, as a whole word of it, or added. */
  hasToken(text: string): boolean {
    return this.#idOf.has(text) || this.#idOf.has(text + wordEnd);
  }

  /**
   * Adds a token that is matched on the raw text, case-sensitively, before any cleaning. Ids continue after the
   * vocabulary.
   * @throws Error when the text is empty or already a token; `hasToken` tells beforehand.
   */
  addToken(text: string): number {
    if (text === '') throw new Error('tokenizer: an added token needs at least one character');
    if (this.hasToken(text)) throw new Error(`tokenizer: "${text}" is already a token`);
    const id = this.size;
    this.#register(text, id);
    this.#rawTokenPattern = this.#compileRawTokens();
    return id;
  }

  /** Encodes a prompt of any length, without begin and end token. */
  encode(prompt: string): PromptEncoding {
    const tokens = this.#placeTokens(prompt);
    const hidden = tokens[this.maxLength - 2];
    return {
      ids: tokens.map(({ id }) => id),
      offsets: tokens.map(({ span }) => span),
      overflow: hidden === undefined ? '' : prompt.slice(hidden.span[0]),
    };
  }

  /** Encodes a prompt for the text encoder, cut to `maxLength` as CLIP does. */
  encodePadded(prompt: string): PaddedPrompt {
    const { ids, overflow } = this.encode(prompt);
    const seen = [this.bosId, ...ids.slice(0, this.maxLength - 2), this.eosId];
    const padding = new Array<number>(this.maxLength - seen.length).fill(this.padId);
    return { ids: [...seen, ...padding], endPosition: seen.length - 1, overflow };
  }

  /** Readable text of the ids, words separated by blanks. Bytes that are no complete character become U+FFFD. */
  decode(ids: readonly number[]): string {
    let text = '';
    let run: number[] = [];
    for (const id of ids) {
      const raw = this.#rawTokenOf(id);
      if (raw === undefined) run.push(id);
      else {
        text += `${this.#decodeRun(run)}${raw} `;
        run = [];
      }
    }
    return (text + this.#decodeRun(run)).trim();
  }

  /** Readable text of one token, its end-of-word mark left out. */
  word(id: number): string {
    return this.decode([id]);
  }

  /** Ids of the tokens that are whole words of letters: they end a word and, as far as that is known, were seen as one. */
  wholeWords(): number[] {
    const seen = this.#options.words && new Set(this.#options.words);
    const words: number[] = [];
    for (const [token, id] of this.#idOf) {
      if (!token.endsWith(wordEnd)) continue;
      const word = this.word(id);
      if (/^\p{L}+$/u.test(word) && (seen?.has(word) ?? true)) words.push(id);
    }
    return words;
  }

  /** Ids of a word or phrase, as they stand inside a prompt. */
  idsOfWord(word: string): number[] {
    return this.encode(word).ids;
  }

  #register(token: string, id: number): void {
    const holder = this.#tokenOf.get(id);
    if (holder !== undefined && holder !== token) {
      throw new Error(`tokenizer: "${token}" and "${holder}" have the same id ${id}`);
    }
    this.#addedTokens.set(token, id);
    this.#idOf.set(token, id);
    this.#tokenOf.set(id, token);
  }

  #requireId(token: string): number {
    const id = this.#idOf.get(token);
    if (id === undefined) throw new Error(`tokenizer: "${token}" is not in the vocabulary`);
    return id;
  }

  /** Special and added tokens, longest first, so that `<cat>_1` wins over `<cat>`. */
  #compileRawTokens(): RegExp {
    const tokens = [...this.#specialTokens, ...this.#addedTokens.keys()];
    tokens.sort((first, second) => second.length - first.length);
    return new RegExp(tokens.map((token) => RegExp.escape(token)).join('|'), 'gu');
  }

  #placeTokens(prompt: string): PlacedToken[] {
    const tokens: PlacedToken[] = [];
    let end = 0;
    for (const match of prompt.matchAll(this.#rawTokenPattern)) {
      tokens.push(...this.#placePiece(prompt.slice(end, match.index), end));
      end = match.index + match[0].length;
      tokens.push({ id: this.#requireId(match[0]), span: [match.index, end] });
    }
    tokens.push(...this.#placePiece(prompt.slice(end), end));
    return tokens;
  }

  #placePiece(piece: string, start: number): PlacedToken[] {
    const cleaned = cleanText(piece, start);
    return Array.from(cleaned.text.matchAll(wordPattern)).flatMap((match) =>
      this.#placeWord(match[0], byteSpans(match[0], cleaned, match.index)),
    );
  }

  #placeWord(word: string, spans: Span[]): PlacedToken[] {
    const whole = unsplitWords.has(word) ? this.#idOf.get(word) : undefined;
    if (whole !== undefined) return [{ id: whole, span: joinSpans(spans) }];
    const { ids, tokens } = this.#bpe.encode(word);
    const lengths = tokens.map(byteLength);
    if (lengths.reduce((sum, length) => sum + length, 0) !== spans.length) {
      throw new Error(`tokenizer: the vocabulary cannot spell "${word}"`);
    }
    let byte = 0;
    return ids.map((id, index) => {
      const covered = spans.slice(byte, byte + lengths[index]!);
      byte += covered.length;
      return { id, span: joinSpans(covered) };
    });
  }

  /** Special and added tokens are spelled in plain text, not in byte symbols. */
  #rawTokenOf(id: number): string | undefined {
    const token = this.#tokenOf.get(id);
    if (token === undefined) throw new Error(`tokenizer: no token has the id ${id}`);
    const plain = this.#addedTokens.has(token) || this.#specialTokens.has(token);
    return plain ? token : undefined;
  }

  #decodeRun(ids: number[]): string {
    return ids.length === 0 ? '' : this.#bpe.decode(ids);
  }
}

function createBytePairEncoder(options: TokenizerOptions): BytePairEncoder {
  const model = {
    type: 'BPE',
    vocab: options.vocabulary,
    merges: options.merges,
    end_of_word_suffix: wordEnd,
    unk_token: options.eosToken ?? defaultEosToken,
  };
  const definition = {
    model,
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    added_tokens: [],
  };
  return new PublishedTokenizer(definition, { clean_up_tokenization_spaces: false });
}

function requireMerges({ merges, vocabulary }: TokenizerOptions): void {
  for (const merge of merges) {
    const [first, second, ...rest] = merge.split(' ');
    if (!first || !second || rest.length > 0) {
      throw new Error(`tokenizer: "${merge}" is not a pair of tokens`);
    }
    if (!Object.hasOwn(vocabulary, first + second)) {
      throw new Error(`tokenizer: the merge "${merge}" gives a token that the vocabulary lacks`);
    }
  }
}

/** Origin of every UTF-8 byte of a word that begins at unit `start` of the cleaned text. */
function byteSpans(word: string, cleaned: CleanedText, start: number): Span[] {
  const spans: Span[] = [];
  let unit = start;
  for (const character of word) {
    const origin = cleaned.spans[unit]!;
    spans.push(...new Array<Span>(Buffer.byteLength(character)).fill(origin));
    unit += character.length;
  }
  return spans;
}

/** A token holds one symbol per byte, and perhaps the end-of-word mark. */
function byteLength(token: string): number {
  return token.endsWith(wordEnd) ? token.length - wordEnd.length : token.length;
}

function joinSpans(spans: Span[]): Span {
  return [spans[0]![0], spans.at(-1)![1]];
}
