import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { readConcept } from '../../src-main/engine/commands/conceptFile.ts';
import type { Raster } from '../../src-main/engine/images/raster.ts';
import type { ConceptVariant, TrainingMethod } from '../../src-shared/concept.ts';
import { withArtist } from './artist.ts';
import type { Judge } from './judge.ts';
import { type Composition, layoutOf, promptOf } from './plan.ts';
import { conceptFileOf, trainSample } from './training.ts';

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
}

export interface CompositionRun {
  readonly model: string;
  /** Results and concepts of this run and of those that it continues. */
  readonly folder: string;
  readonly seeds: number;
  readonly judge: Judge;
  /** Scores of earlier runs, and of this one. */
  readonly scores: ScoreBook;
  /** Called after each picture; `picture` is absent where an earlier run has scored it. */
  readonly onPicture: (score: PictureScore, picture?: Raster) => void;
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

/** Scores a composition by a method in one way, training its concepts first where they are not. */
export async function runComposition(
  run: CompositionRun,
  composition: Composition,
  method: TrainingMethod | 'base',
  way: Way,
): Promise<void> {
  const { variant, spatial } = ways[way];
  const files: string[] = [];
  for (const sample of method === 'base' ? [] : composition.concepts) {
    const file = conceptFileOf(run.folder, method as TrainingMethod, sample, variant);
    await trainSample(run.model, file, sample, method as TrainingMethod, variant);
    files.push(file);
  }
  const drift = mean(files.map((file) => readConcept(file).description.drift?.percentile ?? 0));
  const named = { method, way, ...(files.length > 0 && { drift }) };
  const requests = Array.from({ length: run.seeds }, (_, index) => {
    const seed = composition.index * 10 + index;
    const layout = spatial ? layoutOf(composition, seed) : undefined;
    return { prompt: promptOf(composition, method !== 'base'), seed, layout };
  });
  const missing = requests.filter((request) => !run.scores.get({ ...named, ...request }));
  for (const request of requests) {
    const known = run.scores.get({ ...named, ...request });
    if (known) run.onPicture(known);
  }
  if (missing.length === 0) return;
  await withArtist(run.model, files, async ({ paint }) => {
    for (const request of missing) {
      const picture = await paint(request);
      const score = { ...named, ...(await judge(run.judge, composition, picture)), ...request };
      const { layout: _, ...kept } = score;
      run.scores.add(kept);
      run.onPicture(kept, picture);
    }
  });
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}
