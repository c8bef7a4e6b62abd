import { type ConceptDescription, conceptDescription } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { parseInput } from '../../../src-shared/parseInput.ts';
import type { StoredWeight } from '../checkpoint/bindWeights.ts';
import { classify, describe } from '../checkpoint/classify.ts';
import { describeEmbedding } from '../checkpoint/embedding.ts';
import { openSafetensors, readTensor, type SafetensorsFile } from '../checkpoint/safetensors.ts';
import type { TensorList } from '../checkpoint/tensorFile.ts';
import { tabulate } from '../checkpoint/weightTable.ts';
import { writeSafetensors } from '../checkpoint/writeSafetensors.ts';
import type { TrainedParts } from '../inversion/trainedParts.ts';
import { formatShape } from '../tensor/shape.ts';
import { float32Data, type TensorData } from '../tensor/tensorData.ts';

/**
 * A concept is one .safetensors file. Its tensors are named as diffusers names them, so that other programs can use
 * the file: the rows by the token (learned_embeds), keys and values as Custom Diffusion's processors, LoRA factors and
 * weights under `unet.`. What Tessera needs besides stands in the metadata.
 */
const descriptionKey = 'tessera.concept';

/** A concept as a file holds it; its weights stay there. */
export interface Concept {
  readonly path: string;
  readonly description: ConceptDescription;
  readonly rows: Float32Array;
  readonly replaced: ReadonlyMap<string, StoredWeight>;
  readonly lora: ReadonlyMap<string, { readonly down: StoredWeight; readonly up: StoredWeight }>;
  /** How much of its weights a composition takes: 1, all, where absent. The rows say it themselves. */
  readonly strength?: number;
}

/** Writes a concept file atomically. @throws InputError where the folder cannot be written to */
export function writeConcept(
  path: string,
  description: ConceptDescription,
  { rows, replaced, lora }: TrainedParts,
): void {
  const { token, vectors, width, method } = description;
  const tensors = new Map([[token, float32Data([vectors, width], rows)]] as [string, TensorData][]);
  for (const [key, value] of replaced) tensors.set(storedKey(method, key), value);
  for (const [layer, { down, up }] of lora) {
    tensors.set(`unet.${layer}.lora.down.weight`, down);
    tensors.set(`unet.${layer}.lora.up.weight`, up);
  }
  const metadata = { format: 'pt', [descriptionKey]: JSON.stringify(description) };
  writeSafetensors(path, tensors, metadata);
}

function storedKey(method: ConceptDescription['method'], key: string): string {
  if (method !== 'custom-diffusion') return `unet.${key}`;
  return key.replace(/\.(to_k|to_v)\.weight$/, '.processor.$1_custom_diffusion.weight');
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
    lora: readLora(path, file),
  };
}

/** Whether Tessera wrote it; other programs' textual inversions look the same but for the description. */
export function isConcept({ metadata }: TensorList): boolean {
  return metadata.has(descriptionKey);
}

/** Says what a file is instead of a concept, and what can be done with it. */
export function notAConcept(file: TensorList): InputError {
  const found = classify(file);
  if (found.kind !== 'concept embedding') {
    return new InputError(
      `${file.path} is no concept of Tessera, but ${describe(found)}: expected a file that "tessera train" wrote, or another program's textual inversion`,
    );
  }
  const { vectors, widths } = describeEmbedding(file);
  const count = vectors === 1 ? '1 vector' : `${vectors} vectors`;
  return new InputError(
    `${file.path} is no concept of Tessera, but another program's textual inversion, ${count} of width ${widths.join(' and ')}: import it in the library, or with "tessera import"`,
  );
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

function readLora(path: string, file: SafetensorsFile): Concept['lora'] {
  const factors = tabulate(path, [file], (key, weight) => {
    const name = /^unet\.(.+\.lora\.(?:down|up))\.weight$/.exec(key)?.[1];
    return name === undefined ? [] : [[name, weight]];
  });
  const layers = [...factors.keys()].filter((key) => key.endsWith('.lora.down'));
  return new Map(
    layers.map((key) => {
      const layer = key.slice(0, -'.lora.down'.length);
      const up = factors.get(`${layer}.lora.up`);
      if (!up) throw new InputError(`${path}: layer "${layer}" has lora.down, but no lora.up`);
      return [layer, { down: factors.get(key)!, up }];
    }),
  );
}
