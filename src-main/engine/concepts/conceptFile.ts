import { type ConceptDescription, conceptDescription } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { parseInput } from '../../../src-shared/parseInput.ts';
import type { StoredWeight } from '../checkpoint/bindWeights.ts';
import { classify, describe, isConceptKind } from '../checkpoint/classify.ts';
import { describeEmbedding, summarizeEmbedding } from '../checkpoint/embedding.ts';
import { tabulate } from '../checkpoint/weightTable.ts';
import { openSafetensors, readTensor, type SafetensorsFile } from '../files/safetensors.ts';
import type { TensorList } from '../files/tensorFile.ts';
import { writeSafetensors } from '../files/writeSafetensors.ts';
import type { TrainedParts } from '../inversion/trainedParts.ts';
import { formatShape } from '../tensor/shape.ts';
import { float32Data, type TensorData } from '../tensor/tensorData.ts';

/**
 * A concept is one .safetensors file. Its tensors are named as diffusers names them, so that other programs can use
 * the file: the rows by the token (learned_embeds), keys and values as Custom Diffusion's processors, LoRA factors and
 * weights under `unet.`, factors of the text encoder under `text_encoder.`. What Tessera needs besides stands in the metadata.
 */
const descriptionKey = 'tessera.concept';

/** A concept as a file holds it; its weights stay there. */
export interface Concept {
  readonly path: string;
  readonly description: ConceptDescription;
  readonly rows: Float32Array;
  readonly replaced: ReadonlyMap<string, StoredWeight>;
  readonly lora: LoraWeights;
  /** Of the text encoder. */
  readonly textLora: LoraWeights;
  /** How much of its weights a composition takes: 1, all, where absent. The rows say it themselves. */
  readonly strength?: number;
}

export type LoraWeights = ReadonlyMap<
  string,
  { readonly down: StoredWeight; readonly up: StoredWeight }
>;

/** What `up` times `down` is multiplied by: alpha over rank, 1 where no LoRA is described. */
export function loraScale({ lora }: ConceptDescription): number {
  return lora ? lora.alpha / lora.rank : 1;
}

/** How diffusers names the factors of a layer, around its key. */
const loraNames = {
  unet: { prefix: 'unet.', infix: '.lora' },
  textEncoder: { prefix: 'text_encoder.', infix: '.lora_linear_layer' },
} as const;

/** Writes a concept file atomically. @throws InputError where the folder cannot be written to */
export function writeConcept(
  path: string,
  description: ConceptDescription,
  { rows, replaced, lora, textLora = new Map() }: TrainedParts,
): void {
  const { token, vectors, width, method } = description;
  const tensors = new Map([[token, float32Data([vectors, width], rows)]] as [string, TensorData][]);
  for (const [key, value] of replaced) tensors.set(storedKey(method, key), value);
  for (const [network, factors] of Object.entries({ unet: lora, textEncoder: textLora })) {
    const { prefix, infix } = loraNames[network as keyof typeof loraNames];
    for (const [layer, { down, up }] of factors) {
      tensors.set(`${prefix}${layer}${infix}.down.weight`, down);
      tensors.set(`${prefix}${layer}${infix}.up.weight`, up);
    }
  }
  const metadata = { format: 'pt', [descriptionKey]: JSON.stringify(description) };
  writeSafetensors(path, tensors, metadata);
}

function storedKey(method: ConceptDescription['method'], key: string): string {
  const [, layer, name] = /^(.+)\.(to_k|to_v)\.weight$/.exec(key) ?? [];
  if (method !== 'custom-diffusion' || layer === undefined) return `unet.${key}`;
  return `${layer}.processor.${name}_custom_diffusion.weight`;
}

/** The key in the UNet, or undefined where the tensor is none of its weights. */
function weightKey(key: string): string | undefined {
  const custom = /^(.+)\.processor\.(to_k|to_v)_custom_diffusion\.weight$/.exec(key);
  if (custom) return `${custom[1]}.${custom[2]}.weight`;
  return /^unet\.(?!.+\.lora\.(?:down|up)\.weight$)(.+)$/.exec(key)?.[1];
}

/**
 * Opens a concept file.
 *
 * @throws InputError where it is damaged, or no concept of Tessera
 */
export function readConcept(path: string): Concept {
  const file = openSafetensors(path);
  const description = describeConcept(file);
  if (!description) throw notAConcept(file);
  const weights = tabulate(path, [file], (key, weight) => {
    const name = weightKey(key);
    return name === undefined ? [] : [[name, weight]];
  });
  return {
    path,
    description,
    rows: readRows(file, description),
    replaced: weights,
    lora: readLora(file, 'unet'),
    textLora: readLora(file, 'textEncoder'),
  };
}

/** Whether Tessera wrote it; other programs' textual inversions look the same but for the description. */
export function isConcept({ metadata }: TensorList): boolean {
  return metadata.has(descriptionKey);
}

/** Says what a file is instead of a concept, and what can be done with it. */
export function notAConcept(file: TensorList): InputError {
  const found = classify(file);
  const way = isConceptKind(found.kind)
    ? 'import it in the library, or with "tessera import"'
    : 'expected a file that "tessera train" wrote, or a textual inversion, LoRA or Custom Diffusion of another program';
  const what =
    found.kind === 'concept embedding'
      ? `another program's ${summarizeEmbedding(describeEmbedding(file))}`
      : describe(found);
  return new InputError(`${file.path} is no concept of Tessera, but ${what}: ${way}`);
}

/** The description in a file's metadata, undefined where it has none. @throws InputError where it is malformed */
export function describeConcept({
  path,
  metadata,
}: SafetensorsFile): ConceptDescription | undefined {
  const text = metadata.get(descriptionKey);
  if (text === undefined) return undefined;
  return parseInput(conceptDescription, parseJson(path, text), `${path}: its description`);
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError(`${path}: its description is not JSON: the file is damaged`);
  }
}

function readRows(file: SafetensorsFile, { token, vectors, width }: ConceptDescription) {
  const { shape, dtype, data } = readTensor(file, token);
  if (dtype !== 'float32' || shape.length !== 2 || shape[0] !== vectors || shape[1] !== width) {
    const expected = `expected floats ${formatShape([vectors, width])}`;
    throw new InputError(
      `${file.path}: the rows of "${token}" are ${dtype} ${formatShape(shape)}, ${expected}`,
    );
  }
  if (data.every(Number.isFinite)) return data;
  throw new InputError(`${file.path}: the rows of "${token}" are not finite: train it again`);
}

function readLora(file: SafetensorsFile, network: keyof typeof loraNames): LoraWeights {
  const { path } = file;
  const { prefix, infix } = loraNames[network];
  const named = new RegExp(
    `^${RegExp.escape(prefix)}(.+)${RegExp.escape(infix)}\\.(down|up)\\.weight$`,
  );
  const factors = tabulate(path, [file], (key, weight) => {
    const [, layer, factor] = named.exec(key) ?? [];
    return layer === undefined ? [] : [[`${layer}.${factor}`, weight]];
  });
  const layers = [...factors.keys()].filter((key) => key.endsWith('.down'));
  return new Map(
    layers.map((key) => {
      const layer = key.slice(0, -'.down'.length);
      const up = factors.get(`${layer}.up`);
      if (!up) throw new InputError(`${path}: layer "${layer}" has lora.down, but no lora.up`);
      return [layer, { down: factors.get(key)!, up }];
    }),
  );
}
