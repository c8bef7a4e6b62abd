import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  type Bounds,
  centredOn,
  type MapView,
  type Point,
  pannedBy,
  type Size,
  viewOf,
  zoomedAt,
} from './mapView.ts';

/** Pixels around what is shown at first. */
const margin = 56;

/** How the map lies in its window, and the ways to move it. */
export type MapControl = {
  readonly view: MapView;
  readonly isMoved: boolean;
  pan(x: number, y: number): void;
  /** @param place that stays where it is; the middle where absent */
  zoom(factor: number, place?: Point): void;
  /** Brings a point of the map into the middle, near enough to see what is around it. */
  show(point: Point): void;
  reset(): void;
};

/** Until it is moved, the map shows all of `home`, whatever the window's size. */
export function useMapView(home: Bounds, size: Size): MapControl {
  const [moved, setMoved] = useState<MapView>();
  const fitted = useMemo(() => viewOf(home, size, margin), [home, size]);
  const view = moved ?? fitted;
  const limits = [fitted.scale / 3, fitted.scale * 80] as const;
  const middle = { x: size.width / 2, y: size.height / 2 };
  return {
    view,
    isMoved: moved !== undefined,
    pan: (x, y) => setMoved((old) => pannedBy(old ?? fitted, x, y)),
    zoom: (factor, place = middle) =>
      setMoved((old) => zoomedAt(old ?? fitted, factor, place, limits)),
    show: (point) => setMoved(centredOn(point, Math.max(view.scale, fitted.scale * 4), size)),
    reset: () => setMoved(undefined),
  };
}

/** The size of an element, as it changes. */
export function useSizeOf(element: Element | null): Size | undefined {
  const [size, setSize] = useState<Size>();
  useEffect(() => {
    if (!element) return;
    const observer = new ResizeObserver(([{ contentRect }]) =>
      setSize({ width: contentRect.width, height: contentRect.height }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/**
 * The wheel zooms around the pointer; React's own listeners could not keep the page from scrolling.
 *
 * @param inPage whether the wheel scrolls a page around the map, and zooms only with Ctrl or Cmd held
 */
export function useWheelZoom(
  element: HTMLElement | null,
  control: MapControl,
  inPage: boolean,
): void {
  const latest = useRef(control);
  latest.current = control;
  const onWheel = useCallback(
    (event: WheelEvent) => {
      if (inPage && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const factor = Math.exp(-event.deltaY * lines * 0.0016);
      latest.current.zoom(factor, { x: event.clientX - left, y: event.clientY - top });
    },
    [inPage],
  );
  useEffect(() => {
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [element, onWheel]);
}

/** Pixels that an arrow key moves the map by. */
const stride = 60;

/** @returns whether the key was one of the map's */
export function moveByKey(key: string, control: MapControl): boolean {
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => control.pan(stride, 0),
    ArrowRight: () => control.pan(-stride, 0),
    ArrowUp: () => control.pan(0, stride),
    ArrowDown: () => control.pan(0, -stride),
    '+': () => control.zoom(1.4),
    '=': () => control.zoom(1.4),
    '-': () => control.zoom(1 / 1.4),
    '0': () => control.reset(),
    Home: () => control.reset(),
  };
  if (!Object.hasOwn(actions, key)) return false;
  actions[key]();
  return true;
}
