/**
 * Writes captioned pictures of the world to standard output without end, or as many as asked for:
 *
 *     node tools/toybox/world/streamScenes.ts --seed 1 [--count n] [--size 64]
 *
 * Each is a 32-bit little-endian length, that many bytes of JSON { caption, tokenIds, things: [{ class, bounds }] }, and
 * size x size x 3 bytes of red, green and blue. Picture i of a seed is always the same.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTokenizer } from '../../../src-main/engine/checkpoint/tokenizerFiles.ts';
import { composeScene } from './scenes.ts';
import { writeRecords } from './writeRecords.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: 'Infinity' },
    size: { type: 'string', default: '64' },
  },
});
const [seed, count, size] = [values.seed, values.count, values.size].map(Number);
const tokenizer = loadTokenizer(join(import.meta.dirname, '../../../assets/toybox/tokenizer'));

await writeRecords({ seed, count, size }, async (sceneSeed) => {
  const scene = await composeScene(sceneSeed);
  const things = scene.things.map(({ individual }, thing) => ({
    class: individual.className,
    bounds: scene.bounds[thing],
  }));
  const tokenIds = tokenizer.encodePadded(scene.caption).ids;
  return { scene, description: { caption: scene.caption, tokenIds, things } };
});
