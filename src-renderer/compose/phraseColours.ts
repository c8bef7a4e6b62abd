/** One colour of the theme per phrase: boxes, buttons and heat maps of the same words look alike. */

const tiles = 6;

/** @param index of the phrase among the layout's phrases; @returns a colour's name in the theme */
export function phraseTile(index: number): string {
  return `tile-${(Math.max(index, 0) % tiles) + 1}`;
}

export function tileColour(tile: string): string {
  return `var(--color-${tile})`;
}

/** "#63c7b4" as red, green, blue; black where it is something else. */
export function parseHexColour(text: string): readonly [number, number, number] {
  const digits = /^#([0-9a-f]{6})/i.exec(text.trim())?.[1] ?? '000000';
  const value = Number.parseInt(digits, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
