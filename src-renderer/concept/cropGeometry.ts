import type { SquareCrop } from '../../src-shared/photo.ts';

/** Squares in a photo, all in whole pixels of the photo. Whatever is asked, a crop stays inside and above a least side. */

export interface PhotoSize {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const corners = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;
export type Corner = (typeof corners)[number];

/** Smaller crops hold too little to learn from. */
export function leastSide({ width, height }: PhotoSize): number {
  return Math.min(width, height, 32);
}

/** The largest square, in the middle. */
export function middleCrop({ width, height }: PhotoSize): SquareCrop {
  const side = Math.min(width, height);
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), side };
}

/** A crop moved, as far as the photo reaches. */
export function movedCrop(crop: SquareCrop, by: Point, size: PhotoSize): SquareCrop {
  return {
    left: clamp(Math.round(crop.left + by.x), 0, size.width - crop.side),
    top: clamp(Math.round(crop.top + by.y), 0, size.height - crop.side),
    side: crop.side,
  };
}

/** A crop whose corner is pulled to a point; the opposite corner stays. */
export function resizedCrop(
  crop: SquareCrop,
  corner: Corner,
  to: Point,
  size: PhotoSize,
): SquareCrop {
  const fixed = cornerPoint(crop, opposite(corner));
  const leftwards = corner.endsWith('left');
  const upwards = corner.startsWith('top');
  const reachX = leftwards ? fixed.x : size.width - fixed.x;
  const reachY = upwards ? fixed.y : size.height - fixed.y;
  const wanted = Math.max(
    leftwards ? fixed.x - to.x : to.x - fixed.x,
    upwards ? fixed.y - to.y : to.y - fixed.y,
  );
  const most = Math.min(reachX, reachY);
  const side = clamp(Math.round(wanted), Math.min(leastSide(size), most), most);
  return {
    left: leftwards ? fixed.x - side : fixed.x,
    top: upwards ? fixed.y - side : fixed.y,
    side,
  };
}

/** A crop made larger or smaller about its middle, moved where it would leave the photo. */
export function scaledCrop(crop: SquareCrop, by: number, size: PhotoSize): SquareCrop {
  const side = clamp(
    Math.round(crop.side + by),
    leastSide(size),
    Math.min(size.width, size.height),
  );
  const shift = (crop.side - side) / 2;
  const left = clamp(Math.round(crop.left + shift), 0, size.width - side);
  return { left, top: clamp(Math.round(crop.top + shift), 0, size.height - side), side };
}

/** The crop that a key leads to; undefined for keys that lead nowhere. Shift goes ten times as far. */
export function cropAfterKey(
  crop: SquareCrop,
  key: string,
  shift: boolean,
  size: PhotoSize,
): SquareCrop | undefined {
  const step = Math.max(1, Math.round(Math.min(size.width, size.height) / 100)) * (shift ? 10 : 1);
  const moves: Readonly<Record<string, Point>> = {
    ArrowLeft: { x: -step, y: 0 },
    ArrowRight: { x: step, y: 0 },
    ArrowUp: { x: 0, y: -step },
    ArrowDown: { x: 0, y: step },
  };
  const move = Object.hasOwn(moves, key) ? moves[key] : undefined;
  if (move) return movedCrop(crop, move, size);
  if (key === '+' || key === '=') return scaledCrop(crop, 2 * step, size);
  if (key === '-' || key === '_') return scaledCrop(crop, -2 * step, size);
  return undefined;
}

export function cornerPoint({ left, top, side }: SquareCrop, corner: Corner): Point {
  return {
    x: corner.endsWith('left') ? left : left + side,
    y: corner.startsWith('top') ? top : top + side,
  };
}

function opposite(corner: Corner): Corner {
  const vertical = corner.startsWith('top') ? 'bottom' : 'top';
  return `${vertical}-${corner.endsWith('left') ? 'right' : 'left'}`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
