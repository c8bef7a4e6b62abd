import * as z from 'zod';
import { parseInput, parseJson } from './parseInput.ts';

/** Where the concepts of a prompt stand in the picture: the parser of layout files and of harvested layout priors. */

/** A place along a side of the picture: 0 at the left or top, 1 at the right or bottom. */
const unit01 = z
  .number('expected a number from 0 to 1')
  .min(0, 'expected a number from 0 to 1')
  .max(1, 'expected a number from 0 to 1')
  .brand<'Unit01'>();

export const box = z
  .tuple([unit01, unit01, unit01, unit01], 'expected four numbers x0, y0, x1, y1')
  .refine(([x0, , x1]) => x0 < x1, 'expected x0 < x1: the box is empty or reversed')
  .refine(([, y0, , y1]) => y0 < y1, 'expected y0 < y1: the box is empty or reversed')
  .readonly();

/** [x0, y0, x1, y1] with x0 < x1 and y0 < y1: left, top, right, bottom. */
export type Box = z.infer<typeof box>;

const name = z.string('expected a text').refine((text) => text.trim() !== '', 'expected a text');

const placedPhrase = z
  .strictObject(
    {
      phrase: name.optional(),
      token: name.optional(),
      concept: name.optional(),
      occurrences: z
        .array(
          z.int('expected a whole number from 1').min(1, 'expected a whole number from 1'),
          'expected a list',
        )
        .min(1, 'expected at least one occurrence; leave it out for all')
        .optional(),
      boxes: z.array(box, 'expected a list of boxes').min(1, 'expected at least one box'),
    },
    { error: unknownKeys },
  )
  .refine(
    ({ phrase, token, concept }) => [phrase, token, concept].filter(Boolean).length === 1,
    'expected exactly one of "phrase", "token" and "concept"',
  )
  .transform(({ phrase, token, concept, ...place }) => ({
    phrase: phrase ?? token ?? concept ?? '',
    ...place,
  }));

const layout = z
  .strictObject(
    {
      objects: z
        .array(placedPhrase, 'expected a list of objects')
        .min(1, 'expected at least one object'),
    },
    { error: unknownKeys },
  )
  .readonly();

/** Objects of a prompt and their places. An object may have several boxes: it belongs into all of them. */
export type Layout = z.infer<typeof layout>;
/** One object: its words in the prompt, which of their occurrences are meant (1 = first; all when absent), its boxes. */
export type LayoutObject = Layout['objects'][number];

/** @throws InputError that names the source, the field and what was expected there. */
export function parseLayout(value: unknown, source = 'layout'): Layout {
  return parseInput(layout, value, source);
}

/** A layout file's text. @throws InputError as {@link parseLayout}, or where the text is not JSON. */
export function parseLayoutText(text: string, source: string): Layout {
  return parseLayout(parseJson(text, source), source);
}

/** @throws InputError that names what is wrong: for boxes that come from elsewhere than a file. */
export function parseBox(value: unknown, source = 'box'): Box {
  return parseInput(box, value, source);
}

const size = z.int('expected a whole number from 1').min(1, 'expected a whole number from 1');

export const heatMap = z
  .strictObject(
    {
      height: size,
      width: size,
      values: z.array(
        z.number('expected a number').min(0, 'expected a number from 0'),
        'expected a list of numbers',
      ),
    },
    { error: unknownKeys },
  )
  .refine(
    ({ height, width, values }) => values.length === height * width,
    'expected height * width values',
  )
  .readonly();

/** How much of an object lies where: shares of its attention, row by row; they sum to 1. */
export type HeatMap = z.infer<typeof heatMap>;

const harvestedObject = z.strictObject({ box, heatMap }, { error: unknownKeys }).readonly();

const layoutPrior = z
  .strictObject(
    {
      version: z.literal(1, 'expected 1: written by another version of the program'),
      prompt: z.string('expected a text'),
      objects: z
        .array(name, 'expected a list of phrases')
        .min(1, 'expected at least one object')
        .readonly(),
      samples: z
        .array(
          z
            .strictObject(
              {
                seed: z.int('expected a whole number').min(0, 'expected a whole number from 0'),
                objects: z.array(harvestedObject, 'expected a list of objects').readonly(),
              },
              { error: unknownKeys },
            )
            .readonly(),
          'expected a list of samples',
        )
        .min(1, 'expected at least one sample')
        .readonly(),
    },
    { error: unknownKeys },
  )
  .refine(
    ({ objects, samples }) => samples.every((sample) => sample.objects.length === objects.length),
    'expected a box and a heat map for each object in every sample',
  )
  .readonly();

/** Where the objects of a prompt stood in sampled pictures: an empirical layout distribution. */
export type LayoutPrior = z.infer<typeof layoutPrior>;
/** One sampled picture. */
export type HarvestedSample = LayoutPrior['samples'][number];

/** @throws InputError that names the source, the field and what was expected there. */
export function parseLayoutPrior(value: unknown, source = 'layout prior'): LayoutPrior {
  return parseInput(layoutPrior, value, source);
}

/** A stored prior's text. @throws InputError as {@link parseLayoutPrior}, or where the text is not JSON. */
export function parseLayoutPriorText(text: string, source: string): LayoutPrior {
  return parseLayoutPrior(parseJson(text, source), source);
}

/** Message for unknown keys; of anything else that is no object. */
function unknownKeys(issue: { readonly code?: string; readonly keys?: readonly string[] }): string {
  const keys = issue.keys?.map((key) => JSON.stringify(key)).join(', ');
  return issue.code === 'unrecognized_keys' ? `unknown: ${keys}` : 'expected an object';
}
