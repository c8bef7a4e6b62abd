import type { PictureScore } from './compositions.ts';

const columns = [
  ['text alignment', (score: PictureScore) => score.textAlignment, decimal],
  ['image alignment', (score: PictureScore) => score.imageAlignment, decimal],
  ['other object', (score: PictureScore) => Number(score.other), percent],
  ["concept's class", (score: PictureScore) => Number(score.own), percent],
  ['both', (score: PictureScore) => Number(score.own && score.other), percent],
  ['cosine to class', (score: PictureScore) => score.classCosine, short],
  ['drift percentile', (score: PictureScore) => score.drift, rounded],
] as const;

/** Means by method and way, as a table in Markdown. */
export function tableOf(scores: readonly PictureScore[]): string {
  const groups = Map.groupBy(scores, ({ method, way }) =>
    method === 'base' ? 'base model, class word' : `${method}, ${way}`,
  );
  const rows = [...groups].map(([name, own]) => {
    const cells = columns.map(([, read, format]) => {
      const values = own.map(read).filter((value) => value !== undefined);
      return values.length === 0 ? '' : format(mean(values));
    });
    return [name, String(own.length), ...cells];
  });
  const heads = ['', 'pictures', ...columns.map(([name]) => name)];
  const rule = heads.map((_, index) => (index === 0 ? '---' : '---:'));
  return [heads, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function decimal(value: number): string {
  return value.toFixed(3);
}

function short(value: number): string {
  return value.toFixed(2);
}

function percent(value: number): string {
  return `${Math.round(100 * value)} %`;
}

function rounded(value: number): string {
  return value.toFixed(0);
}
