import { describe, expect, test } from 'vitest';
import {
  boundsOf,
  boundsOfEllipse,
  type Ellipse,
  reach,
  shownBounds,
  toMap,
  toWindow,
  viewOf,
  zoomedAt,
} from '../../../src-renderer/map/mapView.ts';

const window = { width: 800, height: 600 };
const view = { scale: 40, left: 300, top: -20 };

describe('the view', () => {
  test('leads there and back', () => {
    const place = toWindow(view, { x: 2.5, y: -1 });
    expect(place).toEqual({ x: 400, y: -60 });
    expect(toMap(view, place)).toEqual({ x: 2.5, y: -1 });
  });

  test('zooms around the place under the pointer', () => {
    const place = { x: 123, y: 456 };
    const nearer = zoomedAt(view, 3, place, [1, 1000]);
    expect(nearer.scale).toBe(120);
    const [before, after] = [toMap(view, place), toMap(nearer, place)];
    expect(after.x).toBeCloseTo(before.x, 10);
    expect(after.y).toBeCloseTo(before.y, 10);
  });

  test('keeps to the limits of its scale', () => {
    expect(zoomedAt(view, 1000, { x: 0, y: 0 }, [10, 50]).scale).toBe(50);
    expect(zoomedAt(view, 0.001, { x: 0, y: 0 }, [10, 50]).scale).toBe(10);
  });

  test('shows all of what it is to show, within the margin', () => {
    const bounds = { left: -3, top: 1, right: 5, bottom: 2 };
    const fitted = viewOf(bounds, window, 50);
    expect(toWindow(fitted, { x: -3, y: 1.5 })).toEqual({ x: 50, y: 300 });
    expect(toWindow(fitted, { x: 5, y: 1.5 })).toEqual({ x: 750, y: 300 });
    expect(shownBounds(fitted, window, -50).right).toBeCloseTo(5, 10);
  });

  test('shows a single point without dividing by nothing', () => {
    const fitted = viewOf(boundsOf([{ x: 1, y: 1 }]), window, 50);
    expect(Number.isFinite(fitted.scale)).toBe(true);
  });
});

describe('the ellipse', () => {
  const turned: Ellipse = { x: 10, y: 20, major: 4, minor: 2, angle: Math.PI / 2 };

  test('reaches its edge at the ends of its axes', () => {
    expect(reach(turned, { x: 10, y: 24 })).toBeCloseTo(1, 10);
    expect(reach(turned, { x: 12, y: 20 })).toBeCloseTo(1, 10);
    expect(reach(turned, { x: 18, y: 20 })).toBeCloseTo(4, 10);
    expect(reach(turned, turned)).toBe(0);
  });

  test('is held by its bounds, however it is turned', () => {
    const slanted = { ...turned, angle: 0.7 };
    const bounds = boundsOfEllipse(slanted);
    const edge = Array.from({ length: 720 }, (_, step) => {
      const turn = (step * Math.PI) / 360;
      const [along, across] = [4 * Math.cos(turn), 2 * Math.sin(turn)];
      return {
        x: 10 + along * Math.cos(0.7) - across * Math.sin(0.7),
        y: 20 + along * Math.sin(0.7) + across * Math.cos(0.7),
      };
    });
    const measured = boundsOf(edge);
    expect(bounds.left).toBeCloseTo(measured.left, 3);
    expect(bounds.top).toBeCloseTo(measured.top, 3);
    expect(bounds.right).toBeCloseTo(measured.right, 3);
    expect(bounds.bottom).toBeCloseTo(measured.bottom, 3);
  });
});
