import { writeFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';

/** Opcodes of a pickle, protocol 2, as bytes: for files that torch itself would not write. */
export const pickled = {
  text: (text: string) =>
    Buffer.concat([Buffer.from('X'), uint32(Buffer.byteLength(text)), Buffer.from(text)]),
  number: (value: number) => Buffer.concat([Buffer.from('J'), int32(value)]),
  global: (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`),
  tuple: (...parts: readonly Buffer[]) => bytes('(', ...parts, 't'),
  /** A dict of one entry. */
  entry: (key: string, value: Buffer) => bytes('}', pickled.text(key), value, 's'),
  /** A tensor as torch describes it. */
  tensor: (tensor: CraftedTensor) =>
    bytes(
      pickled.global('torch._utils', '_rebuild_tensor_v2'),
      pickled.tuple(
        storage(tensor),
        pickled.number(tensor.offset ?? 0),
        pickled.tuple(...tensor.shape.map(pickled.number)),
        pickled.tuple(...tensor.strides.map(pickled.number)),
        Buffer.from([0x89]),
        bytes('}'),
      ),
      'R',
    ),
  whole: (...parts: readonly (Buffer | string)[]) => bytes(Buffer.from([0x80, 2]), ...parts, '.'),
};

export interface CraftedTensor {
  readonly type?: string;
  readonly elements: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

function storage({ type = 'FloatStorage', elements }: CraftedTensor): Buffer {
  const { text, global, number, tuple } = pickled;
  return bytes(
    tuple(text('storage'), global('torch', type), text('0'), text('cpu'), number(elements)),
    'Q',
  );
}

function bytes(...parts: readonly (Buffer | string)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

export interface CraftedEntry {
  readonly name: string;
  readonly bytes: Buffer;
  readonly deflated?: boolean;
  /** What the directory says instead of the truth. */
  readonly claimedSize?: number;
  readonly claimedChecksum?: number;
}

/** Writes a zip archive. */
export function writeZip(path: string, entries: readonly CraftedEntry[]): void {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes: content, deflated, claimedSize, claimedChecksum } of entries) {
    const packed = deflated ? deflateRawSync(content) : content;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(deflated ? 8 : 0, 4);
    fields.writeUInt32LE(claimedChecksum ?? crc32(content), 10);
    fields.writeUInt32LE(deflated ? packed.length : (claimedSize ?? packed.length), 14);
    fields.writeUInt32LE(claimedSize ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = bytes('PK\x03\x04', fields, name, packed);
    locals.push(local);
    records.push(
      bytes('PK\x01\x02', Buffer.alloc(2), fields, Buffer.alloc(10), uint32(offset), name),
    );
    offset += local.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  writeFileSync(path, bytes(...locals, directory, 'PK\x05\x06', end));
}

/** Writes what torch.save would: a pickle, and the numbers of its one storage. */
export function writeTorchZip(
  path: string,
  pickle: Buffer,
  numbers: ArrayBufferView,
  options: Omit<CraftedEntry, 'name' | 'bytes'> = {},
): void {
  writeZip(path, [
    { name: 'x/data.pkl', bytes: pickle },
    {
      name: 'x/data/0',
      bytes: Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength),
      ...options,
    },
  ]);
}
