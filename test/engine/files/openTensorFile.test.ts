import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openTensorFile } from '../../../src-main/engine/files/openTensorFile.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { pickled, writeTorchZip, writeZip } from '../../support/craftTorch.ts';
import { requireGoldenPath } from '../../support/golden.ts';
import { readGolden } from '../../support/goldenTensors.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const { path } = temporaryFolder();
const golden = (name: string) => requireGoldenPath(`concepts/${name}`);
const expected = readGolden(golden('expected.safetensors'));
const seed = Math.floor(Math.random() * 2 ** 32);
const numbers = Float32Array.from({ length: 12 }, (_, index) => index);

/** The one tensor of a file. */
function onlyTensor(file: string) {
  const { tensors, read } = openTensorFile(file);
  expect(tensors.size).toBe(1);
  const [key] = tensors.keys();
  return { key, ...read(key) };
}

/** A file of one tensor "a", whose storage holds 0, 1, 2, ... */
function craft(tensor: Partial<Parameters<typeof pickled.tensor>[0]>, name = 'crafted.pt'): string {
  const whole = { elements: 12, shape: [2, 3], strides: [3, 1], ...tensor };
  writeTorchZip(path(name), pickled.whole(pickled.entry('a', pickled.tensor(whole))), numbers);
  return path(name);
}

/** 'read', 'refused', or what is wrong with the program. */
function outcomeOf(file: string): string {
  try {
    const { tensors, read } = openTensorFile(file);
    for (const key of tensors.keys()) read(key);
    return 'read';
  } catch (error) {
    return error instanceof InputError ? 'refused' : String(error);
  }
}

describe('files that torch wrote', () => {
  test.each([
    ['a1111.pt', 'emb_params', 'vectors'],
    ['a1111-parameter.pt', 'emb_params', 'vectors'],
    ['a1111-fp16.pt', 'emb_params', 'vectors_fp16'],
    ['a1111-legacy.pt', 'emb_params', 'vectors'],
    ['compvis-embeddings.pt', 'emb_params', 'vectors'],
    ['learned_embeds.bin', '<cute-cat>', 'vectors'],
    ['learned_embeds-1.bin', '<cute-cat>', 'vector0'],
    ['learned_embeds-view.bin', '<cute-cat>', 'vectors'],
    ['modifier-token.bin', '<cute-cat>', 'vector0'],
    ['tensor-only.pt', 'emb_params', 'vectors'],
  ])('%s holds %s', (name, key, values) => {
    const { shape, data } = expected.get(values)!;
    expect(onlyTensor(golden(name))).toEqual({ key, dtype: 'float32', shape, data });
  });

  test('words and numbers beside the tensors are kept', () => {
    const { metadata } = openTensorFile(golden('a1111-legacy.pt'));
    expect(Object.fromEntries(metadata)).toEqual({
      ...{ name: 'cute-cat', step: '500' },
      ...{ sd_checkpoint: '0badc0de', sd_checkpoint_name: 'tiny' },
    });
  });

  test('what a dict maps to no tensor is left out', () => {
    const { tensors } = openTensorFile(golden('pytorch_custom_diffusion_weights.bin'));
    expect(tensors.size).toBe(32);
    expect([...tensors.keys()].filter((key) => key.includes('attn1'))).toEqual([]);
  });

  test('one that asks for a function is refused by its name, and nothing is run', () => {
    const open = () => openTensorFile(golden('malicious.bin'));
    expect(open).toThrow(InputError);
    expect(open).toThrow(/malicious\.bin: the pickle asks for ".*print".*: nothing of it was run/);
  });
});

describe('a tensor is cut from its storage', () => {
  test.each([
    ['by its offset', { offset: 6 }, [6, 7, 8, 9, 10, 11]],
    ['along its strides', { shape: [3, 2], strides: [1, 3] }, [0, 3, 1, 4, 2, 5]],
    ['leaving gaps', { shape: [2, 2], strides: [8, 2], offset: 1 }, [1, 3, 9, 11]],
    ['of one number', { shape: [], strides: [], offset: 5 }, [5]],
    ['of none', { shape: [0, 3], strides: [3, 1] }, []],
  ])('%s', (_, tensor, values) => {
    expect([...onlyTensor(craft(tensor)).data]).toEqual(values);
  });

  test.each([
    ['Double', new Float64Array([1, 0.1]), [1, 0.1]],
    ['BFloat16', new Uint16Array([0x3f80, 0xc000]), [1, -2]],
    ['Long', new BigInt64Array([3n, -4n]), [3n, -4n]],
    ['Bool', new Uint8Array([1, 0]), [1, 0]],
  ])('of %s numbers', (type, storage, values) => {
    const tensor = { type: `${type}Storage`, elements: 2, shape: [2], strides: [1] };
    const pickle = pickled.whole(pickled.entry('a', pickled.tensor(tensor)));
    writeTorchZip(path('typed.pt'), pickle, storage);
    expect([...onlyTensor(path('typed.pt')).data]).toEqual(values);
  });

  test('which may be packed', () => {
    const tensor = { elements: 12, shape: [2], strides: [1], offset: 10 };
    const pickle = pickled.whole(pickled.entry('a', pickled.tensor(tensor)));
    writeTorchZip(path('packed.pt'), pickle, numbers, { deflated: true });
    expect([...onlyTensor(path('packed.pt')).data]).toEqual([10, 11]);
  });

  test.each([
    ['too long', { shape: [5, 3] }],
    ['beyond its end', { offset: 7 }],
    ['of more numbers than there are', { shape: [1000, 1000], strides: [0, 0] }],
    [
      'of more numbers than can be counted',
      { shape: [2 ** 31 - 1, 2 ** 31 - 1, 1000], strides: [0, 0, 0] },
    ],
    ['at a negative place', { offset: -1 }],
    ['with an axis without stride', { shape: [2, 3], strides: [1] }],
    ['larger than its entry', { elements: 1_000_000_000, shape: [1_000_000_000], strides: [1] }],
  ])('but not one %s', (_, tensor) => {
    const file = craft(tensor);
    expect(() => onlyTensor(file)).toThrow(InputError);
    expect(() => onlyTensor(file)).toThrow(/crafted\.pt: .*the file is damaged/);
  });
});

describe('refused without being run', () => {
  const { whole, entry, text, number, global } = pickled;
  /** The newest protocol's way to name a function. */
  const stackGlobal = Buffer.concat([text('os'), text('system'), Buffer.from([0x93])]);

  test.each([
    ['a function', whole(global('os', 'system')), /asks for "os\.system", which/],
    ['a function of another protocol', whole(stackGlobal), /asks for "os\.system", which/],
    ['a function of a name that is none', whole('}}', Buffer.from([0x93])), /by what is no text/],
    [
      'a storage that is called',
      whole(global('torch', 'FloatStorage'), ')R'),
      /calls FloatStorage/,
    ],
    ['an instruction of protocol 0', whole('(S"x"\np0\n'), /has the instruction 0x53/],
    ['an import by INST', whole('(ios\nsystem\n'), /has the instruction 0x69/],
    ['a call of a text', whole(text('print'), ')R'), /calls what is no function/],
    ['a state for a number', whole(number(1), '}b'), /gives a state to what has none/],
    ['an empty stack', whole('0'), /takes from an empty stack/],
    ['a stack that ends at a mark', whole('}(0'), /takes from an empty stack/],
    ['a mark that is not there', whole('t'), /goes back to a mark/],
    ['a value that was not kept', whole('h\x05'), /recalls value 5/],
    ['a key without a value', whole('}(', text('a'), 'u'), /has a key without a value/],
    ['a text beyond the end', whole('X\xff\xff\xff\x7f'), /ends before byte/],
    ['no end', Buffer.from([0x80, 2, 0x7d]), /ends before byte/],
    ['no tensors', whole(entry('a', number(1))), /holds no tensors with names/],
    ['a list', whole(']'), /holds no tensors with names/],
  ])('%s', (_, pickle, message) => {
    writeTorchZip(path('hostile.pt'), pickle, numbers);
    expect(() => openTensorFile(path('hostile.pt'))).toThrow(InputError);
    expect(() => openTensorFile(path('hostile.pt'))).toThrow(message);
  });

  test('lists in lists, however deep, and a list that holds itself', () => {
    const deep = whole(']'.repeat(200_000), 'a'.repeat(199_999));
    const endless = whole(']', Buffer.from('q\x00h\x00a'));
    for (const pickle of [deep, endless]) {
      writeTorchZip(path('deep.pt'), pickle, numbers);
      expect(() => openTensorFile(path('deep.pt'))).toThrow(/holds no tensors/);
    }
  });
});

describe('damaged archives', () => {
  const pickle = pickled.whole(
    pickled.entry('a', pickled.tensor({ elements: 12, shape: [12], strides: [1] })),
  );
  const open = (options: Parameters<typeof writeTorchZip>[3]) => {
    writeTorchZip(path('damaged.pt'), pickle, numbers, options);
    return () => onlyTensor(path('damaged.pt'));
  };

  test.each([
    ['another checksum', { claimedChecksum: 1 }, /"x\/data\/0" has another checksum/],
    ['another size', { claimedSize: 47 }, /to hold 12 numbers of F32, but there are 47 bytes/],
    ['a bomb', { deflated: true, claimedSize: 2 ** 31 }, /but there are 2147483648 bytes/],
  ])('%s', (_, options, message) => {
    expect(open(options)).toThrow(InputError);
    expect(open(options)).toThrow(message);
  });

  test('an entry that unpacks to more than it says', () => {
    writeZip(path('bomb.pt'), [
      { name: 'x/data.pkl', bytes: Buffer.alloc(10_000_000), deflated: true, claimedSize: 100 },
    ]);
    expect(() => openTensorFile(path('bomb.pt'))).toThrow(/does not unpack to 100 bytes/);
  });

  test('none but of files that end early, at whatever byte', () => {
    for (const name of ['a1111.pt', 'a1111-legacy.pt']) {
      const bytes = readFileSync(golden(name));
      for (let length = 33; length < bytes.length; length += 7) {
        writeFileSync(path('short.pt'), bytes.subarray(0, length));
        expect(() => onlyTensor(path('short.pt')), `${name}, ${length} bytes`).toThrow(InputError);
      }
    }
  });

  test(`changed bytes, at random places (seed ${seed})`, () => {
    const random = seededRandom(seed);
    for (const name of ['a1111.pt', 'a1111-legacy.pt', 'compvis-embeddings.pt']) {
      const bytes = readFileSync(golden(name));
      for (let round = 0; round < 200; round++) {
        const changed = Buffer.from(bytes);
        for (let change = 0; change < 3; change++) {
          changed[4 + Math.floor(random() * (bytes.length - 4))] = Math.floor(random() * 256);
        }
        writeFileSync(path('changed.pt'), changed);
        expect(outcomeOf(path('changed.pt')), `${name}, round ${round}`).toMatch(/read|refused/);
      }
    }
  });

  test('a zip archive of something else', () => {
    writeZip(path('other.zip'), [{ name: 'note.txt', bytes: Buffer.from('x') }]);
    expect(() => openTensorFile(path('other.zip'))).toThrow(/has no data\.pkl/);
  });
});
