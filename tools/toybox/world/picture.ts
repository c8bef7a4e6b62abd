import sharp from 'sharp';
import { drawBackground, type PlaceName } from './backgrounds.ts';
import { drawIndividual, type Individual } from './things.ts';

/** Where a thing stands: centre and side of its sheet in shares of the picture; the sheet's margin is transparent. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly mirrored?: boolean;
}

export interface Scene {
  readonly place: PlaceName;
  readonly placeSeed: number;
  /** From back to front. */
  readonly things: readonly { readonly individual: Individual; readonly spot: Spot }[];
}

/** The SVG text of a scene. @param size of the square picture in pixels */
export function drawScene({ place, placeSeed, things }: Scene, size: number): string {
  const drawn = things.map(({ individual, spot }, index) => {
    const { x, y, side, mirrored } = spot;
    const left = 100 * (x + (mirrored ? side : -side) / 2);
    const matrix = `matrix(${mirrored ? -side : side} 0 0 ${side} ${left} ${100 * (y - side / 2)})`;
    return `<g transform="${matrix}">${drawIndividual(individual, `pattern${index}`)}</g>`;
  });
  return sheet(size, drawBackground(place, placeSeed) + drawn.join(''));
}

/** An SVG document of `size` x `size` pixels around elements on a sheet of 100 x 100 units. */
export function sheet(size: number, elements: string): string {
  const attributes = `xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 100 100"`;
  return `<svg ${attributes}>${elements}</svg>`;
}

/** The pixels of an SVG text: [height, width, 4], red, green, blue, opacity, 0 to 255. */
export async function rasterize(svg: string): Promise<Uint8Array> {
  return sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();
}
