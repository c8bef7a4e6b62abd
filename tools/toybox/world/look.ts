import type { Chance } from './chance.ts';
import { type ColourName, colourNames } from './palette.ts';
import { type PatternName, patternNames } from './patterns.ts';

export const accessoryNames = ['hat', 'crown', 'bow', 'scarf', 'glasses'] as const;
export type AccessoryName = (typeof accessoryNames)[number];

/** What captions can say about one thing. */
export interface Look {
  readonly colour: ColourName;
  readonly pattern: PatternName;
  /** Only of things that have a head. */
  readonly accessory?: AccessoryName;
}

/** Half of all things are plain; a third of those with a head wear something. */
export function drawLook(chance: Chance, hasHead: boolean): Look {
  const colour = chance.pick(colourNames);
  const pattern = chance.happens(0.45) ? 'plain' : chance.pick(patternNames.slice(1));
  const accessory = hasHead && chance.happens(0.35) ? chance.pick(accessoryNames) : undefined;
  return { colour, pattern, accessory };
}
