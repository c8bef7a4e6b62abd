import { textScale } from '../ui/textScale.ts';
import { lineOf, markedPoints } from './conceptPath.ts';
import type { Ring } from './contour.ts';
import { type LabelWish, placeLabels } from './labelPlacement.ts';
import type { MapScene, NamedPath } from './mapScene.ts';
import {
  type Bounds,
  type MapView,
  type Point,
  type Size,
  shownBounds,
  toWindow,
} from './mapView.ts';

/** Colours of the theme, by their names. */
export type Palette = Readonly<
  Record<'ink' | 'muted' | 'tile-6' | 'accent' | 'second' | 'surface', string>
>;

/** A word or a step of a path that is pointed at. In places of the map. */
export type MapFocus = Point & { readonly text: string; readonly detail?: string };

export type MapPicture = {
  readonly scene: MapScene;
  readonly bands: readonly Path2D[];
  readonly view: MapView;
  readonly size: Size;
  readonly palette: Palette;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  readonly focus?: MapFocus;
};

const font = (weight: number, pixels: number) =>
  `${weight} ${pixels * textScale()}px ${getComputedStyle(document.body).fontFamily}`;

/** Contours as paths that a canvas fills; made once for a scene. */
export function bandPaths(bands: MapScene['bands']): Path2D[] {
  return bands.map((rings) => {
    const path = new Path2D();
    for (const ring of rings) addRing(path, ring);
    return path;
  });
}

function addRing(path: Path2D, ring: Ring): void {
  for (const [index, { x, y }] of ring.entries()) {
    if (index === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  }
  path.closePath();
}

export function pathColour(variant: string, palette: Palette): string {
  return variant === 'plain' ? palette.second : palette.accent;
}

export function drawMap(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { size, ratio, scene, palette } = picture;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  drawBands(context, picture);
  drawWords(context, picture);
  drawCore(context, picture);
  for (const path of scene.paths) drawPath(context, path, picture);
  drawLabels(context, picture);
  if (picture.focus) drawFocus(context, picture.focus, picture, palette.ink);
}

function drawBands(context: CanvasRenderingContext2D, { bands, view, ratio, palette }: MapPicture) {
  context.save();
  context.transform(view.scale, 0, 0, view.scale, view.left, view.top);
  context.lineWidth = 1 / view.scale / Math.min(ratio, 2);
  context.fillStyle = palette['tile-6'];
  context.strokeStyle = palette['tile-6'];
  for (const band of bands) {
    context.globalAlpha = 0.07;
    context.fill(band);
    context.globalAlpha = 0.4;
    context.stroke(band);
  }
  context.restore();
}

/** Dots grow and become clearer the nearer one looks: many at once would be a blot, few at once a void. */
function drawWords(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { scene, view, size, palette } = picture;
  const shown = scene.index.within(shownBounds(view, size, 4));
  const crowd = shown.length / ((size.width * size.height) / 1e4);
  const radius = Math.min(2.6, Math.max(1, 2.6 - Math.log10(1 + crowd) * 0.8));
  context.fillStyle = palette.muted;
  context.globalAlpha = Math.min(0.75, Math.max(0.28, 0.85 - Math.log10(1 + crowd) * 0.3));
  context.beginPath();
  for (const index of shown) {
    if (scene.near.has(index)) continue;
    const { x, y } = toWindow(view, scene.words[index]);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.fill();
  context.globalAlpha = 1;
  context.fillStyle = palette.ink;
  for (const index of scene.near) dot(context, toWindow(view, scene.words[index]), 3);
}

function dot(context: CanvasRenderingContext2D, { x, y }: Point, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function drawCore(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { view, palette } = picture;
  const { major, minor, angle, ...centre } = picture.scene.core;
  const { x, y } = toWindow(view, centre);
  context.save();
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5;
  context.setLineDash([6, 5]);
  context.globalAlpha = 0.7;
  context.beginPath();
  context.ellipse(x, y, major * view.scale, minor * view.scale, angle, 0, 2 * Math.PI);
  context.stroke();
  context.restore();
}

function drawPath(context: CanvasRenderingContext2D, path: NamedPath, picture: MapPicture): void {
  const { view, palette } = picture;
  const points = path.points.map((point) => toWindow(view, point));
  if (points.length === 0) return;
  const colour = pathColour(path.variant, palette);
  context.save();
  context.lineJoin = 'round';
  context.lineCap = 'round';
  const line = new Path2D(lineOf(points));
  context.strokeStyle = palette.surface;
  context.lineWidth = 5;
  context.stroke(line);
  context.strokeStyle = colour;
  context.lineWidth = 2.25;
  context.stroke(line);
  context.fillStyle = colour;
  for (const point of markedPoints(points, 16)) dot(context, point, 3);
  drawEnds(context, points, colour, palette);
  context.restore();
}

/** The start is a ring, the end a disc. */
function drawEnds(
  context: CanvasRenderingContext2D,
  points: readonly Point[],
  colour: string,
  palette: Palette,
): void {
  context.lineWidth = 2.5;
  context.strokeStyle = colour;
  context.fillStyle = palette.surface;
  dot(context, points[0], 5);
  context.stroke();
  context.strokeStyle = palette.surface;
  context.fillStyle = colour;
  dot(context, points[points.length - 1], 8);
  context.stroke();
}

function around({ x, y }: Point, radius: number): Bounds {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
}

type WrittenLabel = LabelWish & { readonly weight: number; readonly colour: string };

function drawLabels(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { size, palette, scene, view } = picture;
  const taken = scene.paths.flatMap(({ points }) => [
    ...points.slice(0, 1).map((start) => around(toWindow(view, start), 6)),
    ...points.slice(-1).map((end) => around(toWindow(view, end), 10)),
  ]);
  const wishes = [...endLabels(context, picture), ...wordLabels(context, picture)];
  const limit = Math.round((size.width * size.height) / 8000) + scene.near.size;
  context.lineJoin = 'round';
  context.textBaseline = 'middle';
  context.strokeStyle = palette.surface;
  context.lineWidth = 4;
  for (const { wish, left, top } of placeLabels(wishes, size, taken, limit)) {
    context.font = font(wish.weight, wish.weight > 600 ? 13 : 12);
    context.fillStyle = wish.colour;
    context.strokeText(wish.text, left, top + wish.height / 2);
    context.fillText(wish.text, left, top + wish.height / 2);
  }
}

function endLabels(context: CanvasRenderingContext2D, picture: MapPicture): WrittenLabel[] {
  const { scene, view, palette } = picture;
  context.font = font(650, 13);
  return scene.paths.flatMap(({ points, variant, title }) => {
    const end = points.at(-1);
    if (!end) return [];
    const text = `${title} ${variant}`.trim();
    const { width } = context.measureText(text);
    const { x, y } = toWindow(view, end);
    const colour = pathColour(variant, palette);
    return [{ x, y, text, width, height: 20 * textScale(), gap: 12, weight: 650, colour }];
  });
}

/** Words in sight, the most important first; not all of them, for most would find no place. */
function wordLabels(context: CanvasRenderingContext2D, picture: MapPicture): WrittenLabel[] {
  const { scene, view, size, palette } = picture;
  const labels: WrittenLabel[] = [];
  for (const index of scene.labelOrder) {
    if (labels.length >= 400) break;
    const { word } = scene.words[index];
    const { x, y } = toWindow(view, scene.words[index]);
    if (x < 0 || y < 0 || x > size.width || y > size.height) continue;
    const isNear = scene.near.has(index);
    const weight = isNear ? 600 : 400;
    context.font = font(weight, 12);
    const { width } = context.measureText(word);
    const colour = isNear ? palette.ink : palette.muted;
    labels.push({ x, y, text: word, width, height: 16 * textScale(), weight, colour });
  }
  return labels;
}

function drawFocus(
  context: CanvasRenderingContext2D,
  focus: MapFocus,
  { view }: MapPicture,
  colour: string,
): void {
  const { x, y } = toWindow(view, focus);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.stroke();
}
