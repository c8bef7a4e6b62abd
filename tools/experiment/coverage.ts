import type { TrainingMethod } from '../../src-shared/concept.ts';
import { type PictureScore, type ScoreBook, tasksOf, type Way, ways } from './compositions.ts';
import type { Composition } from './plan.ts';

export const wayNames = Object.keys(ways) as Way[];

/** What a method is compared by: the model's own words, then the method in every way. */
export function columnsOf(method: TrainingMethod): (readonly [TrainingMethod | 'base', Way])[] {
  return [['base', 'plain'], ...wayNames.map((way) => [method, way] as const)];
}

/** What of a method has been measured in all ways, so that its rows compare the same prompts and seeds. */
export interface Coverage {
  readonly compositions: readonly Composition[];
  readonly scores: readonly PictureScore[];
}

/** The compositions of which every picture of every way has its score. */
export function coverageOf(
  book: ScoreBook,
  compositions: readonly Composition[],
  method: TrainingMethod,
  seeds: number,
): Coverage {
  const measured = compositions.map((composition) => ({
    composition,
    scores: columnsOf(method).flatMap(([name, way]) =>
      tasksOf(composition, seeds, name, way).map(({ request }) =>
        book.get({ method: name, way, ...request }),
      ),
    ),
  }));
  const complete = measured.filter(({ scores }) => scores.every((score) => score !== undefined));
  return {
    compositions: complete.map(({ composition }) => composition),
    scores: complete.flatMap(({ scores }) => scores.filter((score) => score !== undefined)),
  };
}

/** "Complete for 40 of 85 prompts (minka, bruno; no pairs of concepts), 4 seeds each." */
export function describeCoverage(
  { compositions: done }: Coverage,
  planned: readonly Composition[],
  seeds: number,
): string {
  const singles = done.filter(({ concepts }) => concepts.length === 1);
  const pairs = done.length - singles.length;
  const names = [...new Set(singles.map(({ concepts: [{ name }] }) => name))].join(', ');
  const shown = `${names || 'no concepts'}; ${pairs || 'no'} pairs of concepts`;
  return `Complete for ${done.length} of ${planned.length} prompts (${shown}), ${seeds} seeds each.`;
}
