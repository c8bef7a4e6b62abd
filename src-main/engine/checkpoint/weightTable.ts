import { basename } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import type { SafetensorsFile } from '../files/safetensors.ts';
import type { StoredDType } from '../files/storedDType.ts';
import { quote } from '../files/storedValues.ts';
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts';
import type { StoredWeight } from './bindWeights.ts';

/** The weights of one model by their keys in a diffusers checkpoint. The bytes stay in the user's files. */
export interface WeightTable extends ReadonlyMap<string, StoredWeight> {
  /** The file, or the folder of several, that they come from: for messages. */
  readonly source: string;
}

/** Names under which one stored tensor is known to the models: none for a buffer that they do not use. */
export type Renaming = (key: string, weight: StoredWeight) => readonly NamedWeight[];
export type NamedWeight = readonly [key: string, weight: StoredWeight];

const dtypes: Partial<Record<StoredDType, StoredWeight['dtype']>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
  I64: 'int64',
};

/**
 * @param source for messages
 * @throws InputError where a tensor that a model uses has an element type that cannot be computed with, or two tensors
 *   have the same name after renaming
 */
export function tabulate(
  source: string,
  files: readonly SafetensorsFile[],
  rename: Renaming,
): WeightTable {
  const table = new Map<string, StoredWeight>();
  for (const file of files) {
    for (const [key, weight] of namedWeights(file, rename)) {
      if (table.has(key)) throw new InputError(`${file.path}: two tensors stand for ${quote(key)}`);
      table.set(key, weight);
    }
  }
  return Object.assign(table, { source });
}

function* namedWeights(file: SafetensorsFile, rename: Renaming): Iterable<NamedWeight> {
  for (const [key, { dtype, shape, offset, byteLength }] of file.tensors) {
    const location = { file: file.path, offset, byteLength };
    const known = dtypes[dtype];
    for (const [name, weight] of rename(key, { shape, dtype: known ?? 'float32', location })) {
      if (!known) refuseDType(file, key, dtype);
      yield [name, weight];
    }
  }
}

function refuseDType(file: SafetensorsFile, key: string, dtype: StoredDType): never {
  const expected = Object.keys(dtypes).join(', ');
  throw new InputError(
    `${file.path}: tensor ${quote(key)} is ${dtype}, expected one of ${expected}. ` +
      'Use a version of the file in full or half precision.',
  );
}

/** Keys listed by name in one message; the rest is counted. */
const listLimit = 10;

/**
 * Compares a table with the keys and shapes that a model needs.
 *
 * @throws InputError that lists the keys that are missing, that no module uses, and whose shapes differ
 */
export function checkKeys(table: WeightTable, expected: ReadonlyMap<string, Shape>): void {
  const missing = [...expected.keys()].filter((key) => !table.has(key)).map(quote);
  const unexpected = [...table].filter(([key]) => !expected.has(key)).map(nameWithFile(table));
  const otherShape = [...table]
    .filter(([key, { shape }]) => expected.has(key) && !sameShape(shape, expected.get(key)!))
    .map((entry) => `${nameWithFile(table)(entry)} is ${shapes(entry, expected)}`);
  const lists = [
    listKeys('missing', missing),
    listKeys('unexpected', unexpected),
    listKeys('of another shape', otherShape),
  ].filter((list) => list !== '');
  if (lists.length === 0) return;
  throw new InputError(
    `${table.source}: the weights do not fit the configuration.\n${lists.join('\n')}\n` +
      'Use the configuration that belongs to this file, or fetch the file again.',
  );
}

/** Files are named where there are several. */
function nameWithFile(table: WeightTable) {
  return ([key, { location }]: NamedWeight): string =>
    location.file === table.source ? quote(key) : `${quote(key)} (${basename(location.file)})`;
}

function shapes([key, { shape }]: NamedWeight, expected: ReadonlyMap<string, Shape>): string {
  return `${formatShape(shape)}, expected ${formatShape(expected.get(key) ?? [])}`;
}

function listKeys(what: string, keys: readonly string[]): string {
  if (keys.length === 0) return '';
  const shown = keys.slice(0, listLimit).map((key) => `    ${key}`);
  const rest = keys.length - shown.length;
  if (rest > 0) shown.push(`    and ${rest} more`);
  return [`  ${keys.length} ${what}:`, ...shown].join('\n');
}
