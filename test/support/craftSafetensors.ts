import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';

/** Writes length, header text and data as they are, right or wrong. */
export function craft(
  path: string,
  header: string,
  data = new Uint8Array(0),
  length?: bigint,
): string {
  const text = Buffer.from(header, 'utf8');
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(text.length));
  writeFileSync(path, Buffer.concat([prefix, text, data]));
  return path;
}

const bytesOf: Readonly<Record<string, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  F8_E4M3: 1,
};

export interface PlannedTensor {
  readonly key: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** A well-formed file of any size that takes no room on the disk: its data is a hole. */
export function craftSparse(
  path: string,
  tensors: readonly PlannedTensor[],
  metadata?: Readonly<Record<string, string>>,
): string {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let end = 0;
  for (const { key, dtype, shape } of tensors) {
    const begin = end;
    end += shape.reduce((product, size) => product * size, bytesOf[dtype]);
    header[key] = { dtype, shape, data_offsets: [begin, end] };
  }
  craft(path, JSON.stringify(header));
  return extend(path, 8 + Buffer.byteLength(JSON.stringify(header)) + end);
}

function extend(path: string, size: number): string {
  const descriptor = openSync(path, 'r+');
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
  return path;
}
