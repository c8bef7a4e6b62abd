import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Raster } from '../../src-main/engine/images/raster.ts';
import type { TrainingMethod } from '../../src-shared/concept.ts';
import type { PictureScore, ScoreBook } from './compositions.ts';
import { columnsOf, coverageOf, describeCoverage } from './coverage.ts';
import { drawGrid } from './grid.ts';
import { type Composition, promptOf } from './plan.ts';
import { type BaseScores, baseTable } from './scoreBase.ts';
import { tableOf } from './table.ts';
import { settings } from './training.ts';

interface ReportOptions {
  readonly folder: string;
  readonly book: ScoreBook;
  readonly compositions: readonly Composition[];
  readonly methods: readonly TrainingMethod[];
  readonly seeds: number;
}

/** Rows of a grid at most. */
const gridRows = 12;

/** Tables and grids of what is complete, and the pictures that the grids show. */
export class Report {
  base: BaseScores = {};
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
    mkdirSync(join(options.folder, 'pictures'), { recursive: true });
  }

  /** Keeps the first picture of each composition for the grids. */
  async keep(score: PictureScore, picture: Raster, composition: Composition): Promise<void> {
    if (score.seed % 10 !== 0) return;
    const { width, height, data } = picture;
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    writeFileSync(this.#pictureFile(score.method, score.way, composition), png);
  }

  /** Writes results.md, results.json and the grids. @returns the text */
  async write(): Promise<string> {
    const { folder, methods } = this.#options;
    const sections = methods.map((method) => this.#section(method));
    const text = [baseTable(this.base), ...sections.map(({ text }) => text)].join('\n\n');
    const figures = { base: this.base, methods: sections.map(({ figures }) => figures) };
    writeFileSync(join(folder, 'results.md'), `${text}\n`);
    writeFileSync(join(folder, 'results.json'), `${JSON.stringify(figures, null, 2)}\n`);
    for (const [index, method] of methods.entries()) {
      await this.#drawGrid(method, sections[index].figures.compositions);
    }
    return text;
  }

  #section(method: TrainingMethod) {
    const { book, compositions, seeds } = this.#options;
    const coverage = coverageOf(book, compositions, method, seeds);
    const covered = describeCoverage(coverage, compositions, seeds);
    const text = `${method}, ${JSON.stringify(settings[method])}. ${covered}\n\n${tableOf(coverage.scores)}`;
    const prompts = coverage.compositions.map((composition) => promptOf(composition, true));
    const { scores } = coverage;
    return {
      text,
      figures: { method, covered, prompts, scores, compositions: coverage.compositions },
    };
  }

  async #drawGrid(method: TrainingMethod, compositions: readonly Composition[]): Promise<void> {
    const rows = spread(compositions, gridRows).map((composition) =>
      columnsOf(method).map(([name, way]) => this.#pictureFile(name, way, composition)),
    );
    const files = rows.map((row) => row.map((file) => (existsSync(file) ? file : undefined)));
    if (!files.flat().some(Boolean)) return;
    const pictures = await Promise.all(files.map((row) => Promise.all(row.map(readPicture))));
    writeFileSync(join(this.#options.folder, `${method}.png`), await drawGrid(pictures));
  }

  #pictureFile(method: string, way: string, { index }: Composition): string {
    return join(this.#options.folder, 'pictures', `${method}.${way}.${index}.png`);
  }
}

/** At most `count` of the values, evenly spread. */
function spread<T>(values: readonly T[], count: number): T[] {
  const taken = Math.min(count, values.length);
  return Array.from({ length: taken }, (_, i) => values[Math.floor((i * values.length) / taken)]);
}

async function readPicture(file: string | undefined): Promise<Raster | undefined> {
  if (!file) return undefined;
  const { data, info } = await sharp(file)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data };
}
