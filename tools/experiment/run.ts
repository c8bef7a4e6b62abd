/**
 * The paper's experiment in small, on Toybox:
 *
 *     npm run experiment                    all of it; what is done already in the folder is not done again
 *     npm run experiment -- --small         a part that is meant to end within ten minutes on two free cores
 *     npm run experiment -- --base          only what the model does of itself
 *     npm run experiment -- --minutes 30    begins nothing new after that time; the next run goes on
 *     npm run experiment -- --methods textual-inversion --seeds 2    one method; each seed is a training of each concept
 *                                                                    and a picture of each prompt
 *
 * Writes into --out (out/experiment) the scores of every picture as they come, and results.md, results.json and grids
 * whenever something is complete. They say what they cover.
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { z } from 'zod';
import { readBuiltIns } from '../../src-main/jobs/builtIns.ts';
import { type TrainingMethod, trainingMethods } from '../../src-shared/concept.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import { sampling } from './artist.ts';
import { type CompositionRun, runCompositions, ScoreBook } from './compositions.ts';
import { columnsOf } from './coverage.ts';
import { requireSameExperiment } from './identity.ts';
import { type Judge, withJudge } from './judge.ts';
import { compositionsOf, fullScale, smallScale } from './plan.ts';
import { Report } from './report.ts';
import { scoreBase } from './scoreBase.ts';
import { settings } from './training.ts';

const { values } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    base: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    methods: { type: 'string' },
    seeds: { type: 'string' },
    threads: { type: 'string', default: '0' },
    model: { type: 'string' },
    out: { type: 'string' },
  },
});
const optionsOfRun = z.object({
  ...{ small: z.boolean(), base: z.boolean() },
  minutes: z.coerce.number('expected a number').positive('expected minutes above 0').optional(),
  methods: z.array(z.enum(trainingMethods)).optional(),
  // seeds of a composition's pictures are ten apart
  seeds: z.coerce.number().int().min(1, 'expected 1 to 10').max(10, 'expected 1 to 10').optional(),
  threads: z.coerce.number().int('expected a whole number').min(0, 'expected 0 or more'),
  ...{ model: z.string().optional(), out: z.string().optional() },
});

const given = { ...values, methods: values.methods?.split(',') };
const options = parseInput(optionsOfRun, given, 'experiment');
const wholeScale = options.small ? smallScale : fullScale;
const scale = { ...wholeScale, seeds: options.seeds ?? wholeScale.seeds };
const methods = options.methods ?? scale.methods;
const builtIns = await readBuiltIns();
const { threads } = options;
const studio = { model: options.model ?? builtIns.model, threads };
const folder = options.out ?? (options.small ? 'out/experiment-small' : 'out/experiment');
mkdirSync(folder, { recursive: true });
await requireSameExperiment(folder, studio.model, { settings, sampling, scale });
const deadline = performance.now() + 60_000 * (options.minutes ?? Number.POSITIVE_INFINITY);
const bar = new SingleBar({
  format: '{task} [{bar}] {value}/{total}, {eta_formatted} left',
  etaBuffer: 50,
});
const book = new ScoreBook(`${folder}/pictures.jsonl`);
const compositions = compositionsOf(builtIns.samples, scale);
const report = new Report({ folder, book, compositions, methods, seeds: scale.seeds });
await withJudge(builtIns.evaluators, threads, async (judge) => {
  report.base = await scoreBase({ studio, judge, folder, bar }, scale.basePrompts);
  if (!options.base) for (const method of methods) await scoreMethod(judge, method);
});
console.log(`\n${await report.write()}`);

/** Concept by concept, each in all ways, so that a run that stops leaves rows that can be compared. */
async function scoreMethod(judge: Judge, method: TrainingMethod): Promise<void> {
  const columns = columnsOf(method);
  bar.start(columns.length * compositions.length * scale.seeds, 0, { task: method });
  const run: CompositionRun = {
    ...{ ...studio, folder, seeds: scale.seeds, judge, scores: book },
    onPicture: async (score, picture, composition) => {
      bar.increment();
      await report.keep(score, picture, composition);
    },
  };
  const groups = Map.groupBy(compositions, ({ concepts }) =>
    concepts.map(({ name }) => name).join(),
  );
  const parts = [...groups.values()].flatMap((group) =>
    columns.map(([name, way]) => ({ group, name, way })),
  );
  for (const { group, name, way } of parts) {
    if (performance.now() > deadline) break;
    await runCompositions(run, group, name, way);
    await report.write();
  }
  bar.stop();
}
