/** Concepts that other programs trained: what their files are, and how they become concepts of Tessera. */

import { basename } from 'node:path';
import {
  type ConceptDescription,
  type ForeignConcept as Foreign,
  longestWord,
} from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import {
  type Classification,
  type ConceptKind,
  classify,
  describe,
  isConceptKind,
} from '../checkpoint/classify.ts';
import {
  describeEmbedding,
  type Embedding,
  fileWord,
  readEmbeddingRows,
  requireOneWord,
  summarizeEmbedding,
} from '../checkpoint/embedding.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { createDriftMeter } from '../evaluation/drift.ts';
import { openTensorFile } from '../files/openTensorFile.ts';
import type { TensorFile } from '../files/tensorFile.ts';
import { classWordTokens } from '../inversion/classWord.ts';
import { initialRows } from '../inversion/initialRows.ts';
import { requireFreeTokens } from '../inversion/placeholderTokens.ts';
import type { TrainedParts } from '../inversion/trainedParts.ts';
import { isConcept, notAConcept } from './conceptFile.ts';
import { readForeignCustomDiffusion } from './foreignCustomDiffusion.ts';
import { readForeignLora } from './foreignLora.ts';
import { weightsOf } from './modelWeights.ts';

/** How Tessera calls the training that each kind of file is the outcome of. */
const methods: Readonly<Record<ConceptKind, ConceptDescription['method']>> = {
  'concept embedding': 'textual-inversion',
  LoRA: 'lora-dreambooth',
  'Custom Diffusion weights': 'custom-diffusion',
};

interface ForeignFile {
  readonly file: TensorFile;
  readonly kind: ConceptKind;
}

/**
 * What another program's concept is, and the token that it would have; nothing where the file is anything else.
 *
 * @param name what the user calls the file
 * @throws InputError where no model can have it
 */
export function describeForeign(path: string, name: string): Foreign | undefined {
  const file = openTensorFile(path);
  const found = classify(file);
  if (!isConceptKind(found.kind) || isConcept(file)) return undefined;
  requireUsable(file, found);
  if (found.kind !== 'concept embedding') {
    return { token: tokenOf(fileWord(file, name)), hasWord: false, summary: describe(found) };
  }
  const embedding = describeEmbedding(file, name);
  const summary = `a ${summarizeEmbedding(embedding)}`;
  return { token: tokenOf(embedding.word), hasWord: true, summary };
}

export interface ForeignRequest {
  readonly file: string;
  /** The word that its weights were trained with, where another file has it. */
  readonly embedding?: string;
  /** Made of the file's own word where absent. */
  readonly token?: string;
  readonly classWord: string;
}

export interface ForeignConcept {
  readonly description: ConceptDescription;
  readonly parts: TrainedParts;
  /** What the file does not say and was assumed, for the user to see. */
  readonly assumption: string | undefined;
}

/**
 * A concept of another program for a model. Of its training only what the file tells is written down; how far its word
 * lies from the model's words is measured. Weights that come without a word get one that means the class word.
 *
 * @throws InputError where the file holds none, or the model cannot have it
 */
export async function readForeignConcept(
  { checkpoint, model }: { readonly checkpoint: Checkpoint; readonly model: DiffusionModel },
  request: ForeignRequest,
): Promise<ForeignConcept> {
  const { file, kind } = openForeign(request.file);
  const words = wordsFile({ file, kind }, request);
  const embedding = words && describeEmbedding(words);
  if (words && embedding) requirePlace({ checkpoint, model }, words.path, embedding);
  const { classWord, token = tokenOf(embedding?.word ?? fileWord(file)) } = request;
  const vectors = embedding?.vectors ?? 1;
  requireFreeTokens(model.tokenizer, token, vectors);
  const weights = readWeights({ file, kind }, checkpoint);
  const rows = words
    ? readEmbeddingRows(words)
    : await initialRows(model, { kind: 'class-word' }, classWord, vectors);
  const { ids: classIds } = classWordTokens(model.tokenizer, classWord);
  const meter = await createDriftMeter(model, { rows: vectors, classIds });
  const description: ConceptDescription = {
    version: 1,
    ...{ token, classWord, vectors, method: methods[kind], variant: 'foreign' },
    ...{ family: checkpoint.family, width: model.configs.textEncoder.hiddenSize },
    modelName: basename(checkpoint.path, '.safetensors'),
    ...(embedding?.steps !== undefined && { steps: embedding.steps }),
    anchors: [],
    ...(weights.rank !== undefined && { lora: { rank: weights.rank, alpha: weights.rank } }),
    drift: await meter.measure(rows),
  };
  return { description, parts: { ...weights.parts, rows }, assumption: weights.assumption };
}

function openForeign(path: string): ForeignFile {
  const file = openTensorFile(path);
  if (isConcept(file)) {
    throw new InputError(`${path} is a concept of Tessera already: use it as it is`);
  }
  const found = classify(file);
  if (!isConceptKind(found.kind)) throw notAConcept(file);
  requireUsable(file, found);
  return { file, kind: found.kind };
}

function requireUsable(file: TensorFile, found: Classification): void {
  if (found.kind === 'concept embedding') requireOneWord(file);
  else if (!isUsable(found)) {
    throw new InputError(
      `${file.path} is ${describe(found)}, which Tessera cannot use: expected one for Stable Diffusion 1.x or 2.x`,
    );
  }
}

function isUsable({ family }: Classification): boolean {
  return family === undefined || family === 'sd1' || family === 'sd2';
}

/** The file that has the word: an embedding itself, or what was given beside weights. */
function wordsFile(
  { file, kind }: ForeignFile,
  { embedding }: ForeignRequest,
): TensorFile | undefined {
  if (embedding === undefined) return kind === 'concept embedding' ? file : undefined;
  if (kind === 'concept embedding') {
    throw new InputError(`${file.path} is an embedding itself: give one of the two files`);
  }
  const words = openForeign(embedding);
  if (words.kind === 'concept embedding') return words.file;
  throw new InputError(`${embedding} is no embedding: expected the file of the word alone`);
}

/** Before the vectors are read: a file may have any size. */
function requirePlace(
  { checkpoint, model }: { readonly checkpoint: Checkpoint; readonly model: DiffusionModel },
  path: string,
  { widths, vectors }: Embedding,
): void {
  const { hiddenSize } = model.configs.textEncoder;
  if (widths.some((width) => width !== hiddenSize)) {
    throw new InputError(
      `${path} has vectors of width ${widths.join(' and ')}, the words of ${checkpoint.path} have width ${hiddenSize}: choose the model that it was made for`,
    );
  }
  const most = model.tokenizer.maxLength - 2;
  if (vectors <= most) return;
  throw new InputError(
    `${path} has ${vectors} vectors, but a prompt holds ${most}: expected a word of fewer`,
  );
}

/** All but the rows. */
function readWeights(
  { file, kind }: ForeignFile,
  checkpoint: Checkpoint,
): {
  readonly parts: Omit<TrainedParts, 'rows'>;
  readonly rank?: number;
  readonly assumption?: string;
} {
  const none = { replaced: new Map(), lora: new Map() };
  switch (kind) {
    case 'concept embedding':
      return { parts: none };
    case 'Custom Diffusion weights': {
      const replaced = readForeignCustomDiffusion(file, weightsOf(checkpoint));
      return { parts: { ...none, replaced } };
    }
    case 'LoRA': {
      const { unet, textEncoder, ...rest } = readForeignLora(file, weightsOf(checkpoint));
      return { parts: { ...none, lora: unet, textLora: textEncoder }, ...rest };
    }
  }
}

/** "my cat" -> "<my-cat>"; what has marks already is left as it is. Cut to the length that a token may have. */
function tokenOf(word: string): string {
  const name = word.trim().replaceAll(/\s+/gu, '-');
  const isBare = /^[\p{L}\p{N}]/u.test(name);
  const cut = name.slice(0, isBare ? longestWord - 2 : longestWord).toWellFormed();
  return isBare ? `<${cut}>` : cut;
}
