import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bindWeights } from '../../src-main/engine/checkpoint/bindWeights.ts';
import { vjp } from '../../src-main/engine/tensor/gradient.ts';
import { createGraph, type Graph } from '../../src-main/engine/tensor/graph.ts';
import { add } from '../../src-main/engine/tensor/ops/add.ts';
import { cast } from '../../src-main/engine/tensor/ops/cast.ts';
import { constant } from '../../src-main/engine/tensor/ops/constant.ts';
import { gather } from '../../src-main/engine/tensor/ops/gather.ts';
import { gemm } from '../../src-main/engine/tensor/ops/gemm.ts';
import { input } from '../../src-main/engine/tensor/ops/input.ts';
import { mul } from '../../src-main/engine/tensor/ops/mul.ts';
import { split } from '../../src-main/engine/tensor/ops/split.ts';
import { weight } from '../../src-main/engine/tensor/ops/weight.ts';
import type { DType, Tensor, WeightLocation } from '../../src-main/engine/tensor/tensor.ts';
import { int64Data } from '../../src-main/engine/tensor/tensorData.ts';
import { roundToBfloat16 } from '../support/reference/elementwise.ts';
import { evaluate } from '../support/reference/evaluate.ts';
import { runGraph, worstError } from '../support/runGraph.ts';
import { normals, seededRandom, testSeed } from '../support/seededRandom.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

const shape = [5, 7];
const count = 35;
const numbers = normals(seededRandom(testSeed), count);

/** Little-endian bytes of the numbers in a storage type. */
function encode(dtype: DType): Uint8Array<ArrayBuffer> {
  switch (dtype) {
    case 'float32':
      return new Uint8Array(Float32Array.from(numbers).buffer);
    case 'float64':
      return new Uint8Array(Float64Array.from(numbers).buffer);
    case 'float16':
      return new Uint8Array(Float16Array.from(numbers).buffer);
    case 'bfloat16': {
      const rounded = new Uint32Array(Float32Array.from(numbers, roundToBfloat16).buffer);
      return new Uint8Array(Uint16Array.from(rounded, (bits) => bits >>> 16).buffer);
    }
    default:
      throw new Error(`no weights are stored as ${dtype}`);
  }
}

/** Writes the numbers behind so many other bytes and in front of some more. */
function stored(name: string, dtype: DType, offset: number): Tensor {
  const file = join(folder, name);
  const bytes = encode(dtype);
  const behind = new Uint8Array(9).fill(0xee);
  writeFileSync(file, Buffer.concat([new Uint8Array(offset).fill(0xff), bytes, behind]));
  return weight(name, shape, dtype, { file, offset, byteLength: bytes.length });
}

/** A graph that uses a weight as it is and transposed, as a forward and a backward pass do. */
function usesOf(stored: Tensor) {
  const values = cast(stored, 'float32');
  const rows = input('rows', [2, 7]);
  const product = gemm(rows, values, { transposeB: true });
  return createGraph({ product, back: gemm(product, values), values: mul(values, 1) });
}

const feeds = { rows: Float64Array.from(normals(seededRandom(3), 14), Math.fround) };

async function expectReference(graph: ReturnType<typeof createGraph>) {
  const actual = await runGraph(graph, feeds);
  const expected = evaluate(graph, feeds);
  for (const name of graph.outputs.keys()) {
    expect(worstError(actual[name], expected[name]), name).toBeLessThan(1e-6);
  }
  return actual;
}

describe('weights in files', () => {
  const types = ['float32', 'float64', 'float16', 'bfloat16'] as const;
  const offsets = [0, 8, 1, 13, 4097];
  const places = types.flatMap((dtype) => offsets.map((offset) => ({ dtype, offset })));

  test.each(places)('$dtype at byte $offset', async ({ dtype, offset }) => {
    const { values } = await expectReference(usesOf(stored(`${dtype}-${offset}`, dtype, offset)));
    // the file's own rounding, and no other
    const tolerance = { float32: 1e-7, float64: 1e-7, float16: 5e-4, bfloat16: 4e-3 }[dtype];
    expect(worstError(values, numbers)).toBeLessThan(tolerance);
  });

  test('whole numbers', async () => {
    const file = join(folder, 'positions');
    writeFileSync(file, new Uint8Array(BigInt64Array.of(-1n, 2n ** 40n, 3n).buffer));
    const positions = weight('positions', [3], 'int64', { file, offset: 0, byteLength: 24 });
    const graph = createGraph({ next: add(positions, 1) });
    expect(await runGraph(graph, {})).toEqual({ next: [0, 2 ** 40 + 1, 4] });
  });

  test('several in one file, and several files', async () => {
    const first = stored('first', 'float32', 3);
    const second = stored('second', 'float16', 5);
    const graph = createGraph({ sum: add(first, cast(second, 'float32')), first });
    await expectReference(graph);
  });

  test('the same bytes under two names', async () => {
    const once = stored('once', 'float32', 0);
    const again = weight('again', [7, 5], 'float32', {
      file: join(folder, 'once'),
      offset: 0,
      byteLength: 140,
    });
    await expectReference(createGraph({ product: gemm(once, again) }));
  });

  test.each(['float32', 'float16'] as const)('rows of one by themselves, %s', async (dtype) => {
    const whole = cast(stored(`rows-${dtype}`, dtype, 11), 'float32');
    const [first, second, third] = split(whole, 0, [1, 3, 1]);
    expect([first, second, third].map(({ node }) => node.op)).not.toContain('split');
    const graph = createGraph({ first, second, third });
    const { whole: all } = await runGraph(createGraph({ whole: mul(whole, 1) }), {});
    const actual = await runGraph(graph, {});
    expect([actual.first, actual.second, actual.third].flat()).toEqual(all);
    expect(() => split(whole, 0, [2, 2])).toThrow('split: 2 + 2 is not axis 0 of float32 [5, 7]');
  });

  test('as an output', async () => {
    const values = stored('output', 'float32', 2);
    expect((await runGraph(createGraph({ values }), {})).values).toEqual(numbers.map(Math.fround));
  });
});

describe('narrow weights of a large model', () => {
  /** Output and input gradient of a layer, its weight bound as one of a model of more than `largest` bytes. */
  async function results(dtype: DType, largest: number) {
    const { location } = stored(`large-${dtype}`, dtype, 3).node.attributes as {
      location: WeightLocation;
    };
    const weights = bindWeights(new Map([['w', { shape, dtype, location }]]), 'model', largest);
    const rows = input('rows', [2, 7]);
    const product = gemm(rows, weights.get('w', shape), { transposeB: true });
    const [gradient] = vjp([product], [mul(product, product)], [rows]);
    const chosen = gather(weights.get('w', shape), constant(int64Data([2], [4, 0])));
    const graph = createGraph({ product, gradient, chosen });
    return { graph, values: await runGraph(graph, feeds) };
  }

  test.each(['float16', 'bfloat16'] as const)('%s, widened anew in each pass', async (dtype) => {
    const kept = await results(dtype, Number.POSITIVE_INFINITY);
    const anew = await results(dtype, 0);
    expect(anew.values).toEqual(kept.values);
    const readers = (graph: Graph) =>
      graph.nodes
        .filter(({ inputs }) => inputs.some(({ node }) => node.op === 'weight'))
        .map(({ op }) => op);
    expect(readers(kept.graph)).toEqual(['cast']);
    expect(readers(anew.graph).sort()).toEqual(['gather', 'widen', 'widen']);
  });

  test('float32 stays as it is', async () => {
    const { graph } = await results('float32', 0);
    expect(graph.nodes.map(({ op }) => op)).not.toContain('widen');
  });
});

describe('paths', () => {
  function storedIn(...parts: string[]): Tensor {
    mkdirSync(join(folder, ...parts.slice(0, -1)), { recursive: true });
    return stored(join(...parts), 'float32', 7);
  }

  test.each([
    ['with spaces', 'my models', 'a file.safetensors'],
    ['in other scripts', 'モデル', 'größe.safetensors'],
    ['with signs', '100% #1 & [x]', "it's.safetensors"],
    ['with an extension in the middle', 'v1.5.safetensors', 'unet.bin'],
  ])('%s', async (_, ...parts) => {
    await expectReference(usesOf(storedIn(...parts)));
  });

  test('through symbolic links to the file and to its folder', async () => {
    storedIn('snapshots', 'blob');
    symlinkSync(join(folder, 'snapshots'), join(folder, 'linkedFolder'));
    symlinkSync('../snapshots/blob', join(mkdir('links'), 'unet.safetensors'));
    for (const path of ['linkedFolder/blob', 'links/unet.safetensors']) {
      const place = { file: join(folder, path), offset: 7, byteLength: 140 };
      await expectReference(usesOf(weight(path, shape, 'float32', place)));
    }
  });

  function mkdir(name: string): string {
    const path = join(folder, name);
    mkdirSync(path);
    return path;
  }

  test('a missing file and one that is too short are refused', async () => {
    const absent = { file: join(folder, 'absent'), offset: 0, byteLength: 140 };
    const graph = usesOf(weight('absent', shape, 'float32', absent));
    await expect(runGraph(graph, feeds)).rejects.toThrow(/absent/);
    stored('short', 'float32', 0);
    const beyond = { file: join(folder, 'short'), offset: 40, byteLength: 140 };
    const past = usesOf(weight('short', shape, 'float32', beyond));
    await expect(runGraph(past, feeds)).rejects.toThrow(/out of bounds|beyond|size/i);
  });
});
