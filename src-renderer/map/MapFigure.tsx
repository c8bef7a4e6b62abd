import { Maximize, Minus, Plus } from 'lucide-react';
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { IconButton } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { themeColor } from '../ui/theme.ts';
import { useThemeName } from '../ui/useThemeName.ts';
import { bandPaths, drawMap, type Palette } from './drawMap.ts';
import { type FocusTarget, focusAt } from './mapFocus.ts';
import type { MapScene } from './mapScene.ts';
import { type MapView, type Point, type Size, toWindow } from './mapView.ts';
import { type MapControl, moveByKey, useMapView, useSizeOf, useWheelZoom } from './useMapView.ts';

interface MapFigureProps {
  scene: MapScene;
  /** A word that was searched for: brought into the middle. */
  sought?: { word: string };
  /** Whether it stands in a page that scrolls. */
  inPage?: boolean;
}

const colours = ['ink', 'muted', 'tile-6', 'accent', 'second', 'surface'] as const;

/** The map itself: it is drawn, dragged, zoomed and pointed at. */
export function MapFigure(props: MapFigureProps) {
  const [frame, setFrame] = useState<HTMLDivElement | null>(null);
  const size = useSizeOf(frame);
  return (
    <div ref={setFrame} className="absolute inset-0">
      {size && size.width > 0 && <SizedMap {...props} size={size} />}
    </div>
  );
}

function SizedMap({ scene, sought, inPage = false, size }: MapFigureProps & { size: Size }) {
  const control = useMapView(scene.home, size);
  const [surface, setSurface] = useState<HTMLDivElement | null>(null);
  const [focus, setFocus] = useState<FocusTarget>();
  const drag = useRef<Point>(undefined);
  useWheelZoom(surface, control, inPage);
  useSought(scene, sought, control, setFocus);

  const placeOf = (event: PointerEvent): Point => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const onPointerMove = (event: PointerEvent) => {
    const place = placeOf(event);
    if (drag.current) {
      control.pan(place.x - drag.current.x, place.y - drag.current.y);
      drag.current = place;
    } else setFocus(focusAt(scene, control.view, place, 14));
  };
  const endDrag = () => {
    drag.current = undefined;
  };
  const middle = { x: size.width / 2, y: size.height / 2 };
  return (
    <>
      <div
        ref={setSurface}
        role="application"
        aria-label="Map of the words that the model knows"
        aria-describedby="map-keys"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys, as its description says
        tabIndex={0}
        className={classes(
          'absolute inset-0 cursor-grab rounded-lg active:cursor-grabbing focus-visible:-outline-offset-2',
          inPage ? 'touch-pan-y' : 'touch-none',
        )}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = placeOf(event);
          setFocus(undefined);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={endDrag}
        onPointerCancel={endDrag}
        onPointerLeave={() => setFocus(undefined)}
        onDoubleClick={(event) => {
          const { left, top } = event.currentTarget.getBoundingClientRect();
          control.zoom(2, { x: event.clientX - left, y: event.clientY - top });
        }}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          if (moveByKey(event.key, control)) event.preventDefault();
          if (event.key === 'Enter') setFocus(focusAt(scene, control.view, middle, 200));
        }}
      >
        <MapCanvas {...{ scene, size, focus }} view={control.view} />
      </div>
      {focus && <FocusLabel {...{ focus, size }} view={control.view} />}
      <p aria-live="polite" className="sr-only">
        {focus?.text}
      </p>
      <p id="map-keys" className="sr-only">
        Arrow keys move, plus and minus zoom, Enter names what is in the middle, 0 shows all. The
        table holds the same.
      </p>
      <ZoomButtons control={control} />
    </>
  );
}

/** Brings what is searched for into the middle, each time that it is searched for. */
function useSought(
  scene: MapScene,
  sought: MapFigureProps['sought'],
  control: MapControl,
  setFocus: (focus: FocusTarget) => void,
): void {
  const shown = useRef<MapFigureProps['sought']>(undefined);
  useEffect(() => {
    const at = sought && scene.byWord.get(sought.word);
    if (at === undefined || shown.current === sought) return;
    shown.current = sought;
    const { word, x, y } = scene.words[at];
    control.show({ x, y });
    setFocus({ kind: 'word', text: word, x, y });
  });
}

interface MapCanvasProps {
  scene: MapScene;
  size: Size;
  view: MapView;
  focus?: FocusTarget;
}

function MapCanvas({ scene, size, view, focus }: MapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useThemeName();
  const bands = useMemo(() => bandPaths(scene.bands), [scene]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are those of the theme
  const palette = useMemo(
    () => Object.fromEntries(colours.map((name) => [name, themeColor(name)])) as Palette,
    [theme],
  );
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const context = canvas.current?.getContext('2d');
      const ratio = window.devicePixelRatio;
      if (context) drawMap(context, { scene, bands, view, size, palette, ratio, focus });
    });
    return () => cancelAnimationFrame(frame);
  }, [scene, bands, view, size, palette, focus]);
  return (
    <canvas
      ref={canvas}
      width={Math.round(size.width * window.devicePixelRatio)}
      height={Math.round(size.height * window.devicePixelRatio)}
      style={{ width: size.width, height: size.height }}
      className="block"
    />
  );
}

function FocusLabel({ focus, view, size }: { focus: FocusTarget; view: MapView; size: Size }) {
  const { x, y } = toWindow(view, focus);
  const toTheLeft = x > size.width - 220;
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute z-10 rounded-sm bg-ink px-2.5 py-1.5 text-xs whitespace-nowrap text-paper shadow-floating"
      style={{
        top: Math.max(4, y - 14),
        ...(toTheLeft ? { right: size.width - x + 14 } : { left: x + 14 }),
      }}
    >
      {focus.text}
    </div>
  );
}

function ZoomButtons({ control }: { control: MapControl }) {
  return (
    <div className="absolute right-3 bottom-3 flex flex-col gap-1 rounded-md border border-line bg-raised p-1 shadow-raised">
      <IconButton
        label="Zoom in"
        size="small"
        icon={<Plus size={16} />}
        onClick={() => control.zoom(1.4)}
      />
      <IconButton
        label="Zoom out"
        size="small"
        icon={<Minus size={16} />}
        onClick={() => control.zoom(1 / 1.4)}
      />
      <IconButton
        label="Show all"
        size="small"
        icon={<Maximize size={16} />}
        disabled={!control.isMoved}
        onClick={control.reset}
      />
    </div>
  );
}
