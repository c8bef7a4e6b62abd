import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // A native fault in ONNX Runtime must not take the whole run down, and its threads do not survive worker_threads.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As long as Playwright waits: a window on a busy machine is late.
    expect: { poll: { timeout: 30_000 } },
    // Tests start the program and its engine a hundred times over: Node need not compile them each time.
    env: { NODE_COMPILE_CACHE: resolve(import.meta.dirname, 'node_modules/.cache/compiled') },
  },
});
