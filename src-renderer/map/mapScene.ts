import type { StudioOutput } from '../../src-shared/studioApi.ts';
import type { ConceptPath } from './conceptPath.ts';
import { contours, type Ring } from './contour.ts';
import { densityOf } from './density.ts';
import {
  type Bounds,
  boundsOf,
  boundsOfEllipse,
  type Ellipse,
  type Point,
  union,
} from './mapView.ts';
import { PointIndex } from './pointIndex.ts';

export type EmbeddingMap = StudioOutput<'embeddingMap'>;
export type MapWord = EmbeddingMap['words'][number];

/** A path on the map and what it is called. */
export type NamedPath = ConceptPath & { readonly title: string };

/** All that is drawn and pointed at, prepared once for each map that the studio sends. In places of the map. */
export type MapScene = {
  readonly words: readonly MapWord[];
  readonly index: PointIndex;
  readonly byWord: ReadonlyMap<string, number>;
  /** Indices of words in the order in which they get labels: the concepts' nearest come first. */
  readonly labelOrder: readonly number[];
  /** Indices of the words that are near to a concept. */
  readonly near: ReadonlySet<number>;
  readonly core: Ellipse;
  /** Outlines of where words are dense, from the lowest level to the highest. */
  readonly bands: readonly (readonly Ring[])[];
  readonly paths: readonly NamedPath[];
  /** What is shown at first: the core and all paths. */
  readonly home: Bounds;
};

/** Letters and syllables say little: words of fewer characters get their labels last. */
const shortest = 3;

const levels = [0.02, 0.06, 0.14, 0.28, 0.48, 0.72];

/** @param titles of versions by their id, such as "<my-cat>" */
export function sceneOf(map: EmbeddingMap, titles: ReadonlyMap<string, string>): MapScene {
  const byWord = new Map(map.words.map(({ word }, index) => [word, index]));
  const nearest = map.paths.flatMap((path) => path.nearest.map(({ word }) => byWord.get(word)));
  const near = new Set(nearest.filter((index) => index !== undefined));
  const others = map.words.flatMap((_, index) => (near.has(index) ? [] : [index]));
  const isShort = (index: number) => Number(map.words[index].word.length < shortest);
  return {
    words: map.words,
    index: new PointIndex(map.words),
    byWord,
    labelOrder: [...near, ...others.sort((a, b) => isShort(a) - isShort(b))],
    near,
    core: map.core,
    bands: bandsOf(map.words),
    paths: map.paths.map((path) => ({ ...path, title: titles.get(path.versionId) ?? '' })),
    home: homeOf(map),
  };
}

function bandsOf(words: readonly Point[]): Ring[][] {
  if (words.length < 50) return [];
  // Few words lie apart: a wider blur joins them.
  const radius = Math.min(10, Math.max(3, Math.round(30 / words.length ** 0.25)));
  const field = densityOf(words, placeOf(words), 144, radius);
  return levels.map((level) => contours(field, level));
}

/**
 * Where outlines can lie: around all points, but no farther out than a third of the bulk, which is all but the outermost
 * hundredth at each side. Of a normal distribution that is up to 3.9 standard deviations; the lowest level is at 2.8.
 */
function placeOf(points: readonly Point[]): Bounds {
  const range = (values: number[]) => {
    const sorted = values.sort((a, b) => a - b);
    const skipped = Math.floor(sorted.length / 100);
    const [start, end] = [sorted[skipped], sorted[sorted.length - 1 - skipped]];
    const margin = (end - start) / 3;
    return [Math.max(sorted[0], start - margin), Math.min(sorted.at(-1)!, end + margin)] as const;
  };
  const [left, right] = range(points.map(({ x }) => x));
  const [top, bottom] = range(points.map(({ y }) => y));
  return { left, top, right, bottom };
}

function homeOf({ core, paths }: EmbeddingMap): Bounds {
  const ofCore = boundsOfEllipse(core);
  const points = paths.flatMap((path) => path.points);
  return points.length > 0 ? union(ofCore, boundsOf(points)) : ofCore;
}

/** Words that contain what is searched for: equal ones first, then those that begin so. */
export function findWords(words: readonly MapWord[], search: string, limit = 8): MapWord[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return [];
  const rank = ({ word }: MapWord) => {
    const text = word.toLowerCase();
    if (text === wanted) return 0;
    return text.startsWith(wanted) ? 1 : 2;
  };
  return words
    .filter(({ word }) => word.toLowerCase().includes(wanted))
    .sort((a, b) => rank(a) - rank(b) || a.word.length - b.word.length)
    .slice(0, limit);
}
