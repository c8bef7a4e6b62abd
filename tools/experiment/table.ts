import { mean } from '../../src-main/engine/numbers.ts';
import type { PictureScore } from './compositions.ts';

const columns = [
  ['text alignment', (score: PictureScore) => score.textAlignment, decimal],
  ['image alignment', (score: PictureScore) => score.imageAlignment, decimal],
  ['other object', (score: PictureScore) => Number(score.other), percent],
  ["concept's class", (score: PictureScore) => Number(score.own), percent],
  ['both', (score: PictureScore) => Number(score.own && score.other), percent],
  ['norm', (score: PictureScore) => score.normRatio, tenths],
  ['cosine to class', (score: PictureScore) => score.classCosine, short],
  ['drift percentile', (score: PictureScore) => score.drift, rounded],
] as const;

const changeColumn = 'image alignment against plain, where both ways show both';

/** Means by method and way, as a table in Markdown. */
export function tableOf(scores: readonly PictureScore[]): string {
  const groups = Map.groupBy(scores, ({ method, way }) =>
    method === 'base' ? 'base model, class word' : `${method}, ${way}`,
  );
  const plain = new Map(
    scores.filter(({ way }) => way === 'plain').map((score) => [pictureOf(score), score]),
  );
  const rows = [...groups].map(([name, own]) => {
    const cells = columns.map(([, read, format]) => {
      const values = own.map(read).filter((value) => value !== undefined);
      return values.length === 0 ? '' : format(mean(values));
    });
    return [name, String(own.length), ...cells, changeOf(own, plain)];
  });
  const heads = ['', 'pictures', ...columns.map(([name]) => name), changeColumn];
  const rule = heads.map((_, index) => (index === 0 ? '---' : '---:'));
  return [heads, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/**
 * The mean change of image alignment against the plain way's pictures of the same prompts and seeds, and its standard
 * error, in percent of the plain mean. A picture that shows the concept alone is more like its photos than one that shows
 * something beside it, so that only pictures in which both ways show both things tell what likeness a way costs.
 */
function changeOf(
  scores: readonly PictureScore[],
  plain: ReadonlyMap<string, PictureScore>,
): string {
  const pairs = scores
    .filter(({ method, way }) => method !== 'base' && way !== 'plain')
    .map((score) => [plain.get(pictureOf(score)), score] as const)
    .filter((pair): pair is readonly [PictureScore, PictureScore] =>
      pair.every((score) => score?.own && score.other),
    );
  if (pairs.length < 2) return '';
  const changes = pairs.map(([before, after]) => after.imageAlignment - before.imageAlignment);
  const whole = mean(pairs.map(([before]) => before.imageAlignment)) / 100;
  const change = mean(changes);
  const variance =
    changes.reduce((sum, value) => sum + (value - change) ** 2, 0) / (changes.length - 1);
  const error = Math.sqrt(variance / changes.length);
  return `${signed(change / whole)} ± ${rounded(error / whole)} % (${pairs.length})`;
}

function pictureOf({ method, prompt, seed }: PictureScore): string {
  return [method, prompt, seed].join('|');
}

function decimal(value: number): string {
  return value.toFixed(3);
}

function tenths(value: number): string {
  return value.toFixed(1);
}

function short(value: number): string {
  return value.toFixed(2);
}

function percent(value: number): string {
  return `${Math.round(100 * value)} %`;
}

const signs = new Intl.NumberFormat('en', {
  maximumFractionDigits: 0,
  signDisplay: 'exceptZero',
});

/** "+3", "-3", "0" */
function signed(value: number): string {
  return signs.format(value);
}

function rounded(value: number): string {
  return value.toFixed(0);
}
