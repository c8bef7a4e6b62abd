import { describe, expect, it } from 'vitest';
import {
  type Corner,
  corners,
  cropAfterKey,
  leastSide,
  middleCrop,
  movedCrop,
  resizedCrop,
  scaledCrop,
} from '../../../src-renderer/concept/cropGeometry.ts';

const photo = { width: 400, height: 300 };
const crop = { left: 100, top: 50, side: 200 };

describe('a crop', () => {
  it('is the largest square in the middle', () => {
    expect(middleCrop(photo)).toEqual({ left: 50, top: 0, side: 300 });
  });

  it('moves as far as the photo reaches', () => {
    expect(movedCrop(crop, { x: 7.4, y: -3 }, photo)).toEqual({ left: 107, top: 47, side: 200 });
    expect(movedCrop(crop, { x: 999, y: -999 }, photo)).toEqual({ left: 200, top: 0, side: 200 });
  });

  it('keeps the corner opposite to the one that is pulled', () => {
    expect(resizedCrop(crop, 'bottom-right', { x: 250, y: 180 }, photo)).toEqual({
      ...{ left: 100, top: 50, side: 150 },
    });
    expect(resizedCrop(crop, 'top-left', { x: 150, y: 120 }, photo)).toEqual({
      ...{ left: 150, top: 100, side: 150 },
    });
  });

  it('never leaves the photo nor becomes too small, wherever a corner is pulled', () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    let current = crop;
    for (let round = 0; round < 500; round += 1) {
      const corner = corners[Math.floor(random() * 4)] as Corner;
      const to = { x: random() * 800 - 200, y: random() * 700 - 200 };
      current = resizedCrop(current, corner, to, photo);
      current = movedCrop(current, { x: random() * 90 - 45, y: random() * 90 - 45 }, photo);
      expect(current.left).toBeGreaterThanOrEqual(0);
      expect(current.top).toBeGreaterThanOrEqual(0);
      expect(current.left + current.side).toBeLessThanOrEqual(photo.width);
      expect(current.top + current.side).toBeLessThanOrEqual(photo.height);
      expect(current.side).toBeGreaterThan(0);
      expect(Object.values(current).every(Number.isInteger)).toBe(true);
    }
  });

  it('grows about its middle and stops at the photo', () => {
    expect(scaledCrop(crop, 20, photo)).toEqual({ left: 90, top: 40, side: 220 });
    expect(scaledCrop(crop, 9999, photo)).toEqual({ left: 50, top: 0, side: 300 });
    expect(scaledCrop(crop, -9999, photo).side).toBe(leastSide(photo));
  });

  it('follows the keys, ten times as far with Shift', () => {
    expect(cropAfterKey(crop, 'ArrowRight', false, photo)?.left).toBe(103);
    expect(cropAfterKey(crop, 'ArrowRight', true, photo)?.left).toBe(130);
    expect(cropAfterKey(crop, '+', false, photo)?.side).toBe(206);
    expect(cropAfterKey(crop, 'a', false, photo)).toBeUndefined();
    expect(cropAfterKey(crop, 'toString', false, photo)).toBeUndefined();
  });

  it('fits photos smaller than the least side', () => {
    expect(
      scaledCrop(middleCrop({ width: 20, height: 10 }), -5, { width: 20, height: 10 }),
    ).toEqual({ left: 5, top: 0, side: 10 });
  });
});
