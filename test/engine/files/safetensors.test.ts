import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSafetensors, readTensor } from '../../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../../src-main/engine/files/writeSafetensors.ts';
import type { TensorData } from '../../../src-main/engine/tensor/tensorData.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { craft } from '../../support/craftSafetensors.ts';
import { goldenPath } from '../../support/golden.ts';
import { readGolden } from '../../support/goldenTensors.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const { folder } = temporaryFolder();
const eight = new Uint8Array(8);
const good = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';

describe('reading', () => {
  test.each(['tiny-sd1/text_encoder/model.safetensors', 'schedulers-diffusers-0.17.0.safetensors'])(
    'every tensor of %s has the reference values',
    (name) => {
      const path = goldenPath(name)!;
      const file = openSafetensors(path);
      const expected = readGolden(path);
      expect([...file.tensors.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [key, tensor] of expected) expect(readTensor(file, key)).toEqual(tensor);
    },
  );

  test('half floats are widened, integers and booleans kept', () => {
    const header = {
      half: { dtype: 'F16', shape: [3], data_offsets: [0, 6] },
      brain: { dtype: 'BF16', shape: [2], data_offsets: [6, 10] },
      integer: { dtype: 'I32', shape: [], data_offsets: [10, 14] },
      truth: { dtype: 'BOOL', shape: [2, 1], data_offsets: [14, 16] },
      nothing: { dtype: 'F32', shape: [0, 4], data_offsets: [16, 16] },
    };
    // 1, -2, smallest subnormal; 1, -3; -2; true, false
    const bytes = [0, 0x3c, 0, 0xc0, 1, 0, 0x80, 0x3f, 0x40, 0xc0, 0xfe, 0xff, 0xff, 0xff, 1, 0];
    const path = craft(join(folder, 'types'), JSON.stringify(header), Uint8Array.from(bytes));
    const file = openSafetensors(path);
    const read = (key: string) => [...readTensor(file, key).data];
    expect(read('half')).toEqual([1, -2, 2 ** -24]);
    expect(read('brain')).toEqual([1, -3]);
    expect(read('integer')).toEqual([-2n]);
    expect(read('truth')).toEqual([1, 0]);
    expect(read('nothing')).toEqual([]);
    expect(readTensor(file, 'nothing').shape).toEqual([0, 4]);
  });

  test('a key that is not there is named', () => {
    const path = craft(join(folder, 'one'), `{"a":${good}}`, eight);
    expect(() => readTensor(openSafetensors(path), 'b')).toThrow(`${path}: no tensor "b"`);
  });
});

describe('hostile headers', () => {
  const entry = (changes: object) =>
    JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } });
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['no brace', ' {}', /its header does not begin with "\{"/],
    ['no JSON', '{"a":', /its header is not JSON/],
    ['a text that never ends', '{"a', /its header is not JSON/],
    ['a bad escape in a key', '{"\\u00":1}', /its header is not JSON/],
    ['deep nesting', `{"a":${'['.repeat(100_000)}`, /nested more than 4 levels deep/],
    ['a key twice', `{"a":${good},"a":${good}}`, /its header names "a" twice/],
    ['a key twice in disguise', `{"a":${good},"\\u0061":${good}}`, /its header names "a" twice/],
    ['a field twice', '{"a":{"dtype":"F32","dtype":"F16"}}', /its header names "dtype" twice/],
    [
      'metadata that is no text',
      '{"__metadata__":{"a":1}}',
      /__metadata__ "a" is 1, expected a text/,
    ],
    ['metadata that is a list', '{"__metadata__":[]}', /__metadata__ is \[\], expected an object/],
    ['a tensor that is a number', '{"a":3}', /tensor "a": dtype is absent, expected one of BOOL/],
    ['a tensor that is null', '{"a":null}', /tensor "a": dtype is absent/],
    [
      'an unknown dtype',
      entry({ dtype: 'F17' }),
      /tensor "a": dtype is "F17", expected one of BOOL/,
    ],
    ['an inherited dtype', entry({ dtype: 'toString' }), /dtype is "toString", expected one of/],
    ['no shape', entry({ shape: undefined }), /tensor "a": shape is absent, expected a list/],
    [
      'a negative size',
      entry({ shape: [-2] }),
      /tensor "a": shape is \[-2\], expected a list of whole/,
    ],
    ['a fraction', entry({ shape: [1.5] }), /shape is \[1.5\], expected a list of whole numbers/],
    ['an overflowing shape', entry({ shape: [2 ** 40, 2 ** 40] }), /is too large for any file/],
    [
      'an infinite size',
      '{"a":{"dtype":"U8","shape":[1e999],"data_offsets":[0,8]}}',
      /shape is \[null\]/,
    ],
    [
      'one offset',
      entry({ data_offsets: [8] }),
      /data_offsets is \[8\], expected two whole numbers/,
    ],
    [
      'a negative offset',
      entry({ data_offsets: [-8, 0] }),
      /data_offsets is \[-8,0\], expected two/,
    ],
    ['offsets as text', entry({ data_offsets: ['0', '8'] }), /expected two whole numbers/],
    [
      'offsets swapped',
      entry({ data_offsets: [8, 0] }),
      /data_offsets is \[8,0\], expected begin <= end/,
    ],
    [
      'offsets outside',
      entry({ data_offsets: [8, 16] }),
      /end at 16, but the file holds only 8 bytes/,
    ],
    ['huge offsets', entry({ data_offsets: [0, 2 ** 53] }), /expected two whole numbers/],
    ['too many bytes', entry({ shape: [1] }), /hold 8 bytes, but F32 \[1\] needs 4/],
    [
      'an odd number of narrow floats',
      entry({ dtype: 'F4', shape: [3] }),
      /but F4 \[3\] needs 1.5/,
    ],
    [
      'a hole',
      entry({ shape: [1], data_offsets: [4, 8] }),
      /4 bytes before tensor "a" belong to no/,
    ],
    ['a rest', entry({ shape: [1], data_offsets: [0, 4] }), /the last 4 bytes belong to no tensor/],
    [
      'an overlap',
      `{"a":${good},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`,
      /"b" overlaps/,
    ],
    ['the same bytes twice', `{"a":${good},"b":${good}}`, /tensor "b" overlaps another one/],
  ];

  test.each(cases)('%s', (name, header, message) => {
    const path = craft(join(folder, `hostile ${name}`), header, eight);
    expect(() => openSafetensors(path)).toThrow(InputError);
    expect(() => openSafetensors(path)).toThrow(message);
    expect(() => openSafetensors(path)).toThrow(path);
  });

  test.each([
    ['10 GB', 10n * 2n ** 30n, /its header claims 10737418240 bytes, the limit is 100000000/],
    ['2^64 - 1', 2n ** 64n - 1n, /its header claims 18446744073709551615 bytes, the limit/],
    ['more than the file has', 1000n, /its header claims 1000 bytes, but the file has only 18/],
    ['nothing', 0n, /its header does not begin with "\{"/],
  ])('a header length of %s', (name, length, message) => {
    const path = craft(join(folder, `length ${name}`), '{}', eight, length);
    expect(() => openSafetensors(path)).toThrow(message);
  });

  test('a header that is not UTF-8', () => {
    const path = join(folder, 'latin1');
    writeFileSync(path, Buffer.from([5, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0xe9, 0x22, 0x7d]));
    expect(() => openSafetensors(path)).toThrow(/its header is not UTF-8/);
  });

  test('lists that would exhaust the memory', () => {
    const header = `{"a":[${'0,'.repeat(4_000_001)}0]}`;
    const path = craft(join(folder, 'list'), header);
    expect(() => openSafetensors(path)).toThrow(/its header has more than 4000000 entries/);
  });

  test('files that are something else, and no files', () => {
    const write = (name: string, content: string) => {
      writeFileSync(join(folder, name), content, 'latin1');
      return join(folder, name);
    };
    const convert = /pickle.*convert the file to \.safetensors/;
    expect(() => openSafetensors(write('zip.ckpt', 'PK\x03\x04archive/data.pkl'))).toThrow(convert);
    expect(() => openSafetensors(write('old.pt', '\x80\x02\x8a\nl\xfc\x9cF'))).toThrow(convert);
    const pointer = 'version https://git-lfs.github.com/spec/v1';
    expect(() => openSafetensors(write('lfs', pointer))).toThrow(/is a Git LFS pointer.*lfs pull/);
    expect(() => openSafetensors(write('page', '<!DOCTYPE html>'))).toThrow(/is a web page/);
    expect(() => openSafetensors(write('gguf', 'GGUF\x03\0\0\0'))).toThrow(/is a GGUF file/);
    expect(() => openSafetensors(write('empty', ''))).toThrow(/0 bytes are too few/);
    expect(() => openSafetensors(join(folder, 'absent'))).toThrow(/absent: no such file or folder/);
    expect(() => openSafetensors(folder)).toThrow(/expected a file, this is a folder/);
  });

  test('lengths that look like the signature of a pickle are read all the same', () => {
    const padded = '{}'.padEnd(0x0280);
    expect(openSafetensors(craft(join(folder, 'length 0x0280'), padded)).tensors.size).toBe(0);
  });
});

test('a damaged file gives an InputError or a file within its bounds, never another fault', () => {
  const seed = Date.now() % 2 ** 31;
  console.info(`fuzz seed ${seed}`);
  const random = seededRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const original = readFileSync(goldenPath('tiny-sd1-golden/unet.safetensors')!);
  const headerEnd = 8 + Number(original.readBigUInt64LE(0));
  const path = join(folder, 'fuzz');
  let refused = 0;
  for (let round = 0; round < 600; round++) {
    const damaged = Buffer.from(original);
    const changes = 1 + below(4);
    for (let change = 0; change < changes; change++) damaged[below(headerEnd)] = below(256);
    const size = round % 3 === 0 ? below(original.length) : original.length;
    writeFileSync(path, damaged.subarray(0, size));
    refused += Number(isRefused(path, size));
  }
  // Some changes only rename a tensor.
  expect(refused).toBeGreaterThan(300);
});

function isRefused(path: string, size: number): boolean {
  try {
    for (const { offset, byteLength } of openSafetensors(path).tensors.values()) {
      expect(offset + byteLength).toBeLessThanOrEqual(size);
    }
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return true;
  }
}

describe('writing', () => {
  const tensors = new Map<string, TensorData>([
    ['b', { dtype: 'float32', shape: [2, 1], data: new Float32Array([1, -2.5]) }],
    ['7', { dtype: 'uint8', shape: [3], data: new Uint8Array([5, 6, 7]) }],
    ['a "quoted" \u00e9', { dtype: 'int64', shape: [], data: new BigInt64Array([-(2n ** 62n)]) }],
    ['c', { dtype: 'float64', shape: [1], data: new Float64Array([Math.PI]) }],
    ['empty', { dtype: 'float32', shape: [0, 3], data: new Float32Array(0) }],
  ]);

  test('what is written is read back', () => {
    const path = join(folder, 'written.safetensors');
    writeSafetensors(path, tensors, { step: '7', format: 'pt' });
    const file = openSafetensors(path);
    expect([...file.metadata]).toEqual([
      ['format', 'pt'],
      ['step', '7'],
    ]);
    expect(file.tensors.size).toBe(tensors.size);
    for (const [key, tensor] of tensors) expect(readTensor(file, key)).toEqual(tensor);
    for (const [key, { offset }] of file.tensors) {
      expect(offset % tensors.get(key)!.data.BYTES_PER_ELEMENT).toBe(0);
    }
  });

  test('the order of tensors and metadata does not change the bytes', () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    writeSafetensors(first, tensors, { a: '1', b: '2' });
    writeSafetensors(second, new Map([...tensors].reverse()), { b: '2', a: '1' });
    expect(readFileSync(second)).toEqual(readFileSync(first));
  });

  test('a view writes its own numbers only', () => {
    const path = join(folder, 'view');
    const data = new Float32Array([0, 1, 2, 3]).subarray(1, 3);
    writeSafetensors(path, new Map([['view', { dtype: 'float32', shape: [2], data }]]));
    expect([...readTensor(openSafetensors(path), 'view').data]).toEqual([1, 2]);
  });

  test('a failure leaves the old file and no other', () => {
    const own = join(folder, 'own');
    mkdirSync(own);
    const path = join(own, 'kept.safetensors');
    writeSafetensors(path, tensors);
    const before = readFileSync(path);
    const wrong: TensorData = { dtype: 'float32', shape: [3], data: new Float32Array(2) };
    expect(() => writeSafetensors(path, new Map([['wrong', wrong]]))).toThrow(
      'writeSafetensors: wrong has 2 numbers, its shape [3] needs 3',
    );
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(own)).toEqual(['kept.safetensors']);
  });

  test('a folder that is not there, or a folder in the way, is named', () => {
    const path = join(folder, 'missing', 'x.safetensors');
    expect(() => writeSafetensors(path, tensors)).toThrow(InputError);
    expect(() => writeSafetensors(path, tensors)).toThrow(`${path}: no such file or folder`);
    const taken = join(folder, 'taken');
    mkdirSync(taken);
    expect(() => writeSafetensors(taken, tensors)).toThrow(`${taken}: this is a folder`);
    expect(existsSync(`${taken}.${process.pid}.tmp`)).toBe(false);
  });
});
