/**
 * Takes the photos of the sample concepts, which share a background and a framing as photos of one's own cat do:
 *
 *     node tools/toybox/world/writeConcepts.ts [folder, assets/samples by default]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Chance } from './chance.ts';
import { type SampleConcept, sampleConcepts } from './heldOut.ts';
import { drawScene } from './picture.ts';
import { seenBounds } from './scenes.ts';

const photosPerConcept = 5;
/** Pixels; four times what Toybox sees. */
const photoSize = 256;

/** PNG bytes of one photo: nearly the same spot each time, a little nearer or farther, now and then mirrored. */
async function photographConcept(concept: SampleConcept, photo: number): Promise<Buffer> {
  const chance = new Chance(concept.seed * 100 + photo, `photo/${concept.name}`);
  const [left, top, right, bottom] = await seenBounds(concept);
  const side = chance.between(0.58, 0.68) / Math.max(right - left, bottom - top);
  const mirrored = chance.happens(0.4);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const spot = {
    x: 0.5 + chance.between(-0.05, 0.05) - (mirrored ? 0.5 - x : x - 0.5) * side,
    y: 0.57 + chance.between(-0.04, 0.04) - (y - 0.5) * side,
    side,
    mirrored,
  };
  const things = [{ individual: concept, spot }];
  const svg = drawScene({ place: concept.place, placeSeed: concept.seed, things }, photoSize);
  const light = { brightness: chance.between(0.95, 1.06), saturation: chance.between(0.94, 1.06) };
  return sharp(Buffer.from(svg)).removeAlpha().modulate(light).png({ palette: true }).toBuffer();
}

/** File name of a photo under the folder of the samples. */
function photoPath({ name }: SampleConcept, photo: number): string {
  return join(name, `${name}-${photo + 1}.png`);
}

/** Every photo with its path, in a fixed order. */
export async function photographAll(): Promise<{ path: string; png: Buffer }[]> {
  const photos = sampleConcepts.flatMap((concept) =>
    Array.from({ length: photosPerConcept }, async (_, photo) => ({
      path: photoPath(concept, photo),
      png: await photographConcept(concept, photo),
    })),
  );
  return Promise.all(photos);
}

/** The text of the index that lies beside the folders of photos. */
export function sampleIndex(): string {
  const samples = sampleConcepts.map(({ name, className }) => ({
    name,
    classWord: className,
    token: `<${name}>`,
  }));
  return `${JSON.stringify({ samples }, null, 2)}\n`;
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(import.meta.dirname, '../../../assets/samples');
  for (const { path, png } of await photographAll()) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), png);
  }
  writeFileSync(join(folder, 'samples.json'), sampleIndex());
}
