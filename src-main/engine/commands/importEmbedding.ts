import { basename } from 'node:path';
import { type ConceptDescription, longestWord } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { classify } from '../checkpoint/classify.ts';
import {
  describeEmbedding,
  type Embedding,
  readEmbeddingRows,
  requireOneWord,
} from '../checkpoint/embedding.ts';
import { openTensorFile } from '../checkpoint/openTensorFile.ts';
import type { TensorList } from '../checkpoint/tensorFile.ts';
import { isConcept, notAConcept, writeConcept } from '../concepts/conceptFile.ts';
import { createDriftMeter } from '../evaluation/drift.ts';
import { requireFreeTokens } from '../inversion/placeholderTokens.ts';
import { classWordTokens } from '../inversion/promptTemplates.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { type CommandContext, note } from './context.ts';
import { type OpenModel, withModel } from './openModel.ts';

/**
 * What another program's embedding is; nothing where the file is anything else.
 *
 * @throws InputError where no model can have it
 */
export async function describeForeignEmbedding({
  path,
  name,
}: EngineParams<'describeEmbedding'>): Promise<EngineAnswer<'describeEmbedding'>> {
  const file = openTensorFile(path);
  if (!isForeignEmbedding(file)) return {};
  requireOneWord(file);
  const { word, vectors, widths } = describeEmbedding(file, name);
  return { embedding: { token: tokenOf(word), vectors, widths: [...widths] } };
}

/**
 * Makes a concept file of a word that another program learned by textual inversion. Of its training only what the file
 * tells is written down; how far it lies from the model's words is measured.
 *
 * @throws InputError where the file holds no such word, or the model cannot have it
 */
export async function importEmbedding(
  params: EngineParams<'importEmbedding'>,
  context: CommandContext,
): Promise<EngineAnswer<'importEmbedding'>> {
  const { embedding: path, out } = params;
  const file = openTensorFile(path);
  if (!isForeignEmbedding(file)) throw notAnEmbedding(file);
  requireOneWord(file);
  const found = describeEmbedding(file);
  return withModel(params, context, async (open) => {
    requirePlace(open, path, found);
    const rows = readEmbeddingRows(file);
    const description = await describe(open, found, rows, params, context);
    writeConcept(out, description, { rows, replaced: new Map(), lora: new Map() });
    return description;
  });
}

/** Concepts of Tessera look the same to other programs. */
function isForeignEmbedding(file: TensorList): boolean {
  return classify(file).kind === 'concept embedding' && !isConcept(file);
}

function notAnEmbedding(file: TensorList): InputError {
  if (!isConcept(file)) return notAConcept(file);
  return new InputError(`${file.path} is a concept of Tessera already: use it as it is`);
}

/** Before the vectors are read: a file may have any size. */
function requirePlace(
  { checkpoint, model }: OpenModel,
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

async function describe(
  { checkpoint, model }: OpenModel,
  { word, vectors, steps }: Embedding,
  rows: Float32Array,
  { token = tokenOf(word), classWord }: EngineParams<'importEmbedding'>,
  context: CommandContext,
): Promise<ConceptDescription> {
  requireFreeTokens(model.tokenizer, token, vectors);
  const { ids: classIds, note: explanation } = classWordTokens(model.tokenizer, classWord);
  if (explanation) note(context, explanation);
  const meter = await createDriftMeter(model, { rows: vectors, classIds });
  return {
    version: 1,
    ...{ token, classWord, vectors, method: 'textual-inversion', variant: 'foreign' },
    ...{ family: checkpoint.family, width: model.configs.textEncoder.hiddenSize },
    modelName: basename(checkpoint.path, '.safetensors'),
    ...(steps !== undefined && { steps }),
    anchors: [],
    drift: await meter.measure(rows),
  };
}

/** "my cat" -> "<my-cat>"; what has marks already is left as it is. Cut to the length that a token may have. */
function tokenOf(word: string): string {
  const name = word.trim().replaceAll(/\s+/gu, '-');
  const isBare = /^[\p{L}\p{N}]/u.test(name);
  const cut = name.slice(0, isBare ? longestWord - 2 : longestWord).toWellFormed();
  return isBare ? `<${cut}>` : cut;
}
