/** A tile of the pattern in units of the drawing, whose side is 100; `ink` colours what is on the ground. */
interface Tile {
  readonly width: number;
  readonly height: number;
  readonly draw: (ink: string) => string;
}

const tiles = {
  striped: {
    width: 15,
    height: 15,
    draw: (ink) => `<rect width="7" height="15" fill="${ink}"/>`,
  },
  spotted: {
    width: 20,
    height: 20,
    draw: (ink) =>
      `<g fill="${ink}"><circle cx="5.5" cy="5.5" r="4.6"/><circle cx="15.5" cy="15.5" r="4.6"/></g>`,
  },
  checkered: {
    width: 20,
    height: 20,
    draw: (ink) => `<path d="M0 0h10v10h-10zM10 10h10v10h-10z" fill="${ink}"/>`,
  },
  zigzag: {
    width: 16,
    height: 16,
    draw: (ink) =>
      `<path d="M-4 12L0 8L8 16L16 8L20 12M-4 -4L0 -8L8 0L16 -8" transform="translate(0 -4)" fill="none" stroke="${ink}" stroke-width="5"/>`,
  },
  starry: {
    width: 26,
    height: 24,
    draw: (ink) =>
      `<path d="M8 1l2.2 5 5.4.5-4.1 3.6 1.2 5.3L8 12.6l-4.7 2.8 1.2-5.3L.4 6.5l5.4-.5z" fill="${ink}"/><circle cx="20" cy="19" r="3" fill="${ink}"/>`,
  },
  hearted: {
    width: 22,
    height: 22,
    draw: (ink) =>
      `<path d="M11 18C2 11 3 4 7.5 4C9.5 4 11 6 11 7C11 6 12.5 4 14.5 4C19 4 20 11 11 18z" fill="${ink}"/>`,
  },
} satisfies Record<string, Tile>;

/** As captions call them; "plain" has no pattern and no word. */
export type PatternName = keyof typeof tiles | 'plain';

export const patternNames: readonly PatternName[] = [
  'plain',
  ...(Object.keys(tiles) as (keyof typeof tiles)[]),
];

/** The definition of a pattern that shapes fill themselves with as url(#id). @param angle degrees */
export function patternDefinition(
  id: string,
  name: Exclude<PatternName, 'plain'>,
  ink: string,
  angle: number,
): string {
  const { width, height, draw }: Tile = tiles[name];
  const place = `patternUnits="userSpaceOnUse" patternTransform="rotate(${angle.toFixed(1)})"`;
  return `<pattern id="${id}" width="${width}" height="${height}" ${place}>${draw(ink)}</pattern>`;
}
