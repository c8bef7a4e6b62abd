import {
  closeWordings,
  farWordings,
  objectTemplates,
  trainingPrompt,
} from '../../../src-main/engine/inversion/promptTemplates.ts';
import { type PlaceName, placePhrases } from './backgrounds.ts';
import type { Chance } from './chance.ts';
import { accessoryNames, type Look } from './look.ts';
import { colourNames } from './palette.ts';
import { patternNames } from './patterns.ts';
import { type ClassName, classNames } from './things.ts';

/** A thing as a caption sees it. */
export interface Described {
  readonly className: ClassName;
  readonly look: Look;
  /** Horizontal centre and larger side of what is seen of it, in shares of the picture. */
  readonly x: number;
  readonly extent: number;
}

const sceneTemplates = ['a photo of {}', 'a picture of {}', 'a drawing of {}', 'a rendering of {}'];
const relations = ['and', 'next to', 'beside'] as const;
const [toTheLeft, toTheRight] = ['to the left of', 'to the right of'];
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Every word that a caption can hold, apart from nonsense. */
export const captionWords: readonly string[] = [
  ...new Set(
    [
      ...[...classNames, ...colourNames, ...patternNames, ...accessoryNames],
      ...[...Object.values(placePhrases), ...objectTemplates, ...sceneTemplates],
      ...[...farWordings, ...closeWordings, ...relations, toTheLeft, toTheRight],
      ...['a an with nothing'],
    ].flatMap((text) => text.match(/[a-z]+/g) ?? []),
  ),
].sort();

/** A true sentence about a picture; how much it says is chance. */
export function writeCaption(
  things: readonly Described[],
  place: PlaceName,
  chance: Chance,
): string {
  const where = chance.happens(0.6) || things.length === 0 ? ` ${placePhrases[place]}` : '';
  return `${things.length === 1 ? describeOne(things[0], chance) : describeSeveral(things, chance)}${where}`.trim();
}

/** A noun phrase without an article: "striped red cat with a hat". */
function describeThing(
  { className, look }: Pick<Described, 'className' | 'look'>,
  chance: Chance,
): string {
  const adjectives = [
    ...(chance.happens(0.6) ? [look.colour] : []),
    ...(look.pattern !== 'plain' && chance.happens(0.65) ? [look.pattern] : []),
    // so that every token of the vocabulary has been met, and unknown words do no harm
    ...(chance.happens(0.03) ? [nonsense(chance)] : []),
  ];
  if (chance.happens(0.5)) adjectives.reverse();
  const worn = look.accessory && chance.happens(0.75) ? `with ${withArticle(look.accessory)}` : '';
  return [...adjectives, className, worn].filter(Boolean).join(' ');
}

/** "a cat", "an umbrella"; plurals keep none. */
export function withArticle(phrase: string): string {
  if (phrase === 'glasses') return phrase;
  return `${/^[aeiou]/.test(phrase) ? 'an' : 'a'} ${phrase}`;
}

function describeOne(thing: Described, chance: Chance): string {
  const phrase = describeThing(thing, chance);
  if (chance.happens(0.3)) return withArticle(phrase);
  const fitting = objectTemplates.filter((template) => fitsSize(template, thing.extent));
  const subject = { token: phrase, vectors: 1, classWord: '' };
  const filled = trainingPrompt(chance.pick(fitting), subject, scaleWording(thing.extent, chance));
  return filled.replace(/\ba (?=[aeiou])/g, 'an ');
}

function scaleWording(extent: number, chance: Chance): string {
  if (extent < 0.52) return chance.happens(0.25) ? chance.pick(farWordings) : '';
  return extent > 0.7 && chance.happens(0.25) ? chance.pick(closeWordings) : '';
}

/** Whether what a template says of size or framing is true. */
function fitsSize(template: string, extent: number): boolean {
  if (/small/.test(template)) return extent < 0.55;
  return !/close-up|large/.test(template) || extent > 0.62;
}

function describeSeveral(things: readonly Described[], chance: Chance): string {
  const template = chance.happens(0.5) ? chance.pick(sceneTemplates) : '{}';
  return template.replace('{}', things.length === 0 ? 'nothing' : relate(things, chance));
}

function relate(things: readonly Described[], chance: Chance): string {
  const inOrder = chance.happens(0.5) ? things : [...things].reverse();
  const [first, second] = inOrder.map((thing) => withArticle(describeThing(thing, chance)));
  const [left, right] = inOrder.map(({ x }) => x);
  const apart = Math.abs(left - right) > 0.2 && chance.happens(0.25);
  const other = chance.happens(0.6) ? 'and' : chance.pick(relations);
  const relation = apart ? (left < right ? toTheLeft : toTheRight) : other;
  return `${first} ${relation} ${second}`;
}

function nonsense(chance: Chance): string {
  return Array.from({ length: 3 + chance.integer(4) }, () => chance.pick([...letters])).join('');
}
