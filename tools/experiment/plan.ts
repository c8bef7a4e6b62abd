import type { CallOutput } from '../../src-shared/api.ts';
import type { TrainingMethod } from '../../src-shared/concept.ts';
import type { Layout } from '../../src-shared/layout.ts';
import { parseLayout } from '../../src-shared/layout.ts';
import { withArticle } from '../toybox/world/captions.ts';
import { Chance } from '../toybox/world/chance.ts';
import { heldOutPairs } from '../toybox/world/heldOut.ts';
import { type ClassName, classNames } from '../toybox/world/things.ts';

export type Sample = CallOutput<'listBuiltIns'>['samples'][number];

/** How large the experiment is. */
export interface Scale {
  readonly concepts: number;
  /** Prompts "{concept} and a {object}" per concept. */
  readonly objects: number;
  /** Prompts with two concepts. */
  readonly pairs: number;
  /** Trainings of each concept, each with a picture per prompt. */
  readonly seeds: number;
  readonly methods: readonly TrainingMethod[];
  /** Prompts of each kind for the model without concepts. */
  readonly basePrompts: number;
}

export const fullScale: Scale = {
  ...{ concepts: 8, objects: 10, pairs: 5, seeds: 4, basePrompts: 200 },
  methods: ['textual-inversion', 'custom-diffusion', 'lora-dreambooth'],
};

/** Meant to end within ten minutes on two cores: twelve trainings are half of it. */
export const smallScale: Scale = {
  ...{ concepts: 3, objects: 4, pairs: 0, seeds: 2, basePrompts: 40 },
  methods: ['textual-inversion'],
};

/** A prompt of one or two concepts. */
export interface Composition {
  readonly concepts: readonly Sample[];
  /** What stands beside the first concept: an object of the world, or the class of the second concept. */
  readonly other: string;
  /** Position among its kind, which the seeds of its pictures follow from. */
  readonly index: number;
}

/** Every composition of the experiment. */
export function compositionsOf(samples: readonly Sample[], scale: Scale): Composition[] {
  const chosen = samples.slice(0, scale.concepts);
  const single = chosen.flatMap((sample, row) =>
    objectsFor(sample, scale.objects).map((other, column) => ({
      concepts: [sample],
      other,
      index: row * scale.objects + column,
    })),
  );
  const double = chosen.slice(0, scale.pairs).map((sample, row) => {
    const second = chosen[(row + 1) % chosen.length];
    return { concepts: [sample, second], other: second.classWord, index: 1000 + row };
  });
  return [...single, ...double];
}

function objectsFor(sample: Sample, count: number): ClassName[] {
  const others = classNames.filter((name) => name !== sample.classWord);
  const chance = new Chance(1, `experiment/${sample.name}`);
  return Array.from({ length: count }, () => {
    const [picked] = others.splice(chance.integer(others.length), 1);
    return picked;
  });
}

/** "a <minka> cat and a backpack"; without tokens what the model is asked that knows no concept. */
export function promptOf(
  { concepts: [first, second], other }: Composition,
  tokens: boolean,
): string {
  const named = (sample: Sample) =>
    tokens ? `a ${sample.token} ${sample.classWord}` : withArticle(sample.classWord);
  return `${named(first)} and ${second ? named(second) : withArticle(other)}`;
}

const [left, right] = [
  [0.04, 0.3, 0.5, 0.95],
  [0.53, 0.3, 0.97, 0.95],
];

/** Side by side; the concept stands on the left for even seeds. */
export function layoutOf({ concepts: [first, second], other }: Composition, seed: number): Layout {
  const [own, others] = seed % 2 === 0 ? [left, right] : [right, left];
  const phrase = (sample: Sample) => `${sample.token} ${sample.classWord}`;
  return parseLayout({
    objects: [
      { phrase: phrase(first), boxes: [own] },
      { phrase: second ? phrase(second) : other, boxes: [others] },
    ],
  });
}

/** A prompt for the model alone, and what its picture must show. */
export interface BasePrompt {
  readonly prompt: string;
  readonly expected: readonly ClassName[];
  readonly seed: number;
}

/** Prompts of two objects that training never showed together. */
export function pairPrompts(count: number): BasePrompt[] {
  const chance = new Chance(2, 'experiment/pairs');
  return Array.from({ length: count }, (_, seed) => {
    const pair = chance.pick(heldOutPairs);
    const expected = chance.happens(0.5) ? pair : ([pair[1], pair[0]] as const);
    return { prompt: expected.map(withArticle).join(' and '), expected, seed };
  });
}

/** Prompts of one object. */
export function singlePrompts(count: number): BasePrompt[] {
  const chance = new Chance(3, 'experiment/singles');
  return Array.from({ length: count }, (_, seed) => {
    const expected = [chance.pick(classNames)];
    return { prompt: `a photo of ${withArticle(expected[0])}`, expected, seed };
  });
}
