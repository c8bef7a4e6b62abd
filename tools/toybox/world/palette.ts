/** The colours of the world, by the words that captions use for them. */
export const palette = {
  red: '#e0483f',
  orange: '#f2913a',
  yellow: '#f6d04d',
  green: '#5fb457',
  teal: '#35b3a8',
  blue: '#4a83de',
  purple: '#8e5fc7',
  pink: '#f48fb7',
  brown: '#a0683f',
  black: '#44414f',
  white: '#f7f3ea',
  gray: '#9c9ca9',
} as const;

export type ColourName = keyof typeof palette;

export const colourNames = Object.keys(palette) as ColourName[];

/** Lines around everything. */
export const outline = '#352b3b';

/** A colour mixed with another, both "#rrggbb". @param share of the other colour, 0 to 1 */
export function mix(colour: string, other: string, share: number): string {
  const channels = [1, 3, 5].map((start) => {
    const [own, far] = [colour, other].map((text) =>
      Number.parseInt(text.slice(start, start + 2), 16),
    );
    return Math.round(own + (far - own) * share)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${channels.join('')}`;
}

/** Perceived lightness, 0 to 1 (Rec. 601 luma). */
export function lightness(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((start) =>
    Number.parseInt(colour.slice(start, start + 2), 16),
  );
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}
