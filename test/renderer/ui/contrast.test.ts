import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const renderer = resolve(import.meta.dirname, '../../../src-renderer');
const [light, dark] = themes(readFileSync(join(renderer, 'ui/styles.css'), 'utf8'));

const grounds = ['paper', 'surface', 'raised', 'sunken'];

/** Least contrasts of WCAG 2.1: 1.4.3 for text, 1.4.11 for what shows where a control is. */
const least = [
  ...['ink', 'muted', 'accent', 'second', 'warn', 'danger'].map((name) => [name, 4.5] as const),
  ['edge', 3] as const,
];

describe.each([
  ['light', light],
  ['dark', dark],
])('%s colours', (_, colors) => {
  it.each(least)('let %s stand out by %d on every ground', (name, contrast) => {
    for (const ground of grounds) {
      expect(contrastOf(colors[name], colors[ground]), ground).toBeGreaterThanOrEqual(contrast);
    }
  });
});

it('edges of controls are not thinned', () => {
  const files = readdirSync(renderer, { recursive: true, encoding: 'utf8' });
  const thinned = files
    .filter((file) => file.endsWith('.tsx'))
    .filter((file) => /border-edge\/\d/.test(readFileSync(join(renderer, file), 'utf8')));
  expect(thinned).toEqual([]);
});

type Colors = Readonly<Record<string, string>>;

/** The colours of the theme, and with those that replace them in the dark. */
function themes(styles: string): [light: Colors, dark: Colors] {
  const [light, dark] = styles.split("[data-theme='dark'] {").map(colorsOf);
  return [light, { ...light, ...dark }];
}

function colorsOf(styles: string): Colors {
  const declared = styles.matchAll(/--color-([\w-]+): (#[0-9a-f]{6});/g);
  return Object.fromEntries([...declared].map(([, name, color]) => [name, color]));
}

/** WCAG 2.1, "contrast ratio". */
function contrastOf(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.1, "relative luminance". */
function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
