/**
 * The paper's experiment in small, on Toybox:
 *
 *     npm run experiment                 all of it; what is done already in the folder is not done again
 *     npm run experiment -- --small      ends within ten minutes on two cores
 *     npm run experiment -- --base       only what the model does of itself
 *
 * Writes into --out (out/experiment): results.md, results.json, grids, and the scores of every picture.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import type { Raster } from '../../src-main/engine/images/raster.ts';
import { readBuiltIns } from '../../src-main/jobs/builtIns.ts';
import { withArtist } from './artist.ts';
import { type BaseScore, scoreBaseModel } from './baseModel.ts';
import { type PictureScore, runComposition, ScoreBook, type Way, ways } from './compositions.ts';
import { drawGrid } from './grid.ts';
import { type Judge, withJudge } from './judge.ts';
import {
  type BasePrompt,
  compositionsOf,
  fullScale,
  pairPrompts,
  type Scale,
  singlePrompts,
  smallScale,
} from './plan.ts';
import { tableOf } from './table.ts';

const { values: options } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    base: { type: 'boolean', default: false },
    model: { type: 'string' },
    out: { type: 'string', default: 'out/experiment' },
  },
});

const scale = options.small ? smallScale : fullScale;
const builtIns = await readBuiltIns();
const model = options.model ?? builtIns.model;
const folder = options.out;
mkdirSync(folder, { recursive: true });
const bar = new SingleBar({
  format: '{task} [{bar}] {value}/{total}, {eta_formatted} left',
  etaBuffer: 50,
});
const start = performance.now();
const sections = await withJudge(builtIns.evaluators, async (judge) => {
  const base = await scoreBase(judge, scale);
  return options.base ? [base] : [base, await scoreConcepts(judge, scale)];
});
const minutes = ((performance.now() - start) / 60_000).toFixed(1);
const text = `${sections.map(({ markdown }) => markdown).join('\n\n')}\n\nTaken in ${minutes} minutes.\n`;
writeFileSync(join(folder, 'results.md'), text);
writeFileSync(
  join(folder, 'results.json'),
  `${JSON.stringify(Object.assign({}, ...sections.map(({ json }) => json)), null, 2)}\n`,
);
console.log(`\n${text}`);

/** A part of the results, for people and for programs. */
interface Section {
  readonly markdown: string;
  readonly json: object;
}

async function scoreBase(judge: Judge, { basePrompts }: Scale): Promise<Section> {
  const lists = { pairs: pairPrompts(basePrompts), singles: singlePrompts(basePrompts) };
  return withArtist(model, [], async (artist) => {
    const scores: Record<string, BaseScore> = {};
    for (const [name, prompts] of Object.entries(lists)) {
      const pictures: Raster[] = [];
      bar.start(prompts.length, 0, { task: `base model, ${name}` });
      scores[name] = await scoreBaseModel(artist, judge, prompts, (picture) => {
        pictures.push(picture);
        bar.increment();
      });
      bar.stop();
      const rows = Array.from({ length: 4 }, (_, row) => pictures.slice(12 * row, 12 * (row + 1)));
      writeFileSync(join(folder, `base-${name}.png`), await drawGrid(rows));
    }
    return { markdown: baseTable(scores, lists), json: { base: scores } };
  });
}

function baseTable(
  scores: Readonly<Record<string, BaseScore>>,
  lists: Readonly<Record<string, readonly BasePrompt[]>>,
): string {
  const rows = Object.entries(scores).map(([name, { prompts, complete, objects, found }]) => {
    const example = lists[name][0].prompt;
    const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
    return `| ${name}, such as "${example}" | ${prompts} | ${share(complete, prompts)} | ${share(found, objects)} |`;
  });
  const head =
    '| base model | prompts | everything found | objects found |\n| --- | ---: | ---: | ---: |';
  return [head, ...rows].join('\n');
}

async function scoreConcepts(judge: Judge, scale: Scale): Promise<Section> {
  const compositions = compositionsOf(builtIns.samples, scale);
  const names = Object.keys(ways) as Way[];
  const columns = [
    ['base', 'plain'] as const,
    ...scale.methods.flatMap((method) => names.map((way) => [method, way] as const)),
  ];
  const scores: PictureScore[] = [];
  const shown = new Map<string, Raster>();
  bar.start(columns.length * compositions.length * scale.seeds, 0, { task: 'compositions' });
  const book = new ScoreBook(join(folder, 'pictures.jsonl'));
  for (const [method, way] of columns) {
    for (const composition of compositions) {
      const onPicture = (score: PictureScore, picture?: Raster) => {
        scores.push(score);
        bar.increment();
        const cell = `${method}/${way}/${composition.index}`;
        if (picture && !shown.has(cell)) shown.set(cell, picture);
      };
      const run = { model, folder, seeds: scale.seeds, judge, scores: book, onPicture };
      await runComposition(run, composition, method, way);
    }
  }
  bar.stop();
  for (const method of scale.methods) {
    const cells = [['base', 'plain'] as const, ...names.map((way) => [method, way] as const)];
    const rows = compositions
      .slice(0, 12)
      .map(({ index }) => cells.map(([name, way]) => shown.get(`${name}/${way}/${index}`)));
    if (rows.flat().some(Boolean)) {
      writeFileSync(join(folder, `${method}.png`), await drawGrid(rows));
    }
  }
  return { markdown: tableOf(scores), json: { concepts: scores } };
}
