import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { readConcept } from '../../src-main/engine/concepts/conceptFile.ts';
import type { Raster } from '../../src-main/engine/images/raster.ts';
import { mean } from '../../src-main/engine/numbers.ts';
import type { ConceptDrift, ConceptVariant, TrainingMethod } from '../../src-shared/concept.ts';
import { type PictureRequest, type Studio, withArtist } from './artist.ts';
import type { Judge } from './judge.ts';
import { type Composition, layoutOf, promptOf, type Sample } from './plan.ts';
import { conceptFileOf, type Training, trainSample } from './training.ts';

/** The ways of the paper: anchors while training, a layout while composing, none or both. */
export const ways = {
  plain: { variant: 'plain', spatial: false },
  semantic: { variant: 'semantic', spatial: false },
  spatial: { variant: 'plain', spatial: true },
  both: { variant: 'semantic', spatial: true },
} as const satisfies Record<string, { variant: ConceptVariant; spatial: boolean }>;

export type Way = keyof typeof ways;

/** What was measured of one picture. */
export interface PictureScore {
  /** 'base': the model without concepts, asked for their class words. */
  readonly method: TrainingMethod | 'base';
  readonly way: Way;
  readonly prompt: string;
  readonly seed: number;
  readonly textAlignment: number;
  readonly imageAlignment: number;
  /** Whether the other object, or the second concept's class, was found. */
  readonly other: boolean;
  /** Whether the first concept's class was found. */
  readonly own: boolean;
  /** Drift percentile of its concepts; absent for the base model. */
  readonly drift?: number;
  /** Of its concepts to their class words; absent for the base model. */
  readonly classCosine?: number;
  /** Length of its concepts' rows over the mean of the vocabulary's; absent for the base model. */
  readonly normRatio?: number;
}

export interface CompositionRun extends Studio {
  /** Results and concepts of this run and of those that it continues. */
  readonly folder: string;
  readonly seeds: number;
  readonly judge: Judge;
  /** Scores of earlier runs, and of this one. */
  readonly scores: ScoreBook;
  /** Called after each new picture. */
  readonly onPicture: (
    score: PictureScore,
    picture: Raster,
    composition: Composition,
  ) => Promise<void>;
}

/** Scores in a file of one JSON object per line, so that a run that was stopped goes on. */
export class ScoreBook {
  readonly #path: string;
  readonly #known = new Map<string, PictureScore>();

  constructor(path: string) {
    this.#path = path;
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
    for (const line of lines) this.#remember(JSON.parse(line));
  }

  get(score: Pick<PictureScore, 'method' | 'way' | 'prompt' | 'seed'>): PictureScore | undefined {
    return this.#known.get(keyOf(score));
  }

  add(score: PictureScore): void {
    this.#remember(score);
    appendFileSync(this.#path, `${JSON.stringify(score)}\n`);
  }

  #remember(score: PictureScore): void {
    this.#known.set(keyOf(score), score);
  }
}

function keyOf({ method, way, prompt, seed }: Parameters<ScoreBook['get']>[0]): string {
  return [method, way, prompt, seed].join('|');
}

/** What one picture is to be made from, and for what. */
interface Task {
  readonly composition: Composition;
  readonly request: PictureRequest;
  /** Seed of the trainings of its concepts. */
  readonly trainingSeed: number;
}

/** Pictures that are sampled together. */
const batchSize = 4;

/** Pictures of a composition, each from a seed and a training of its own: one training is one draw, like one noise. */
export function tasksOf(
  composition: Composition,
  seeds: number,
  method: TrainingMethod | 'base',
  way: Way,
): Task[] {
  return Array.from({ length: seeds }, (_, index) => {
    const seed = composition.index * 10 + index;
    const layout = ways[way].spatial ? layoutOf(composition, seed) : undefined;
    const prompt = promptOf(composition, method !== 'base');
    return { composition, request: { prompt, seed, layout }, trainingSeed: index + 1 };
  });
}

/**
 * Scores compositions of the same concepts by a method in one way; concepts without a file are trained first. Pictures
 * that an earlier run has scored are not made again.
 */
export async function runCompositions(
  run: CompositionRun,
  compositions: readonly Composition[],
  method: TrainingMethod | 'base',
  way: Way,
): Promise<void> {
  const missing = compositions
    .flatMap((composition) => tasksOf(composition, run.seeds, method, way))
    .filter(({ request }) => !run.scores.get({ method, way, ...request }));
  for (const [seed, tasks] of Map.groupBy(missing, ({ trainingSeed }) => trainingSeed)) {
    const { variant } = ways[way];
    const files = await trainedFiles(run, compositions[0].concepts, { method, variant, seed });
    const named = { method, way, ...driftOf(files) };
    await withArtist(run, files, async ({ paint }) => {
      for (let start = 0; start < tasks.length; start += batchSize) {
        const batch = tasks.slice(start, start + batchSize);
        const pictures = await paint(batch.map(({ request }) => request));
        for (const [index, { composition, request }] of batch.entries()) {
          const { prompt, seed } = request;
          const judged = await judge(run.judge, composition, pictures[index]);
          const score = { ...named, prompt, seed, ...judged };
          run.scores.add(score);
          await run.onPicture(score, pictures[index], composition);
        }
      }
    });
  }
}

async function trainedFiles(
  run: CompositionRun,
  samples: readonly Sample[],
  { method, ...draw }: Omit<Training, 'method'> & { readonly method: TrainingMethod | 'base' },
): Promise<string[]> {
  if (method === 'base') return [];
  const training = { method, ...draw };
  const files = samples.map((sample) => conceptFileOf(run.folder, sample, training));
  for (const [index, sample] of samples.entries()) {
    await trainSample(run, files[index], sample, training);
  }
  return files;
}

function driftOf(
  files: readonly string[],
): Pick<PictureScore, 'drift' | 'classCosine' | 'normRatio'> {
  if (files.length === 0) return {};
  const drifts = files.map((file) => readConcept(file).description.drift);
  const meanOf = (name: keyof ConceptDrift) =>
    mean(drifts.map((drift) => drift?.[name] ?? Number.NaN));
  return {
    drift: meanOf('percentile'),
    classCosine: meanOf('classCosine'),
    normRatio: meanOf('normRatio'),
  };
}

async function judge(judge: Judge, composition: Composition, picture: Raster) {
  const { concepts, other } = composition;
  const [{ photos, classWord }] = concepts;
  const seen = await judge.classesIn(picture);
  return {
    textAlignment: await judge.textAlignment(picture, promptOf(composition, false)),
    imageAlignment: await judge.imageAlignment(picture, photos),
    other: seen.includes(other),
    own: seen.includes(classWord),
  };
}
