import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SingleBar } from 'cli-progress';
import type { Raster } from '../../src-main/engine/images/raster.ts';
import { type Artist, type Studio, withArtist } from './artist.ts';
import { type BaseScore, scoreBaseModel } from './baseModel.ts';
import { drawGrid } from './grid.ts';
import type { Judge } from './judge.ts';
import { type BasePrompt, pairPrompts, singlePrompts } from './plan.ts';

/** What the model does of itself with pairs and with single things. */
export type BaseScores = Readonly<Record<string, BaseScore & { readonly example: string }>>;

interface BaseRun {
  readonly studio: Studio;
  readonly judge: Judge;
  readonly folder: string;
  readonly bar: SingleBar;
}

/** Scores the model without concepts, unless an earlier run has, and draws a grid of each kind of prompt. */
export async function scoreBase(run: BaseRun, prompts: number): Promise<BaseScores> {
  const file = join(run.folder, 'base.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const scores = await withArtist(run.studio, [], async (artist) => ({
    pairs: await scoreList(run, artist, 'pairs', pairPrompts(prompts)),
    singles: await scoreList(run, artist, 'singles', singlePrompts(prompts)),
  }));
  writeFileSync(file, `${JSON.stringify(scores, null, 2)}\n`);
  return scores;
}

async function scoreList(
  { judge, folder, bar }: BaseRun,
  artist: Artist,
  name: string,
  prompts: readonly BasePrompt[],
): Promise<BaseScores[string]> {
  const pictures: Raster[] = [];
  bar.start(prompts.length, 0, { task: `base model, ${name}` });
  const score = await scoreBaseModel(artist, judge, prompts, (picture) => {
    pictures.push(picture);
    bar.increment();
  });
  bar.stop();
  const rows = Array.from({ length: 4 }, (_, row) => pictures.slice(12 * row, 12 * (row + 1)));
  writeFileSync(join(folder, `base-${name}.png`), await drawGrid(rows));
  return { ...score, example: prompts[0].prompt };
}

/** A table in Markdown. */
export function baseTable(scores: BaseScores): string {
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
  const rows = Object.entries(scores).map(
    ([name, { prompts, complete, objects, found, example }]) =>
      `| ${name}, such as "${example}" | ${prompts} | ${share(complete, prompts)} | ${share(found, objects)} |`,
  );
  const head =
    '| base model | prompts | everything found | objects found |\n| --- | ---: | ---: | ---: |';
  return [head, ...rows].join('\n');
}
