import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { createTextEncoder } from '../diffusion/networks.ts';
import { addPlaceholderTokens, behindVocabulary } from '../inversion/placeholderTokens.ts';
import { loadModel } from '../loadModel.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import type { CaseReporter } from './caseReporter.ts';
import { exactly } from './caseResult.ts';
import type { GoldenFile } from './goldenFile.ts';
import type { GoldenIndex } from './goldenIndex.ts';

/** What the cases of a group work with. */
export interface VerificationContext {
  readonly checkpoint: Checkpoint;
  readonly model: DiffusionModel;
  readonly goldenFolder: string;
  /** Where the files lie that hold for every model: schedulers, AdamW, tokenizer, pictures. */
  readonly sharedFolder: string;
  /** index.json, train/index.json and sample/index.json. */
  readonly indexes: Readonly<Partial<Record<IndexName, GoldenIndex>>>;
  readonly signal?: AbortSignal;
}

export type IndexName = 'root' | 'train' | 'sample';

const placeholderSchema = z.object({
  token: z.string(),
  initializer: z.string().optional(),
  initializer_id: z.int().nonnegative().optional(),
});

/** The word that the reference's prompts teach. */
export function placeholderOf({ indexes }: VerificationContext) {
  return indexes.root?.section('placeholder', placeholderSchema);
}

/** The row that the placeholder has wherever layouts and attention are looked at. */
export function placeholderRow({ indexes }: VerificationContext): Float32Array | undefined {
  const key = 'placeholder_embedding';
  const files = [
    indexes.root?.file('attn.safetensors'),
    indexes.sample?.file('spatial.safetensors'),
  ];
  return files.find((file) => file?.has(key))?.floats(key);
}

/** The id that the reference's tokenizer gave the first word it was taught: stored ids from here on name rows. */
export function firstPlaceholderId({
  tokenizer,
  configs,
}: Pick<DiffusionModel, 'tokenizer' | 'configs'>): number {
  return Math.min(tokenizer.size, configs.textEncoder.vocabSize);
}

/** A tokenizer of its own, or why the checkpoint has none that gives its ids. */
export function newTokenizer({ checkpoint, model }: VerificationContext): Tokenizer | string {
  const { tokenizer } = loadModel(checkpoint, model.compile);
  const { vocabSize } = model.configs.textEncoder;
  if (checkpoint.tokenizerFolder !== undefined || tokenizer.size === vocabSize) return tokenizer;
  return `the checkpoint brings no tokenizer, and its vocabulary of ${vocabSize} is not CLIP's`;
}

/**
 * Compares the ids that the tokenizer gives for prompts with stored ones. As many vectors of the placeholder are added
 * as the stored ids name.
 *
 * @param prompts one per row of the stored ids, read from the index
 */
export async function comparePromptIds(
  context: VerificationContext,
  cases: CaseReporter,
  file: GoldenFile,
  key: string,
  prompts: () => readonly string[] | undefined,
): Promise<void> {
  if (!file.has(key)) return;
  const name = `${file.label}/${key}`;
  file.settle(key);
  await cases.attempt({ name, file, keys: [key] }, async () =>
    compareIdList(context, cases, name, file.integers(key), prompts()),
  );
}

/** As {@link comparePromptIds}, for ids that stand in the index itself. */
export function compareIdList(
  context: VerificationContext,
  cases: CaseReporter,
  name: string,
  stored: readonly number[],
  prompts: readonly string[] | undefined,
): void {
  const tokenizer = prompts
    ? tokenizerFor(context, stored)
    : 'the index names no prompts for these ids';
  if (typeof tokenizer === 'string' || !prompts) {
    cases.unsupported(name, String(tokenizer));
  } else {
    const ids = prompts.flatMap((prompt) => tokenizer.encodePadded(prompt).ids);
    cases.compareValues(name, ids, stored, exactly);
  }
}

/** A tokenizer that knows as many of the placeholder's vectors as these ids name. */
function tokenizerFor(context: VerificationContext, ids: readonly number[]): Tokenizer | string {
  const tokenizer = newTokenizer(context);
  if (typeof tokenizer === 'string') return tokenizer;
  const vectors = ids.reduce((largest, id) => Math.max(largest, id), 0) - tokenizer.size + 1;
  if (vectors <= 0) return tokenizer;
  const placeholder = placeholderOf(context);
  if (!placeholder) return 'index.json names no placeholder';
  try {
    addPlaceholderTokens(tokenizer, placeholder.token, vectors);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return tokenizer;
}

/** Last hidden states of padded prompts [prompts, tokens, hiddenSize]. */
export async function encodePrompts(
  model: DiffusionModel,
  ids: readonly (readonly number[])[],
  placeholderRows?: Float32Array,
): Promise<Float32Array> {
  const { hiddenSize, vocabSize } = model.configs.textEncoder;
  const placeholders = (placeholderRows?.length ?? 0) / hiddenSize;
  const first = firstPlaceholderId(model);
  if (placeholders === 0 && ids.flat().some((id) => id >= first)) {
    throw new InputError(`the row of the token ${Math.max(...ids.flat())} stands in no file`);
  }
  const encoder = await createTextEncoder(model, { batch: ids.length, placeholders });
  try {
    const shifted = ids.map((prompt) => behindVocabulary(prompt, first, vocabSize));
    return await encoder.encode(shifted, placeholderRows);
  } finally {
    await encoder.release();
  }
}

/** Runs with something that must be given back whatever happens. */
export async function using<T extends { release(): Promise<void> }, R>(
  owned: T,
  use: (owned: T) => Promise<R>,
): Promise<R> {
  try {
    return await use(owned);
  } finally {
    await owned.release();
  }
}

/** Networks by what they were compiled for, each compiled once. */
export class NetworkPool<T extends { release(): Promise<void> }> {
  readonly #networks = new Map<string, T>();

  async get(name: string, create: () => Promise<T>): Promise<T> {
    const network = this.#networks.get(name) ?? (await create());
    this.#networks.set(name, network);
    return network;
  }

  async release(): Promise<void> {
    for (const network of this.#networks.values()) await network.release();
  }
}

/** A number in the words of an index: "t = 500" has the `t` 500. */
export function numberIn(text: string, pattern: RegExp): number | undefined {
  const match = pattern.exec(text);
  return match ? Number(match[1]) : undefined;
}
