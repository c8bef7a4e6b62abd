import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf, sourceFiles } from '../support/sourceFiles.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const runtime = resolve('src-main/engine/runtime');

/** Makes and runs a session as the engine does. */
const script = `
  import { createSession } from '${runtime}/session.ts';
  import { createGraph } from '${runtime}/../tensor/graph.ts';
  import { input } from '${runtime}/../tensor/ops/input.ts';
  import { mul } from '${runtime}/../tensor/ops/mul.ts';
  const graph = createGraph({ y: mul(input('x', [1]), 2) });
  const session = await createSession(graph, { executionProviders: ['cpu'] });
  const { y } = await session.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(21) } });
  console.log(y.data[0]);
`;

test('ONNX Runtime collects nothing about what is computed', () => {
  const { folder: home } = temporaryFolder();
  // on a machine that builds programs it would be silent by itself
  const { CI: _, GITHUB_ACTIONS: __, ORT_DISABLE_TELEMETRY: ___, ...environment } = process.env;
  const env = { ...environment, HOME: home, XDG_CACHE_HOME: `${home}/cache` };
  const options = { env, encoding: 'utf8' } as const;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], options);
  expect(run.stdout.trim(), run.stderr).toBe('42');
  expect(readdirSync(home)).toEqual([]);
});

test('it is imported in the one place that tells it so', () => {
  const files = sourceFiles('src-main', 'bench', 'tools', 'test');
  const importers = files.filter((file) => importsOf(file).includes('onnxruntime-node'));
  // the test of the reader of imports holds such a line as a text
  const others = importers.filter(({ path }) => path !== 'test/architecture/layers.test.ts');
  expect(others.map(({ path }) => path)).toEqual(['src-main/engine/runtime/onnxRuntime.ts']);
});
