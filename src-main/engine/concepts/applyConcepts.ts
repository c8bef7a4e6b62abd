import { InputError } from '../../../src-shared/inputError.ts';
import { bindWeights } from '../checkpoint/bindWeights.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import {
  addPlaceholderTokens,
  behindVocabulary,
  expandPlaceholders,
} from '../inversion/placeholderTokens.ts';
import { type LoraFactors, replaceWeights, type Weights, withLora } from '../nn/weights.ts';
import { joinRows } from '../numbers.ts';
import { add } from '../tensor/ops/add.ts';
import { concat } from '../tensor/ops/concat.ts';
import { mul } from '../tensor/ops/mul.ts';
import { sub } from '../tensor/ops/sub.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Concept, type LoraWeights, loraScale } from './conceptFile.ts';
import {
  type ConceptWords,
  placeSideBySide,
  replacesKeysAndValuesOnly,
  separateStates,
} from './sideBySide.ts';

/** A model that knows some concepts. */
export interface PersonalModel extends DiffusionModel {
  /** Rows of all concepts, one after the other, [placeholders, width]. */
  readonly placeholderRows: Float32Array;
  readonly placeholders: number;
  /** The same for models whose UNets compute the same: they can share what is compiled. */
  readonly networkName: string;
  /** The same for models whose text encoders compute the same. */
  readonly textEncoderName: string;
  /** Writes all vectors of the concepts into a prompt or phrase. */
  readonly expand: (prompt: string) => string;
  /** Ids of a prompt as the text encoder takes them, and what it does not see of it. */
  readonly encodePadded: (prompt: string) => { readonly ids: number[]; readonly overflow: string };
  /** What the UNet takes of the text encoder's states for prompts of these ids. */
  readonly conditionOn: (
    hiddenStates: Float32Array,
    ids: readonly (readonly number[])[],
  ) => Float32Array;
}

/**
 * Gives concepts to a model: their words to its tokenizer, their weights to its UNet and text encoder.
 *
 * @param model whose tokenizer is changed
 * @throws InputError where a concept was trained on another kind of model, or two of them cannot go together
 */
export function applyConcepts(
  model: DiffusionModel,
  { family }: Pick<Checkpoint, 'family'>,
  concepts: readonly Concept[],
): PersonalModel {
  for (const concept of concepts) requireFit(model, family, concept);
  requireOwnTokens(concepts);
  const { tokenizer, configs } = model;
  const firstId = tokenizer.size;
  for (const { description, path } of concepts) addTokens(model, description, path);
  const descriptions = concepts.map(({ description }) => description);
  const expand = (prompt: string) => expandPlaceholders(prompt, descriptions);
  const { vocabSize, hiddenSize } = configs.textEncoder;
  const words = wordsOfReplacing(model, concepts);
  const placeholders = descriptions.reduce((sum, { vectors }) => sum + vectors, 0);
  return {
    ...model,
    weights: {
      ...model.weights,
      unet: changeWeights(model.weights.unet, concepts),
      textEncoder: adapt(model.weights.textEncoder, concepts, ({ textLora }) => textLora),
    },
    ...(words.length > 0 && { textWidth: hiddenSize * (1 + words.length) }),
    conditionOn: (hiddenStates, ids) =>
      words.length > 0 ? separateStates(hiddenStates, ids, words) : hiddenStates,
    placeholderRows: joinRows(concepts.map(({ rows }) => rows)),
    placeholders,
    networkName: nameOf(concepts.filter(changesUNet)),
    textEncoderName: `${placeholders}\n${nameOf(concepts.filter(changesTextEncoder))}`,
    expand,
    encodePadded: (prompt) => {
      const { ids, overflow } = tokenizer.encodePadded(expand(prompt));
      return { ids: behindVocabulary(ids, firstId, vocabSize), overflow };
    },
  };
}

function nameOf(concepts: readonly Concept[]): string {
  return concepts.map(({ path, strength = 1 }) => `${strength} ${path}`).join('\n');
}

function requireOwnTokens(concepts: readonly Concept[]): void {
  for (const [token, sharing] of Map.groupBy(concepts, ({ description }) => description.token)) {
    if (sharing.length === 1) continue;
    const paths = sharing.map(({ path }) => path).join(' and ');
    throw new InputError(
      `${paths} both have the token "${token}": a prompt cannot tell them apart; train one of them with another --token`,
    );
  }
}

function addTokens(
  { tokenizer }: DiffusionModel,
  { token, vectors }: Concept['description'],
  path: string,
): void {
  try {
    addPlaceholderTokens(tokenizer, token, vectors);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}

function requireFit(
  { configs }: DiffusionModel,
  family: Checkpoint['family'],
  { path, description }: Concept,
): void {
  const width = configs.textEncoder.hiddenSize;
  if (description.width === width && description.family === family) return;
  const trained = `${description.family}, width ${description.width}, ${description.modelName}`;
  throw new InputError(
    `${path} was trained on another kind of model (${trained}); this one is ${family}, width ${width}: use the model it was trained on`,
  );
}

function changesUNet({ replaced, lora, strength }: Concept): boolean {
  return strength !== 0 && (replaced.size > 0 || lora.size > 0);
}

function changesTextEncoder({ textLora, strength }: Concept): boolean {
  return strength !== 0 && textLora.size > 0;
}

function replacesWeights(concept: Concept): boolean {
  return changesUNet(concept) && concept.replaced.size > 0;
}

/** The words of concepts that share the UNet's keys and values, by the ids that the text encoder takes. */
function wordsOfReplacing(
  { tokenizer, configs }: DiffusionModel,
  concepts: readonly Concept[],
): ConceptWords[] {
  let end = configs.textEncoder.vocabSize;
  const words = concepts.flatMap((concept) => {
    const { vectors, classWord } = concept.description;
    const first = end;
    end += vectors;
    const classIds = tokenizer.idsOfWord(classWord);
    return replacesWeights(concept) ? [{ first, end, classIds }] : [];
  });
  return words.length > 1 ? words : [];
}

function changeWeights(weights: Weights, concepts: readonly Concept[]): Weights {
  const replacing = concepts.filter(replacesWeights);
  requireSideBySide(replacing);
  const own = replacing.map((concept) => replaceWith(weights, concept));
  const replaced = own.length === 1 ? own[0] : weights;
  const changed = adapt(replaced, concepts, ({ lora }) => lora);
  return own.length > 1 ? placeSideBySide(changed, own) : changed;
}

function requireSideBySide(replacing: readonly Concept[]): void {
  const whole = replacing.find((concept) => !replacesKeysAndValuesOnly(concept));
  const other = replacing.find((concept) => concept !== whole);
  if (!whole || !other) return;
  throw new InputError(
    `${whole.path} replaces the whole UNet, and ${other.path} replaces weights of it: compose one of them at a time, or train them as textual-inversion, custom-diffusion or lora-dreambooth`,
  );
}

function replaceWith(weights: Weights, { path, replaced, strength = 1 }: Concept): Weights {
  const bound = bindWeights(replaced, path);
  const tensors = [...replaced].map(([key, { shape }]) => {
    const trained = bound.get(key, shape);
    return [
      key,
      strength === 1 ? trained : mix(weights.get(key, shape), trained, strength),
    ] as const;
  });
  return replaceWeights(weights, new Map(tensors));
}

/** A share of the way from one weight to the other. */
function mix(from: Tensor, to: Tensor, share: number): Tensor {
  return add(from, mul(sub(to, from), share));
}

/** Weights with the LoRAs of concepts; several of one layer are one of their ranks together. */
function adapt(
  weights: Weights,
  concepts: readonly Concept[],
  loraOf: (concept: Concept) => LoraWeights,
): Weights {
  const joined = new Map<string, LoraFactors>();
  for (const concept of concepts.filter(({ strength }) => strength !== 0)) {
    for (const [layer, factors] of boundFactors(concept, loraOf(concept))) {
      const known = joined.get(layer);
      joined.set(layer, known ? stack(known, factors) : factors);
    }
  }
  return joined.size > 0 ? withLora(weights, joined) : weights;
}

function boundFactors(
  { path, description, strength = 1 }: Concept,
  lora: LoraWeights,
): [string, LoraFactors][] {
  const scale = loraScale(description) * strength;
  return [...lora].map(([layer, factors]) => {
    const bound = bindWeights(new Map(Object.entries(factors)), `${path}: ${layer}`);
    const down = bound.get('down', factors.down.shape);
    return [layer, { down, up: bound.get('up', factors.up.shape), scale }];
  });
}

function stack(first: LoraFactors, second: LoraFactors): LoraFactors {
  const scaled = ({ up, scale }: LoraFactors): Tensor => mul(up, scale);
  return {
    down: concat([first.down, second.down], 0), // [rank1 + rank2, in, ...kernel]
    up: concat([scaled(first), scaled(second)], 1), // [out, rank1 + rank2, ...]
    scale: 1,
  };
}
