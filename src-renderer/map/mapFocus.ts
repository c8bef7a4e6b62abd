import type { MapScene, NamedPath } from './mapScene.ts';
import { type MapView, type Point, toMap } from './mapView.ts';

/** What the pointer, or the middle of the map, is at. */
export type FocusTarget =
  | (Point & { readonly kind: 'word'; readonly text: string })
  | (Point & { readonly kind: 'step'; readonly text: string; readonly path: NamedPath });

/**
 * The step of a path, or else the word, that is nearest to a place in the window.
 *
 * @param radius in CSS pixels, beyond which nothing is meant
 */
export function focusAt(
  scene: MapScene,
  view: MapView,
  place: Point,
  radius: number,
): FocusTarget | undefined {
  const point = toMap(view, place);
  return stepAt(scene, point, radius / view.scale) ?? wordAt(scene, point, radius / view.scale);
}

function stepAt({ paths }: MapScene, { x, y }: Point, radius: number): FocusTarget | undefined {
  let [best, distance]: [FocusTarget | undefined, number] = [undefined, radius];
  for (const path of paths) {
    for (const step of path.points) {
      const away = Math.hypot(step.x - x, step.y - y);
      if (away > distance) continue;
      distance = away;
      best = { kind: 'step', x: step.x, y: step.y, path, text: stepText(path, step.step) };
    }
  }
  return best;
}

function stepText({ title, variant, points }: NamedPath, step: number): string {
  // of what was imported, nothing but the end is known, and maybe not even its step
  if (points.length === 1) return `${title} ${variant}`.trim();
  const last = points[points.length - 1].step;
  const where = step === points[0].step ? ', the start' : step === last ? ', the end' : '';
  return `${title} ${variant}, step ${step}${where}`.trim();
}

function wordAt({ index, words }: MapScene, place: Point, radius: number): FocusTarget | undefined {
  const at = index.nearest(place, radius);
  if (at === undefined) return undefined;
  const { word, x, y } = words[at];
  return { kind: 'word', x, y, text: word };
}
