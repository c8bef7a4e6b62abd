import type { PlaceName } from './backgrounds.ts';
import type { Look } from './look.ts';
import { type ClassName, classNames, type Individual } from './things.ts';

/**
 * A sample concept: an individual whose colour and pattern no training picture shows on its class, in the one place
 * where its photos are taken.
 */
export interface SampleConcept extends Individual {
  /** Folder of its photos. */
  readonly name: string;
  readonly place: PlaceName;
}

export const sampleConcepts: readonly SampleConcept[] = [
  concept('minka', 'cat', { colour: 'teal', pattern: 'spotted', accessory: 'scarf' }, 'beach', 11),
  concept(
    'bruno',
    'dog',
    { colour: 'purple', pattern: 'striped', accessory: 'crown' },
    'forest',
    12,
  ),
  concept(
    'pip',
    'rabbit',
    { colour: 'orange', pattern: 'starry', accessory: 'glasses' },
    'snow',
    3,
  ),
  concept('tilly', 'bird', { colour: 'pink', pattern: 'checkered', accessory: 'hat' }, 'street', 5),
  concept(
    'bolt',
    'robot',
    { colour: 'yellow', pattern: 'zigzag', accessory: 'bow' },
    'kitchen',
    16,
  ),
  concept('valentine', 'backpack', { colour: 'red', pattern: 'hearted' }, 'mountains', 22),
  concept('milo', 'car', { colour: 'green', pattern: 'starry' }, 'desert', 8),
  concept('mokka', 'cup', { colour: 'orange', pattern: 'checkered' }, 'room', 31),
  concept('comet', 'spaceship', { colour: 'purple', pattern: 'spotted' }, 'night', 14),
  concept('morel', 'mushroom', { colour: 'blue', pattern: 'zigzag' }, 'meadow', 9),
];

function concept(
  name: string,
  className: ClassName,
  look: Look,
  place: PlaceName,
  seed: number,
): SampleConcept {
  return { name, className, look, place, seed };
}

/** Whether only a sample concept may look so. */
export function isHeldOutLook(className: ClassName, { colour, pattern }: Look): boolean {
  return sampleConcepts.some(
    (held) =>
      held.className === className && held.look.colour === colour && held.look.pattern === pattern,
  );
}

/** Whether two classes never meet in a training picture: a fifth of all pairs, spread evenly over the classes. */
export function isHeldOutPair(first: ClassName, second: ClassName): boolean {
  const [low, high] = [classNames.indexOf(first), classNames.indexOf(second)].sort((a, b) => a - b);
  return low !== high && (high - low + 2 * low) % 5 === 0;
}

export const heldOutPairs: readonly (readonly [ClassName, ClassName])[] = classNames.flatMap(
  (first, index) =>
    classNames
      .slice(index + 1)
      .filter((second) => isHeldOutPair(first, second))
      .map((second) => [first, second] as const),
);
