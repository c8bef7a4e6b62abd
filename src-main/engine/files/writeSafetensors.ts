import { elementCount, formatShape } from '../tensor/shape.ts';
import type { TensorData } from '../tensor/tensorData.ts';
import { writeFileWhole } from './writeFileWhole.ts';

const storedAs = { float32: 'F32', float64: 'F64', int64: 'I64', uint8: 'U8' } as const;

/** A tensor of a file whose bytes are made when their turn comes: a checkpoint need not lie in memory whole. */
export interface StreamedTensor {
  readonly key: string;
  /** As the format calls it: F32, F16, ... */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byteLength: number;
  readonly bytes: () => Uint8Array;
}

/**
 * Writes a .safetensors file, whole or not at all ({@link writeFileWhole}). The same tensors and metadata give the same
 * bytes: wider elements first (every tensor lies aligned), then by key; the header is padded with spaces to a multiple
 * of 8 bytes.
 *
 * @throws InputError where the folder is missing, read-only or full
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const entries = [...tensors].sort(byAlignmentThenKey).map(([key, { dtype, shape, data }]) => {
    checkEntry(key, shape, data.length);
    const bytes = () => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { key, dtype: storedAs[dtype], shape, byteLength: data.byteLength, bytes };
  });
  streamSafetensors(path, entries, metadata);
}

/** As {@link writeSafetensors}, in the order given, tensor by tensor. */
export function streamSafetensors(
  path: string,
  entries: readonly StreamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): void {
  const header = headerBytes(entries, metadata);
  writeFileWhole(path, function* () {
    yield header;
    for (const { bytes } of entries) yield bytes();
  });
}

type Named = readonly [string, TensorData];

function byAlignmentThenKey([keyA, a]: Named, [keyB, b]: Named): number {
  return b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || compare(keyA, keyB);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function headerBytes(
  entries: readonly StreamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const fields: [string, object][] = [];
  if (Object.keys(metadata).length > 0) {
    const sorted = Object.entries(metadata).sort(([a], [b]) => compare(a, b));
    fields.push(['__metadata__', Object.fromEntries(sorted)]);
  }
  let begin = 0;
  for (const { key, dtype, shape, byteLength } of entries) {
    const end = begin + byteLength;
    fields.push([key, { dtype, shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  return encodeHeader(fields);
}

function checkEntry(key: string, shape: readonly number[], length: number): void {
  if (key === '__metadata__') throw new Error('writeSafetensors: no tensor can be "__metadata__"');
  if (elementCount(shape) === length) return;
  throw new Error(
    `writeSafetensors: ${key} has ${length} numbers, its shape ${formatShape(shape)} needs ${elementCount(shape)}`,
  );
}

/** Text built field by field: an object would move keys that look like numbers to the front. */
function encodeHeader(fields: readonly (readonly [string, object])[]): Uint8Array {
  const members = fields.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const json = Buffer.from(`{${members.join(',')}}`, 'utf8');
  const bytes = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8), 0);
  json.copy(bytes, 8);
  return bytes;
}
