import { describe, expect, test } from 'vitest';
import { existsInRepository, importsOf, sourceFiles } from '../support/sourceFiles.ts';

const network = ['engine/tensor', 'engine/nn', 'engine/models'];
const sampling = [...network, 'engine/numbers', 'engine/diffusion', 'src-shared'];
const weights = ['engine/files', 'engine/checkpoint'];
const methods = [...sampling, ...weights, 'engine/inversion', 'engine/spatial'];

/**
 * What each layer may import, `import type` counted. A layer is a folder of src-main or of its engine, or a single file
 * there, named without its extension. Loops take a `run` function: only commands bring the runtime and the work together.
 */
const layers: Readonly<Record<string, readonly string[]>> = {
  'src-shared': [],

  'engine/tensor': [],
  'engine/onnx': ['engine/tensor'],
  'engine/runtime': ['engine/tensor', 'engine/onnx', 'src-shared'],
  'engine/nn': ['engine/tensor'],
  'engine/models': ['engine/tensor', 'engine/nn'],
  'engine/files': ['engine/tensor', 'pictureFiles', 'src-shared'],
  'engine/checkpoint': [...network, 'engine/numbers', 'engine/files', 'src-shared'],
  'engine/numbers': [],
  'engine/images': ['engine/numbers', 'pictureFiles', 'src-shared'],
  'engine/diffusion': [...network, 'engine/numbers', 'src-shared'],
  'engine/evaluation': [...network, 'engine/numbers', 'engine/diffusion', 'engine/images'],
  'engine/inversion': [...sampling, ...weights],
  'engine/spatial': sampling,
  'engine/loadModel': ['engine/tensor', 'engine/models', 'engine/checkpoint', 'engine/diffusion'],
  'engine/concepts': [
    ...['engine/tensor', 'engine/nn', 'engine/numbers', 'engine/diffusion', ...weights],
    ...['engine/evaluation', 'engine/inversion', 'src-shared'],
  ],
  'engine/verification': [...methods, 'engine/images', 'engine/loadModel', 'engine/concepts'],
  'engine/protocol': ['src-shared'],
  'engine/commands': [
    ...methods.filter((layer) => layer !== 'engine/nn'),
    ...['engine/images', 'engine/evaluation', 'engine/loadModel', 'engine/concepts'],
    ...['engine/verification', 'engine/runtime', 'engine/protocol'],
  ],
  'engine/hostChannel': ['engine/protocol'],
  'engine/worker': ['engine/commands', 'engine/hostChannel', 'engine/protocol', 'src-shared'],
  'engine/engineProcess': ['engine/protocol'],
  'engine/host': ['engine/engineProcess', 'engine/protocol', 'src-shared'],

  pictureFiles: [],
  library: ['src-shared'],
  jobs: ['engine/host', 'engine/protocol', 'pictureFiles', 'library', 'src-shared'],
  studio: ['jobs', 'library', 'pictureFiles', 'engine/host', 'engine/protocol', 'src-shared'],
  shell: ['studio', 'library', 'engine/host', 'src-shared'],
  serve: ['shell', 'src-shared'],
  cli: ['serve', 'studio', 'engine/host', 'src-shared'],
  main: ['shell', 'engine/host', 'engine/engineProcess', 'src-shared'],
  preload: ['src-shared'],
};

/** Packages with one place in the product; elsewhere they would be a second way to do the same. */
const packageOwners: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['engine/runtime'],
  protobufjs: ['engine/onnx'],
  '@huggingface/tokenizers': ['engine/models'],
  sharp: ['engine/images', 'jobs'],
  commander: ['cli'],
  'cli-progress': ['cli'],
  electron: ['main', 'preload'],
  fastify: ['serve'],
  '@fastify/websocket': ['serve'],
  'better-sqlite3': ['library'],
};

/** Layers that compute and touch neither files nor packages. */
const pure = ['engine/tensor', 'engine/nn'];

/** The layer that a path from the root of the repository belongs to, or the path itself where it belongs to none. */
function layerOf(path: string): string {
  const [top, ...rest] = path.split('/');
  if (top === 'src-shared') return top;
  if (top !== 'src-main') return path;
  const [first, second = ''] = rest;
  const name = first === 'engine' ? `engine/${second}` : first;
  return name.replace(/\.tsx?$/, '');
}

const sources = sourceFiles('src-main', 'src-shared');
const imports = sources.flatMap((source) =>
  importsOf(source).map((imported) => ({
    from: source.path,
    to: imported,
    layer: layerOf(source.path),
    isFile: imported.startsWith('src-'),
  })),
);

describe('layers', () => {
  test('hold every source', () => {
    const homeless = sources.filter(({ path }) => !Object.hasOwn(layers, layerOf(path)));
    expect(homeless.map(({ path }) => path)).toEqual([]);
    expect(sources.length).toBeGreaterThan(100);
  });

  test('import only what lies below them', () => {
    const forbidden = imports.filter(({ layer, to, isFile }) => {
      const imported = layerOf(to);
      return isFile && imported !== layer && !layers[layer]?.includes(imported);
    });
    expect(forbidden.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
    expect(imports.filter(({ isFile }) => isFile).length).toBeGreaterThan(300);
  });

  test('are allowed no import that they do not make', () => {
    const made = new Set(imports.map(({ layer, to }) => `${layer} imports ${layerOf(to)}`));
    const allowed = Object.entries(layers).flatMap(([layer, lower]) =>
      lower.map((low) => `${layer} imports ${low}`),
    );
    expect(allowed.filter((arrow) => !made.has(arrow))).toEqual([]);
  });

  test('name only layers, and none lies above itself', () => {
    const settled = new Set<string>();
    const waiting = new Set(Object.keys(layers));
    for (let progress = true; progress; ) {
      const ready = [...waiting].filter((name) => layers[name].every((low) => settled.has(low)));
      for (const name of ready) {
        settled.add(name);
        waiting.delete(name);
      }
      progress = ready.length > 0;
    }
    expect([...waiting], 'layers in a circle, or above a layer that does not exist').toEqual([]);
  });

  test('import files that exist, by their full name', () => {
    const files = imports.filter(({ isFile }) => isFile);
    expect(files.filter(({ to }) => !existsInRepository(to)).map(({ to }) => to)).toEqual([]);
    expect(files.filter(({ to }) => !/\.(ts|json)$/.test(to)).map(({ to }) => to)).toEqual([]);
    const outside = imports.filter(({ to }) => /^(\.|\/|test|bench|tools|node_modules)/.test(to));
    expect(outside.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });
});

describe('packages', () => {
  test.each(Object.entries(packageOwners))('%s is imported by %j alone', (name, owners) => {
    const users = imports.filter(({ to }) => to === name || to.startsWith(`${name}/`));
    const strangers = users.filter(({ layer }) => !owners.includes(layer));
    expect(strangers.map(({ from }) => from)).toEqual([]);
  });

  test.each(pure)('%s computes without any', (layer) => {
    const packages = imports.filter((entry) => entry.layer === layer && !entry.isFile);
    expect(packages.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });
});

describe('the reader of imports', () => {
  const read = (...lines: string[]) =>
    importsOf({ path: 'src-main/engine/onnx/emit.ts', text: lines.join('\n') });

  test.each([
    ["import { a } from './proto.ts';", 'src-main/engine/onnx/proto.ts'],
    ["import type { A } from '../tensor/tensor.ts';", 'src-main/engine/tensor/tensor.ts'],
    ["import a, { type B } from 'sharp';", 'sharp'],
    ["import * as ort from 'onnxruntime-node';", 'onnxruntime-node'],
    ["import {\n  a,\n  type B,\n} from '../../../src-shared/api.ts';", 'src-shared/api.ts'],
    ["import './effects.ts';", 'src-main/engine/onnx/effects.ts'],
    ["export { a } from './proto.ts';", 'src-main/engine/onnx/proto.ts'],
    ["export type * from './proto.ts';", 'src-main/engine/onnx/proto.ts'],
    ["const a = await import('../runtime/session.ts');", 'src-main/engine/runtime/session.ts'],
    ["type A = import('./proto.ts').NodeProto;", 'src-main/engine/onnx/proto.ts'],
    ["const a = require('sharp');", 'sharp'],
  ])('understands %s', (text, expected) => {
    expect(read(text)).toEqual([expected]);
  });

  test('is not misled by text', () => {
    expect(read("// import { a } from 'sharp'", "const s = 'import from x';")).toEqual([]);
  });

  test('has nothing to guess: every dynamic import names its module', () => {
    const guessed = sources.filter(({ text }) => /\bimport\(\s*[^'\s]/.test(text));
    expect(guessed.map(({ path }) => path)).toEqual([]);
  });
});
