import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import { readStart, refusing, statOf } from '../files/fileAccess.ts';
import { type ForeignFormat, foreignFormat } from '../files/foreignFormat.ts';
import { openTensorFile } from '../files/openTensorFile.ts';
import { openSafetensors } from '../files/safetensors.ts';
import type { StoredDType } from '../files/storedDType.ts';
import type { TensorFile, TensorList } from '../files/tensorFile.ts';
import { elementCount, type Shape } from '../tensor/shape.ts';
import {
  type Classification,
  classify,
  describe,
  type Family,
  type FileKind,
  familyNames,
  isConceptKind,
} from './classify.ts';
import { isDiffusersFolder, readJsonObject } from './configFiles.ts';
import { describeEmbedding } from './embedding.ts';

export interface InspectedTensor {
  readonly key: string;
  readonly dtype: StoredDType;
  readonly shape: Shape;
  /** The file that holds it, relative to the inspected folder; undefined for a single file. */
  readonly file: string | undefined;
}

/** Tensors whose keys begin alike. */
export interface TensorGroup {
  readonly prefix: string;
  readonly tensors: number;
  readonly parameters: number;
}

export interface Inspection {
  readonly path: string;
  readonly kind: FileKind | 'checkpoint folder' | 'folder' | 'pickle' | 'other file';
  /** One sentence for the user. */
  readonly description: string;
  readonly family: Family | undefined;
  /** 'inpainting' and the like: other inputs than the family's text-to-image model. */
  readonly variant: string | undefined;
  /** All files together. */
  readonly bytes: number;
  /** Numbers in all tensors. */
  readonly parameters: number;
  /** Tensors of each element type. */
  readonly dtypes: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** What the kind is asked about: the word and its vectors, a LoRA's rank and alpha. In words, a line each. */
  readonly details: readonly string[];
  readonly groups: readonly TensorGroup[];
  readonly tensors: readonly InspectedTensor[];
}

/**
 * Says what a file or folder is. Only headers are read, and of a pickle only what it says of its tensors.
 *
 * @throws InputError where there is no such file, a .safetensors file is damaged, or a folder has none
 */
export function inspectFile(path: string): Inspection {
  const absolute = resolve(path);
  if (statOf(absolute).isDirectory()) return inspectFolder(absolute);
  const start = readStart(absolute, 32);
  const format = foreignFormat(start.bytes);
  return format ? inspectForeign(absolute, format, start.size) : inspectTensors(absolute);
}

function inspectTensors(path: string): Inspection {
  const file = openTensorFile(path);
  const found = classify(file);
  return {
    ...summarize(path, [file], undefined),
    ...found,
    description: describe(found),
    details: detailsOf(found, file),
  };
}

/** What can be told of a file in another format: all of a concept, of others only what they are. */
function inspectForeign(path: string, format: ForeignFormat, bytes: number): Inspection {
  const isPickle = format.kind === 'zip' || format.kind === 'pickle';
  const unread = {
    ...summarize(path, [], ''),
    kind: isPickle ? ('pickle' as const) : ('other file' as const),
    description: `${format.description}. ${format.advice}`,
    bytes,
  };
  if (format.kind === 'other') return unread;
  try {
    const read = inspectTensors(path);
    const description = `${read.description}, stored as ${format.description}`;
    if (isConceptKind(read.kind)) return { ...read, description };
    return { ...unread, details: [`holds ${read.description}`] };
  } catch (error) {
    if (error instanceof InputError) return { ...unread, details: [error.message] };
    throw error;
  }
}

function inspectFolder(folder: string): Inspection {
  const files = safetensorsIn(folder).map((name) => openSafetensors(join(folder, name)));
  if (files.length === 0) {
    throw new InputError(`${folder}: no .safetensors files here or one level below`);
  }
  const index = join(folder, 'model_index.json');
  const pipeline = existsSync(index) ? readJsonObject(index)._class_name : undefined;
  const isCheckpoint = pipeline !== undefined || isDiffusersFolder(folder);
  const { family, variant } = familyOfFolder(files);
  const words = [family && familyNames[family], variant, 'checkpoint in diffusers folders'];
  return {
    ...summarize(folder, files, folder),
    kind: isCheckpoint ? 'checkpoint folder' : 'folder',
    description: isCheckpoint
      ? `a ${words.filter((word) => word !== undefined).join(' ')}`
      : `a folder with ${files.length} .safetensors files`,
    family,
    variant,
    // Each file has its own: together they would say nothing.
    metadata: {},
    details: typeof pipeline === 'string' ? [`pipeline: ${pipeline}`] : [],
  };
}

/** The denoising network tells most; a text encoder's width is shared between families. */
function familyOfFolder(files: readonly TensorList[]): Classification {
  const found = files.map(classify);
  const network = found.find(({ kind }) => kind === 'diffusion model');
  return network ?? { kind: 'unknown', family: undefined, variant: undefined };
}

function safetensorsIn(folder: string): string[] {
  const entries = refusing(folder, () => readdirSync(folder, { withFileTypes: true }));
  const below = entries
    .filter((entry) => !entry.name.startsWith('.') && isFolder(folder, entry.name))
    .flatMap(({ name }) => filesIn(join(folder, name)).map((inner) => join(name, inner)));
  const names = [...entries.map(({ name }) => name), ...below];
  return names.filter((name) => name.endsWith('.safetensors')).sort();
}

function filesIn(folder: string): string[] {
  return refusing(folder, () => readdirSync(folder));
}

function isFolder(folder: string, name: string): boolean {
  const path = join(folder, name);
  return existsSync(path) && statOf(path).isDirectory();
}

/** @param folder that file names are relative to; undefined for a single file, whose tensors need no name */
function summarize(path: string, files: readonly TensorList[], folder: string | undefined) {
  const tensors = files.flatMap((file) => listTensors(file, folder));
  const metadata = files.flatMap(({ metadata }) => [...metadata]);
  return {
    path,
    family: undefined,
    variant: undefined,
    bytes: files.reduce((sum, file) => sum + statOf(file.path).size, 0),
    parameters: tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    dtypes: countBy(tensors, ({ dtype }) => dtype),
    metadata: Object.fromEntries(metadata),
    details: [] as readonly string[],
    groups: groupTensors(tensors),
    tensors,
  };
}

function listTensors(file: TensorList, folder: string | undefined): InspectedTensor[] {
  const name = folder === undefined ? undefined : file.path.slice(folder.length + 1);
  return [...file.tensors].map(([key, { dtype, shape }]) => ({ key, dtype, shape, file: name }));
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> {
  const groups = Map.groupBy(items, nameOf);
  return Object.fromEntries([...groups].map(([name, members]) => [name, members.length]));
}

function groupTensors(tensors: readonly InspectedTensor[]): TensorGroup[] {
  return [...Map.groupBy(tensors, groupOf)].map(([prefix, members]) => ({
    prefix,
    tensors: members.length,
    parameters: members.reduce((sum, { shape }) => sum + elementCount(shape), 0),
  }));
}

/** The file of a folder; kohya's prefix; else the first part of the key, and of `model.` the second too. */
function groupOf({ key, file }: InspectedTensor): string {
  const kohya = /^lora_(unet|te\d?|transformer)(?=_)/.exec(key)?.[0];
  return file ?? kohya ?? /^(model\.)?[^.]*/.exec(key)?.[0] ?? key;
}

function detailsOf({ kind }: Classification, file: TensorFile): string[] {
  if (kind === 'concept embedding') return embeddingDetails(file);
  if (kind === 'LoRA') return loraDetails(file);
  if (kind === 'Custom Diffusion weights') {
    const weights = [...file.tensors.values()].filter(({ shape }) => elementCount(shape) > 0);
    return [`replaces ${weights.length} key and value projections of cross-attention`];
  }
  return [];
}

function embeddingDetails(file: TensorList): string[] {
  const { word, vectors, widths } = describeEmbedding(file);
  return [`word: ${word}`, `vectors: ${vectors}, width ${widths.join(' and ')}`];
}

function loraDetails(file: TensorFile): string[] {
  const down =
    /(lora_down|lora_A|lora\.down|_lora\.down|lora_linear_layer\.down)(\.[^.]+)?\.weight$/;
  const layers = [...file.tensors].filter(([key]) => down.test(key));
  const ranks = [...new Set(layers.map(([, { shape }]) => shape[0]))];
  const alphas = [...file.tensors]
    .filter(([key, { shape }]) => key.endsWith('.alpha') && elementCount(shape) === 1)
    .map(([key]) => scalarOf(file, key));
  const alpha = [...new Set(alphas)].join(', ') || 'none (scale 1)';
  return [`layers: ${layers.length}`, `rank: ${ranks.join(', ') || 'unknown'}`, `alpha: ${alpha}`];
}

function scalarOf(file: TensorFile, key: string): string {
  try {
    return String(file.read(key).data[0]);
  } catch (error) {
    if (error instanceof InputError) return 'unreadable';
    throw error;
  }
}
