import { once } from 'node:events';
import { type CaptionedScene, paintScene } from './scenes.ts';

/** Pictures in work at a time. */
const batch = 16;
/** Seeds of scenes are numbered through; each stream has this many to itself. */
const scenesPerSeed = 2 ** 32;

/** Which scenes are written: 0 to count - 1 of a seed, as squares of `size` pixels. */
export interface Stream {
  readonly seed: number;
  readonly count: number;
  readonly size: number;
}

/**
 * Writes scenes to standard output, as fast as they are read. Each is a 32-bit little-endian length, that many bytes of
 * JSON, and size x size x 3 bytes of red, green and blue.
 *
 * @param draw gives the scene of a seed, and what its JSON says
 */
export async function writeRecords(
  { seed, count, size }: Stream,
  draw: (sceneSeed: number) => Promise<{ scene: CaptionedScene; description: object }>,
): Promise<void> {
  const record = async (index: number) => {
    const { scene, description } = await draw(seed * scenesPerSeed + index);
    const text = Buffer.from(JSON.stringify(description));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, text, await paintScene(scene, size)]);
  };
  process.stdout.on('error', () => process.exit(0)); // the reader has gone
  for (let start = 0; start < count; start += batch) {
    const indices = Array.from({ length: Math.min(batch, count - start) }, (_, i) => start + i);
    const records = Buffer.concat(await Promise.all(indices.map(record)));
    if (!process.stdout.write(records)) await once(process.stdout, 'drain');
  }
}
