import type { Raster } from '../../src-main/engine/images/raster.ts';
import type { Artist } from './artist.ts';
import type { Judge } from './judge.ts';
import type { BasePrompt } from './plan.ts';

/** What the model does of itself with a list of prompts. */
export interface BaseScore {
  readonly prompts: number;
  /** Pictures in which everything was found. */
  readonly complete: number;
  /** Objects asked for, and found. */
  readonly objects: number;
  readonly found: number;
  /** By class: asked for, found. */
  readonly byClass: Readonly<Record<string, readonly [number, number]>>;
}

/** Pictures in a batch. */
const batch = 4;

async function* paintAll(artist: Artist, prompts: readonly BasePrompt[]) {
  for (let start = 0; start < prompts.length; start += batch) {
    const some = prompts.slice(start, start + batch);
    const pictures = await artist.paint(some);
    for (const [index, asked] of some.entries()) yield [asked, pictures[index]] as const;
  }
}

/** Draws each prompt once and counts what the detector finds. @param keep receives every picture */
export async function scoreBaseModel(
  artist: Artist,
  judge: Judge,
  prompts: readonly BasePrompt[],
  keep: (picture: Raster, prompt: BasePrompt, missing: readonly string[]) => void,
): Promise<BaseScore> {
  const byClass = new Map<string, [number, number]>();
  let complete = 0;
  for await (const [asked, picture] of paintAll(artist, prompts)) {
    const seen = new Set(await judge.classesIn(picture));
    for (const name of asked.expected) {
      const [wanted, found] = byClass.get(name) ?? [0, 0];
      byClass.set(name, [wanted + 1, found + (seen.has(name) ? 1 : 0)]);
    }
    const missing = asked.expected.filter((name) => !seen.has(name));
    if (missing.length === 0) complete++;
    keep(picture, asked, missing);
  }
  const counts = [...byClass.values()];
  return {
    prompts: prompts.length,
    complete,
    objects: counts.reduce((sum, [wanted]) => sum + wanted, 0),
    found: counts.reduce((sum, [, found]) => sum + found, 0),
    byClass: Object.fromEntries([...byClass].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
