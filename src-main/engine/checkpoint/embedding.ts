/** Words that other programs learned by textual inversion: what their files hold. */
import { basename } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import { quote } from '../files/storedValues.ts';
import type { TensorFile, TensorList } from '../files/tensorFile.ts';
import { joinRows } from '../numbers.ts';
import { formatShape } from '../tensor/shape.ts';

export interface Embedding {
  /** What the file calls it: "<my-cat>" in diffusers' files, else a name without marks. */
  readonly word: string;
  readonly vectors: number;
  /** Of a vector; several where the file is for a model with two text encoders. */
  readonly widths: readonly number[];
  /** Steps that it was trained for, where the file says so. */
  readonly steps: number | undefined;
}

/** Keys that every embedding of a program has, which are not its word: kohya, A1111 and ComfyUI; OneTrainer; SDXL. */
const fixedKeys = /^(emb_params|emp_params|clip_l|clip_g)(_out)?$/;

/**
 * What is known of an embedding.
 *
 * @param file classified as a concept embedding
 * @param fileName what the user knows the file by; many name their word in no other way
 */
export function describeEmbedding(
  { path, tensors, metadata }: TensorList,
  fileName = basename(path),
): Embedding {
  const [key] = orderedKeys(tensors.keys());
  const shapes = [...tensors.values()].map(({ shape }) => shape);
  const steps = metadata.get('step') ?? '';
  return {
    word: fixedKeys.test(key) ? (metadata.get('name') ?? withoutEnding(fileName)) : key,
    vectors: shapes.reduce((sum, shape) => sum + (shape.length > 1 ? shape[0] : 1), 0),
    widths: [...new Set(shapes.map((shape) => shape.at(-1)!))],
    steps: /^\d{1,9}$/.test(steps) ? Number(steps) : undefined,
  };
}

/** For messages: "textual inversion, 2 vectors of width 768". */
export function summarizeEmbedding({ vectors, widths }: Embedding): string {
  const count = vectors === 1 ? '1 vector' : `${vectors} vectors`;
  return `textual inversion, ${count} of width ${widths.join(' and ')}`;
}

/** What files are called that have no word of their own. */
export function fileWord({ path, metadata }: TensorList, fileName = basename(path)): string {
  return metadata.get('ss_output_name') ?? withoutEnding(fileName);
}

function withoutEnding(fileName: string): string {
  return fileName.replace(/\.(safetensors|pt|bin|png)$/i, '');
}

/** The word itself, then <word>_1, <word>_2 and so on. */
function orderedKeys(keys: Iterable<string>): string[] {
  return [...keys].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/** @throws InputError where it is for a model with two text encoders, or holds more than the vectors of one word */
export function requireOneWord({ path, tensors }: TensorList): void {
  const keys = orderedKeys(tensors.keys());
  if (keys.some((key) => /^clip_[lg]$/.test(key))) {
    throw new InputError(
      `${path} is an embedding for Stable Diffusion XL, which Tessera cannot use: expected one for Stable Diffusion 1.x or 2.x`,
    );
  }
  const [fixed] = keys.filter((key) => fixedKeys.test(key));
  const other = keys.find((key) => key !== fixed);
  if (fixed !== undefined && other !== undefined) {
    throw new InputError(
      `${path} holds ${quote(other)} beside ${quote(fixed)}, expected the vectors of one word alone: save it without`,
    );
  }
}

/** The vectors of one word, row by row. @throws InputError where something in them is no number */
export function readEmbeddingRows(file: TensorFile): Float32Array {
  const rows = orderedKeys(file.tensors.keys()).map((key) => {
    const { data, shape } = file.read(key);
    const values = Float32Array.from(data, Number);
    if (values.every(Number.isFinite)) return values;
    throw new InputError(
      `${file.path}: ${quote(key)} ${formatShape(shape)} has values that are no numbers: the file is damaged`,
    );
  });
  return joinRows(rows);
}
