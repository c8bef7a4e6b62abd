/**
 * What torch.save writes (torch 2.5, torch/serialization.py): a pickle that names tensors by their storages, which lie
 * beside it: as entries of a zip archive, or, before torch 1.6, one after the other behind it.
 */
import { InputError } from '../../../src-shared/inputError.ts';
import { elementCount, formatShape, type Shape } from '../tensor/shape.ts';
import type { TensorData } from '../tensor/tensorData.ts';
import { readInto, withFile } from './fileAccess.ts';
import { PickleGlobal, readPickle, type Substitute } from './pickle.ts';
import { bytesPerElement, decodeTensor, type StoredDType } from './storedDType.ts';
import { isCount, quote } from './storedValues.ts';
import { openZip, readZipEntry, type ZipArchive } from './zipArchive.ts';

/** Bytes of a pickle, which names tensors and does not hold them. */
const pickleLimit = 2 ** 26;
/** Begins a file of the old kind: torch.serialization.MAGIC_NUMBER. */
const magicNumber = 0x1950a86a20f9469cfc6cn;
const oldProtocol = 1001;

/** Numbers of one type in a row, which tensors are cut from. */
interface Storage {
  readonly dtype: StoredDType;
  readonly key: string;
  readonly elements: number;
}

/** A tensor as a pickle describes it; its numbers stay in the file. */
export class PickledTensor {
  readonly dtype: StoredDType;
  readonly shape: Shape;
  readonly storage: Storage;
  /** Of its first element in the storage, and from one to the next along each axis; in elements. */
  readonly offset: number;
  readonly strides: readonly number[];

  constructor(storage: Storage, offset: number, shape: Shape, strides: readonly number[]) {
    this.dtype = storage.dtype;
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

export interface TorchFile {
  /** What was saved: a tensor, or maps with tensors in them. */
  readonly value: unknown;
  read(tensor: PickledTensor): TensorData;
}

/** Bytes of a storage from `start` to `end`. */
type ReadStorage = (storage: Storage, start: number, end: number) => Buffer;

/** Opens a file of torch.save. @throws InputError where it is damaged, or names anything but tensors and plain values */
export function openTorchFile(path: string, isZip: boolean): TorchFile {
  const { value, readStorage } = isZip ? openArchive(path) : openOldFile(path);
  return {
    value,
    read: ({ dtype, shape, storage, offset, strides }) => {
      const size = bytesPerElement(dtype);
      const count = elementCount(shape) === 0 ? 0 : lastElement(shape, strides) + 1;
      const bytes = readStorage(storage, offset * size, (offset + count) * size);
      return decodeTensor(dtype, gather(bytes, size, shape, strides), shape);
    },
  };
}

interface OpenedFile {
  readonly value: unknown;
  readonly readStorage: ReadStorage;
}

function openArchive(path: string): OpenedFile {
  const archive = openZip(path);
  const name = [...archive.entries.keys()].find((entry) => /(^|\/)data\.pkl$/.test(entry));
  if (name === undefined) {
    throw new InputError(`${path}: the archive has no data.pkl: torch.save did not write it`);
  }
  const folder = name.slice(0, -'data.pkl'.length);
  requireLittleEndian(archive, folder);
  const { size } = archive.entries.get(name)!;
  if (size > pickleLimit) throw pickleTooLarge(path, size);
  const { value } = readPickle(readZipEntry(archive, name), torchReader(path));
  return {
    value,
    readStorage: (storage, start, end) => {
      const entry = `${folder}data/${storage.key}`;
      const bytes = storage.elements * bytesPerElement(storage.dtype);
      const found = archive.entries.get(entry)?.size;
      if (found !== undefined && found !== bytes) throw storageDamaged(path, storage, found);
      return readZipEntry(archive, entry, start, end);
    },
  };
}

function requireLittleEndian(archive: ZipArchive, folder: string): void {
  const entry = archive.entries.get(`${folder}byteorder`);
  if (!entry || entry.size > 16) return;
  const order = readZipEntry(archive, `${folder}byteorder`).toString('latin1').trim();
  if (order === 'little') return;
  throw new InputError(`${archive.path}: its numbers are in ${quote(order)} order: save it again`);
}

/** Magic number, protocol, system, value and keys of its storages, a pickle each; then the storages. */
function openOldFile(path: string): OpenedFile {
  const start = withFile(path, (descriptor, size) =>
    readInto(descriptor, Buffer.alloc(Math.min(size, pickleLimit)), 0, path),
  );
  const storages = new Map<string, Storage>();
  const reader = torchReader(path, storages);
  const magic = readPickle(start, reader);
  if (magic.value !== magicNumber) {
    throw new InputError(`${path}: torch.save did not write this pickle, so it holds no tensors`);
  }
  const protocol = readPickle(start, reader, magic.end);
  const system = readPickle(start, reader, protocol.end);
  const isLittle = system.value instanceof Map && system.value.get('little_endian') === true;
  if (protocol.value !== oldProtocol || !isLittle) {
    throw new InputError(`${path}: torch on another kind of machine wrote it: save it again`);
  }
  const value = readPickle(start, reader, system.end);
  const keys = readPickle(start, reader, value.end);
  const offsets = placesOf(path, storages, keys.value, keys.end);
  return {
    value: value.value,
    readStorage: (storage, from, to) =>
      withFile(path, (descriptor) =>
        readInto(descriptor, Buffer.alloc(to - from), offsets.get(storage.key)! + from, path),
      ),
  };
}

/** Where the numbers of each storage begin: behind their count, in the order of the keys. */
function placesOf(
  path: string,
  storages: ReadonlyMap<string, Storage>,
  keys: unknown,
  start: number,
): Map<string, number> {
  if (!Array.isArray(keys)) throw new InputError(`${path}: its list of storages is damaged`);
  return withFile(path, (descriptor, size) => {
    const places = new Map<string, number>();
    let at = start;
    for (const key of keys) {
      const storage = storages.get(key);
      if (!storage || places.has(key)) throw new InputError(`${path}: its storages are damaged`);
      const count = readInto(descriptor, Buffer.alloc(8), at, path).readBigInt64LE(0);
      const bytes = storage.elements * bytesPerElement(storage.dtype);
      places.set(key, at + 8);
      at += 8 + bytes;
      if (count !== BigInt(storage.elements) || at > size) {
        throw storageDamaged(path, storage, size - (at - bytes));
      }
    }
    for (const storage of storages.values()) {
      if (!places.has(storage.key)) throw storageDamaged(path, storage, 0);
    }
    return places;
  });
}

function pickleTooLarge(path: string, size: number): InputError {
  return new InputError(`${path}: its pickle has ${size} bytes, the limit is ${pickleLimit}`);
}

function storageDamaged(path: string, { key, elements, dtype }: Storage, found: number) {
  return new InputError(
    `${path}: storage ${quote(key)} is to hold ${elements} numbers of ${dtype}, but there are ${found} bytes: the file is damaged or incomplete`,
  );
}

const storageTypes = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  DoubleStorage: 'F64',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
} as const satisfies Record<string, StoredDType>;

/** @param storages those that the pickle names, by key */
function torchReader(path: string, storages = new Map<string, Storage>()) {
  const damaged = (what: string) => new InputError(`${path}: ${what}: the file is damaged`);
  const uncalled = (name: string) => () => {
    throw damaged(`the pickle calls ${name}`);
  };
  const globals = new Map<string, Substitute>([
    ...Object.keys(storageTypes).map((name) => [`torch.${name}`, uncalled(name)] as const),
    ['torch._utils._rebuild_tensor', (args) => rebuildTensor(args, damaged)],
    ['torch._utils._rebuild_tensor_v2', (args) => rebuildTensor(args, damaged)],
    ['torch._utils._rebuild_parameter', ([data]) => data],
    ['torch.Size', ([sizes = []]) => sizes],
    ['torch.nn.modules.container.ParameterDict', () => new Map()],
    ['collections.OrderedDict', ([pairs]) => orderedDict(pairs)],
    ['builtins.set', ([items]) => new Set(Array.isArray(items) ? items : [])],
    ['__builtin__.set', ([items]) => new Set(Array.isArray(items) ? items : [])],
  ]);
  const persistent = (id: unknown) => {
    const storage = parseStorage(id);
    if (!storage) throw damaged('the pickle names a storage in an unknown way');
    storages.set(storage.key, storage);
    return storage;
  };
  return { path, globals, persistent };
}

function orderedDict(pairs: unknown): Map<unknown, unknown> {
  const entries = Array.isArray(pairs) ? pairs.filter((pair) => Array.isArray(pair)) : [];
  return new Map(entries.map(([key, value]) => [key, value]));
}

/** ('storage', type, key, device, elements), and in old files a view of it, which is none here. */
function parseStorage(id: unknown): Storage | undefined {
  if (!Array.isArray(id)) return undefined;
  const [kind, type, key, , elements, view = null] = id;
  if (kind !== 'storage' || !(type instanceof PickleGlobal) || view !== null) return undefined;
  const name = type.name.slice('torch.'.length);
  if (!isStorageType(name) || typeof key !== 'string' || !isCount(elements)) return undefined;
  return { dtype: storageTypes[name], key, elements };
}

function isStorageType(name: string): name is keyof typeof storageTypes {
  return Object.hasOwn(storageTypes, name);
}

/** torch._utils._rebuild_tensor(storage, storage_offset, size, stride); in v2 what training needs follows. */
function rebuildTensor(
  [storage, offset, size, strides]: readonly unknown[],
  damaged: (what: string) => InputError,
): PickledTensor {
  if (!isStorage(storage) || !isCount(offset) || !isCounts(size) || !isCounts(strides)) {
    throw damaged('the pickle describes a tensor in an unknown way');
  }
  const count = size.reduce((product, length) => product * length, 1);
  const end = count === 0 ? offset : offset + lastElement(size, strides) + 1;
  // One that shows some numbers twice could be larger than any file.
  const fits = count <= storage.elements && end <= storage.elements;
  if (size.length !== strides.length || !fits) {
    throw damaged(
      `a tensor ${formatShape(size)} does not fit into its storage of ${storage.elements} numbers`,
    );
  }
  return new PickledTensor(storage, offset, [...size], [...strides]);
}

function isStorage(value: unknown): value is Storage {
  return typeof value === 'object' && value !== null && 'elements' in value;
}

/** Sizes along axes, of which there are never many. */
function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 16 && value.every(isCount);
}

/** Distance from the first element to the last, for a tensor that has any. */
function lastElement(shape: Shape, strides: readonly number[]): number {
  return shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis], 0);
}

function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  return shape.every(
    (length, axis) => length === 1 || strides[axis] === elementCount(shape.slice(axis + 1)),
  );
}

/** The elements in row-major order, in a buffer of their own. */
function gather(
  bytes: Buffer,
  elementSize: number,
  shape: Shape,
  strides: readonly number[],
): ArrayBuffer {
  if (isContiguous(shape, strides)) return new Uint8Array(bytes).buffer;
  const count = elementCount(shape);
  const gathered = new Uint8Array(count * elementSize);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let element = 0; element < count; element++) {
    const start = from * elementSize;
    gathered.set(bytes.subarray(start, start + elementSize), element * elementSize);
    // one further along the last axis, carried over as digits are
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++;
      from += strides[axis];
      if (index[axis] < shape[axis]) break;
      from -= shape[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return gathered.buffer;
}
