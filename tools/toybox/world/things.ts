import { bird, butterfly, cat, dog, fish, rabbit } from './animals.ts';
import { Chance } from './chance.ts';
import { cactus, flower, house, mushroom, tree } from './garden.ts';
import { backpack, book, chair, cup, lamp, umbrella } from './household.ts';
import type { Look } from './look.ts';
import { ball, balloon, boat, car, clock, robot, spaceship } from './machines.ts';
import { Pen } from './pen.ts';

/** Draws one individual: the look is given, pose and proportions are the chance's. */
type Artist = (pen: Pen, look: Look, chance: Chance) => void;

/** Everything that the world has words for. */
const artists = {
  ...{ cat, dog, rabbit, bird, fish, butterfly },
  ...{ car, boat, balloon, spaceship, robot },
  ...{ house, tree, flower, mushroom, cactus },
  ...{ cup, book, backpack, chair, lamp, ball, umbrella, clock },
} satisfies Record<string, Artist>;

export type ClassName = keyof typeof artists;

export const classNames = Object.keys(artists) as ClassName[];

/** Classes that can wear something. */
export const headed: ReadonlySet<ClassName> = new Set([
  'cat',
  'dog',
  'rabbit',
  'bird',
  'fish',
  'robot',
]);

/** One individual of the world. The same seed gives the same pose and proportions. */
export interface Individual {
  readonly className: ClassName;
  readonly look: Look;
  readonly seed: number;
}

/** SVG elements of an individual on a sheet of 100 x 100 units. @param id unique in the picture, for its pattern */
export function drawIndividual({ className, look, seed }: Individual, id: string): string {
  const chance = new Chance(seed, `individual/${className}`);
  const pen = new Pen(look, chance, id);
  artists[className](pen, look, chance);
  return pen.toString();
}
