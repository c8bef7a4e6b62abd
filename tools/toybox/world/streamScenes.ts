/**
 * Writes captioned pictures of the world to standard output without end, or as many as asked for:
 *
 *     node tools/toybox/world/streamScenes.ts --seed 1 [--count n] [--size 64]
 *
 * Each is a 32-bit little-endian length, that many bytes of JSON { caption, tokenIds, things: [{ class, bounds }] }, and
 * size x size x 3 bytes of red, green and blue. Picture i of a seed is always the same.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTokenizer } from '../../../src-main/engine/checkpoint/tokenizerFiles.ts';
import { type CaptionedScene, composeScene, paintScene } from './scenes.ts';

/** Pictures in work at a time. */
const batch = 16;
/** Seeds of scenes are numbered through; each stream has this many to itself. */
const scenesPerSeed = 2 ** 32;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: 'Infinity' },
    size: { type: 'string', default: '64' },
  },
});
const [seed, count, size] = [values.seed, values.count, values.size].map(Number);
const tokenizer = loadTokenizer(join(import.meta.dirname, '../../../assets/toybox/tokenizer'));

async function record(index: number): Promise<Buffer> {
  const scene: CaptionedScene = await composeScene(seed * scenesPerSeed + index);
  const things = scene.things.map(({ individual }, thing) => ({
    class: individual.className,
    bounds: scene.bounds[thing],
  }));
  const tokenIds = tokenizer.encodePadded(scene.caption).ids;
  const text = Buffer.from(JSON.stringify({ caption: scene.caption, tokenIds, things }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, await paintScene(scene, size)]);
}

process.stdout.on('error', () => process.exit(0)); // the reader has gone
for (let start = 0; start < count; start += batch) {
  const indices = Array.from({ length: Math.min(batch, count - start) }, (_, i) => start + i);
  const records = Buffer.concat(await Promise.all(indices.map(record)));
  if (!process.stdout.write(records)) await once(process.stdout, 'drain');
}
