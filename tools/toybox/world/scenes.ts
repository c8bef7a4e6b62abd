import { type PlaceName, placeNames } from './backgrounds.ts';
import { type Described, writeCaption } from './captions.ts';
import { Chance } from './chance.ts';
import { isHeldOutLook, isHeldOutPair } from './heldOut.ts';
import { drawLook } from './look.ts';
import { drawScene, rasterize, type Scene, type Spot, sheet } from './picture.ts';
import { type ClassName, classNames, drawIndividual, headed, type Individual } from './things.ts';

/** Left, top, right, bottom in shares of a square's side. */
export type Bounds = readonly [number, number, number, number];

export interface CaptionedScene extends Scene {
  readonly caption: string;
  /** What is seen of each thing, in shares of the picture. */
  readonly bounds: readonly Bounds[];
}

/** How the things of a picture are chosen. */
export interface SceneRules {
  /** Which classes stand together; by default any number from none to two, never a held-out pair. */
  readonly classes?: (chance: Chance) => readonly ClassName[];
}

/** Draws a captioned scene of the world: the same seed gives the same one. */
export async function composeScene(seed: number, rules: SceneRules = {}): Promise<CaptionedScene> {
  const chance = new Chance(seed, 'scene');
  const classes = (rules.classes ?? trainingClasses)(chance);
  const individuals = classes.map((className) => drawNewIndividual(className, chance));
  const seen = await Promise.all(individuals.map(seenBounds));
  const { spots, bounds } = placeThings(seen, chance);
  const place: PlaceName = chance.pick(placeNames);
  const described = individuals.map(({ className, look }, index): Described => {
    const [left, top, right, bottom] = bounds[index];
    return { className, look, x: (left + right) / 2, extent: Math.max(right - left, bottom - top) };
  });
  return {
    place,
    placeSeed: chance.integer(2 ** 32),
    things: individuals.map((individual, index) => ({ individual, spot: spots[index] })),
    caption: writeCaption(described, place, chance),
    bounds,
  };
}

/** The pixels of a scene: [size, size, 3], 0 to 255. */
export async function paintScene(scene: Scene, size: number): Promise<Uint8Array> {
  const withOpacity = await rasterize(drawScene(scene, size));
  return withOpacity.filter((_, index) => index % 4 !== 3);
}

function trainingClasses(chance: Chance): readonly ClassName[] {
  const count = chance.happens(0.02) ? 0 : chance.happens(0.4) ? 1 : 2;
  for (;;) {
    const classes = Array.from({ length: count }, () => chance.pick(classNames));
    if (count < 2 || !isHeldOutPair(classes[0], classes[1])) return classes;
  }
}

/** An individual that is none of the sample concepts. */
function drawNewIndividual(className: ClassName, chance: Chance): Individual {
  for (;;) {
    const look = drawLook(chance, headed.has(className));
    if (!isHeldOutLook(className, look)) return { className, look, seed: chance.integer(2 ** 32) };
  }
}

const probeSize = 48;

/** The part of an individual's sheet that is painted, to a pixel of the probe. */
export async function seenBounds(individual: Individual): Promise<Bounds> {
  const pixels = await rasterize(sheet(probeSize, drawIndividual(individual, 'pattern')));
  let [left, top, right, bottom] = [probeSize, probeSize, 0, 0];
  for (let index = 0; index < probeSize * probeSize; index++) {
    if (pixels[4 * index + 3] < 100) continue;
    const [x, y] = [index % probeSize, Math.floor(index / probeSize)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  return [left / probeSize, top / probeSize, right / probeSize, bottom / probeSize];
}

/** Free places and sizes in which things lie inside the picture and hardly cover each other. */
function placeThings(seen: readonly Bounds[], chance: Chance): { spots: Spot[]; bounds: Bounds[] } {
  for (;;) {
    const placed = seen.map((own) =>
      placeThing(own, seen.length > 1 ? [0.34, 0.52] : [0.44, 0.8], chance),
    );
    const bounds = placed.map(({ bounds }) => bounds);
    const free = bounds.length < 2 || overlap(bounds[0], bounds[1]) < 0.08;
    if (free) return { spots: placed.map(({ spot }) => spot), bounds };
  }
}

function placeThing(
  [left, top, right, bottom]: Bounds,
  [smallest, largest]: readonly [number, number],
  chance: Chance,
): { spot: Spot; bounds: Bounds } {
  const side = chance.between(smallest, largest) / Math.max(right - left, bottom - top);
  const [width, height] = [(right - left) * side, (bottom - top) * side];
  const x = chance.between(0.02, 0.98 - width);
  // things stand lower rather than higher
  const y = Math.max(chance.between(0.02, 0.98 - height), chance.between(0.02, 0.98 - height));
  const mirrored = chance.happens(0.5);
  const sheetLeft = x - (mirrored ? 1 - right : left) * side;
  const spot = { x: sheetLeft + side / 2, y: y - top * side + side / 2, side, mirrored };
  return { spot, bounds: [x, y, x + width, y + height] };
}

/** Shared area over the smaller area. */
function overlap(a: Bounds, b: Bounds): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const areas = [a, b].map(([left, top, right, bottom]) => (right - left) * (bottom - top));
  return (width * height) / Math.min(...areas);
}
