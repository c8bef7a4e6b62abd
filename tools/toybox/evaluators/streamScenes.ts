/**
 * Writes pictures of the world with all that is true of them to standard output:
 *
 *     node tools/toybox/evaluators/streamScenes.ts --seed 1 --count n [--size 64] [--captions 3]
 *
 * Each is a 32-bit little-endian length, that many bytes of JSON, and size x size x 3 bytes of red, green and blue.
 * The JSON is { captions: [{ text, tokenIds, claims }], place, things: [{ class, colour, pattern, accessory, bounds }],
 * facts }: what a caption claims and all that is true of the picture are texts such as "cat", "red cat" or "forest".
 * Picture i of a seed is always the same. All pairs of classes occur, also those that the picture model never sees:
 * these scenes teach and test measuring.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTokenizer } from '../../../src-main/engine/checkpoint/tokenizerFiles.ts';
import { placeNames, placePhrases } from '../world/backgrounds.ts';
import { writeCaption } from '../world/captions.ts';
import { Chance } from '../world/chance.ts';
import { accessoryNames } from '../world/look.ts';
import { colourNames } from '../world/palette.ts';
import { patternNames } from '../world/patterns.ts';
import { type CaptionedScene, composeScene } from '../world/scenes.ts';
import { type ClassName, classNames } from '../world/things.ts';
import { writeRecords } from '../world/writeRecords.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    size: { type: 'string', default: '64' },
    captions: { type: 'string', default: '3' },
  },
});
const { seed, count, size, captions } = {
  seed: Number(values.seed),
  count: Number(values.count),
  size: Number(values.size),
  captions: Number(values.captions),
};

function anyClasses(chance: Chance): ClassName[] {
  const things = chance.happens(0.04) ? 0 : chance.happens(0.35) ? 1 : 2;
  return Array.from({ length: things }, () => chance.pick(classNames));
}

const tokenizer = loadTokenizer(join(import.meta.dirname, '../../../assets/toybox/tokenizer'));
const adjectives = new Set<string>([...colourNames, ...patternNames]);
const accessories = accessoryNames.join('|');
/** A thing in a caption: what stands between its article and its name, the name, and what it wears. */
const thingPattern = new RegExp(
  `([\\w ]*?)\\b(${classNames.join('|')})\\b(?: with (?:an? )?(${accessories})\\b)?`,
  'g',
);

/** What a caption says that may be true of other pictures too; sizes, framing and sides are left out. */
function claimsOf(caption: string): string[] {
  const things = [...caption.matchAll(thingPattern)].flatMap(([, before, name, worn]) => {
    const words = before.split(/\b(?:an?|the|my|one)\b/).at(-1) ?? '';
    const said = words.split(' ').filter((word) => adjectives.has(word));
    return [
      name,
      ...said.map((word) => `${word} ${name}`),
      ...(worn ? [`${name} with ${worn}`] : []),
    ];
  });
  return [...things, ...placeNames.filter((place) => caption.includes(placePhrases[place]))];
}

function factsOf({ things, place }: CaptionedScene): string[] {
  const each = things.flatMap(({ individual: { className, look } }) => [
    className,
    `${look.colour} ${className}`,
    ...(look.pattern === 'plain' ? [] : [`${look.pattern} ${className}`]),
    ...(look.accessory ? [`${className} with ${look.accessory}`] : []),
  ]);
  return [...each, place];
}

function describe(scene: CaptionedScene, sceneSeed: number) {
  const things = scene.things.map(({ individual: { className, look } }, thing) => ({
    class: className,
    ...look,
    bounds: scene.bounds[thing],
  }));
  const described = scene.things.map(({ individual: { className, look } }, thing) => {
    const [left, top, right, bottom] = scene.bounds[thing];
    const extent = Math.max(right - left, bottom - top);
    return { className, look, x: (left + right) / 2, extent };
  });
  const chance = new Chance(sceneSeed, 'further captions');
  const written = Array.from({ length: captions }, () => {
    const text = writeCaption(described, scene.place, chance);
    return { text, tokenIds: tokenizer.encodePadded(text).ids, claims: claimsOf(text) };
  });
  return { captions: written, place: scene.place, things, facts: factsOf(scene) };
}

await writeRecords({ seed, count, size }, async (sceneSeed) => {
  const scene = await composeScene(sceneSeed, { classes: anyClasses });
  return { scene, description: describe(scene, sceneSeed) };
});
