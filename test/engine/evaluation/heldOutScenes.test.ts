import { afterAll, expect, test } from 'vitest';
import { type Find, overlap, type UnitBox } from '../../../src-main/engine/evaluation/inclusion.ts';
import type { Raster } from '../../../src-main/engine/images/raster.ts';
import { composeScene, paintScene } from '../../../tools/toybox/world/scenes.ts';
import { classNames } from '../../../tools/toybox/world/things.ts';
import { openDetector } from '../../support/toybox.ts';

const size = 64;
const count = 200;
/** Scenes that neither the training nor the choice of the threshold has seen. */
const firstSeed = 977 * 2 ** 32;
const detector = await openDetector(20);
afterAll(() => detector.release());

interface Thing {
  readonly className: string;
  readonly box: UnitBox;
}

async function drawScene(seed: number): Promise<{ picture: Raster; things: Thing[] }> {
  const scene = await composeScene(seed, {
    classes: (chance) =>
      Array.from({ length: 1 + chance.integer(2) }, () => chance.pick(classNames)),
  });
  const data = await paintScene(scene, size);
  const things = scene.things.map(({ individual }, index) => {
    const [x0, y0, x1, y1] = scene.bounds[index];
    return { className: individual.className, box: { x0, y0, x1, y1 } };
  });
  return { picture: { width: size, height: size, channels: 3, data }, things };
}

/** The right class, and a box that shares three tenths or has its middle inside the thing. */
function matches({ className, box }: Find, thing: Thing): boolean {
  const [x, y] = [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2];
  const inside = x >= thing.box.x0 && x <= thing.box.x1 && y >= thing.box.y0 && y <= thing.box.y1;
  return className === thing.className && (inside || overlap(box, thing.box) >= 0.3);
}

/** How many finds belong to a thing of their own. */
function countHits(finds: readonly Find[], things: readonly Thing[]): number {
  const free = [...things];
  return finds.filter((find) => {
    const index = free.findIndex((thing) => matches(find, thing));
    if (index >= 0) free.splice(index, 1);
    return index >= 0;
  }).length;
}

test('at least 97 % of things in new scenes are found, at most 2 % of finds are none', async () => {
  const scenes = await Promise.all(
    Array.from({ length: count }, (_, index) => drawScene(firstSeed + index)),
  );
  const found = await detector.find(scenes.map(({ picture }) => picture));
  const hits = found
    .map((finds, index) => countHits(finds, scenes[index].things))
    .reduce((sum, each) => sum + each, 0);
  const things = scenes.flatMap((scene) => scene.things).length;
  const finds = found.flat().length;
  expect(things).toBeGreaterThan(250);
  expect(hits / things).toBeGreaterThanOrEqual(0.97);
  expect((finds - hits) / finds).toBeLessThanOrEqual(0.02);
});
