/** Shares from 0 to 1 as colours: dark violet over magenta and orange to pale yellow, even in lightness. */

const stops: readonly (readonly [number, number, number])[] = [
  [16, 12, 36],
  [76, 22, 94],
  [150, 40, 104],
  [214, 76, 74],
  [246, 146, 62],
  [252, 233, 160],
];

/** @returns red, green, blue from 0 to 255 */
export function heatColor(share: number): [number, number, number] {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const rest = place - index;
  const from = stops[index]!;
  const to = stops[index + 1]!;
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(from[channel] + (to[channel] - from[channel]) * rest);
  return [mix(0), mix(1), mix(2)];
}

/** Values of any range to shares of the largest; all 0 where nothing is above 0. */
export function normalise(values: readonly number[]): number[] {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return values.map((value) => (largest > 0 ? Math.max(0, value) / largest : 0));
}
