/**
 * The .safetensors format as safetensors 0.4-0.6 define it: 8 bytes length of the header (little-endian), the header
 * (a JSON object, padded with spaces), the tensors' bytes without holes or overlaps.
 * https://github.com/huggingface/safetensors/blob/v0.5.3/README.md#format
 */
import { messageOf } from '../../../src-shared/caught.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import type { TensorData } from '../tensor/tensorData.ts';
import { readInto, readStart, withFile } from './fileAccess.ts';
import { foreignFormat } from './foreignFormat.ts';
import { parseHeaderJson } from './headerJson.ts';
import {
  bitsPerElement,
  decodedDTypes,
  decodeTensor,
  type StoredDType,
  storedDTypes,
} from './storedDType.ts';
import { isCount, quote } from './storedValues.ts';

/** As the reference implementation: larger headers are refused before anything is allocated. */
const headerLimit = 100_000_000;

export interface SafetensorsEntry {
  readonly dtype: StoredDType;
  readonly shape: Shape;
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsFile {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
}

/**
 * Reads the header of a .safetensors file, and nothing but the header.
 *
 * @throws InputError naming file, key and value where the file is not one, or its header contradicts itself or the file
 */
export function openSafetensors(path: string): SafetensorsFile {
  refuseForeignFormat(path);
  const { json, dataStart, dataLength } = readHeader(path);
  const header = parseHeader(path, json);
  const metadata = parseMetadata(path, header.get('__metadata__'));
  header.delete('__metadata__');
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [key, value] of header) {
    tensors.set(key, parseEntry(`${path}: tensor ${quote(key)}`, value, dataStart, dataLength));
  }
  checkCoverage(path, tensors, dataStart, dataLength);
  return { path, metadata, tensors };
}

function refuseForeignFormat(path: string): void {
  const format = foreignFormat(readStart(path, 32).bytes);
  if (format) {
    throw new InputError(
      `${path} is ${format.description}, expected a .safetensors file. ${format.advice}`,
    );
  }
}

function readHeader(path: string) {
  return withFile(path, (descriptor, fileSize) => {
    if (fileSize < 8) {
      throw new InputError(
        `${path}: ${fileSize} bytes are too few for a .safetensors file: it is incomplete`,
      );
    }
    const prefix = readInto(descriptor, new Uint8Array(8), 0, path);
    const length = new DataView(prefix.buffer).getBigUint64(0, true);
    checkHeaderLength(path, length, fileSize);
    const header = readInto(descriptor, new Uint8Array(Number(length)), 8, path);
    const dataStart = 8 + header.length;
    return { json: decodeHeader(path, header), dataStart, dataLength: fileSize - dataStart };
  });
}

function checkHeaderLength(path: string, length: bigint, fileSize: number): void {
  if (length > BigInt(headerLimit)) {
    throw new InputError(
      `${path}: its header claims ${length} bytes, the limit is ${headerLimit}: not a .safetensors file, or damaged`,
    );
  }
  if (length > BigInt(fileSize - 8)) {
    throw new InputError(
      `${path}: its header claims ${length} bytes, but the file has only ${fileSize}: it is incomplete`,
    );
  }
}

function decodeHeader(path: string, header: Uint8Array): string {
  if (header[0] !== 0x7b) {
    throw new InputError(
      `${path}: its header does not begin with "{": not a .safetensors file, or damaged`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw new InputError(`${path}: its header is not UTF-8: the file is damaged`);
  }
}

function parseHeader(path: string, json: string): Map<string, unknown> {
  try {
    return parseHeaderJson(json);
  } catch (error) {
    throw new InputError(`${path}: its header ${messageOf(error)}`);
  }
}

function parseMetadata(path: string, value: unknown): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value === undefined ? {} : asObject(path, value))) {
    if (typeof text !== 'string') {
      throw new InputError(
        `${path}: __metadata__ ${quote(key)} is ${quote(text)}, expected a text`,
      );
    }
    metadata.set(key, text);
  }
  return metadata;
}

function asObject(path: string, value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InputError(`${path}: __metadata__ is ${quote(value)}, expected an object of texts`);
}

function parseEntry(
  where: string,
  value: unknown,
  dataStart: number,
  dataLength: number,
): SafetensorsEntry {
  const fields = new Map(Object.entries(Object(value)));
  const dtype = parseDType(where, fields.get('dtype'));
  const shape = parseShape(where, fields.get('shape'));
  const [begin, end] = parseOffsets(where, fields.get('data_offsets'), dataLength);
  const byteLength = byteLengthOf(where, dtype, shape);
  if (end - begin !== byteLength) {
    throw new InputError(
      `${where}: data_offsets hold ${end - begin} bytes, but ${dtype} ${formatShape(shape)} needs ${byteLength}`,
    );
  }
  return { dtype, shape, offset: dataStart + begin, byteLength };
}

function parseDType(where: string, value: unknown): StoredDType {
  const dtype = storedDTypes.find((name) => name === value);
  if (dtype) return dtype;
  throw new InputError(
    `${where}: dtype is ${quote(value)}, expected one of ${storedDTypes.join(', ')}`,
  );
}

function parseShape(where: string, value: unknown): Shape {
  if (Array.isArray(value) && value.every(isCount)) return value;
  throw new InputError(
    `${where}: shape is ${quote(value)}, expected a list of whole numbers from 0`,
  );
}

function parseOffsets(where: string, value: unknown, dataLength: number): readonly number[] {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isCount)) {
    throw new InputError(
      `${where}: data_offsets is ${quote(value)}, expected two whole numbers from 0`,
    );
  }
  const [begin, end] = value;
  if (begin > end) {
    throw new InputError(`${where}: data_offsets is ${quote(value)}, expected begin <= end`);
  }
  if (end > dataLength) {
    throw new InputError(
      `${where}: data_offsets end at ${end}, but the file holds only ${dataLength} bytes of data: it is incomplete or damaged`,
    );
  }
  return value;
}

function byteLengthOf(where: string, dtype: StoredDType, shape: Shape): number {
  const bits = bitsPerElement(dtype);
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count * bits)) {
      throw new InputError(`${where}: shape ${formatShape(shape)} is too large for any file`);
    }
  }
  return (count * bits) / 8;
}

/** The tensors must lie end to end, from the first byte of the data to the last one of the file. */
function checkCoverage(
  path: string,
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  dataStart: number,
  dataLength: number,
): void {
  let covered = dataStart;
  for (const [key, { offset, byteLength }] of [...tensors].sort(byPlace)) {
    if (offset < covered) {
      throw new InputError(`${path}: tensor ${quote(key)} overlaps another one`);
    }
    if (offset > covered) {
      throw new InputError(
        `${path}: ${offset - covered} bytes before tensor ${quote(key)} belong to no tensor`,
      );
    }
    covered += byteLength;
  }
  const rest = dataStart + dataLength - covered;
  if (rest > 0) throw new InputError(`${path}: the last ${rest} bytes belong to no tensor`);
}

type Named = readonly [string, SafetensorsEntry];

function byPlace([, a]: Named, [, b]: Named): number {
  return a.offset - b.offset || a.byteLength - b.byteLength;
}

/**
 * One tensor as numbers ({@link decodeTensor}). For small tensors: a checkpoint's weights stay in the file.
 *
 * @throws InputError where the key is missing or its element type has no numbers here (8-bit floats, complex)
 */
export function readTensor(file: SafetensorsFile, key: string): TensorData {
  const entry = file.tensors.get(key);
  if (!entry) throw new InputError(`${file.path}: no tensor ${quote(key)}`);
  if (!decodedDTypes.includes(entry.dtype)) {
    throw new InputError(
      `${file.path}: tensor ${quote(key)} is ${entry.dtype}, expected one of ${decodedDTypes.join(', ')}`,
    );
  }
  return decodeTensor(entry.dtype, readBytes(file.path, entry), entry.shape);
}

/** The bytes of one tensor in a buffer of their own. */
export function readBytes(path: string, { offset, byteLength }: SafetensorsEntry): ArrayBuffer {
  const bytes = new Uint8Array(byteLength);
  withFile(path, (descriptor) => readInto(descriptor, bytes, offset, path));
  return bytes.buffer;
}
