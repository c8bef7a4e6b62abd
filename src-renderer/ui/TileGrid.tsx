// biome-ignore-all lint/a11y/useSemanticElements: rows of a table cannot stand at positions of their own
// biome-ignore-all lint/a11y/useFocusableInteractive: what stands in the cells takes the focus
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { enlarged, layOutGrid, type TileShape, tileAfterKey } from './gridLayout.ts';
import { useTextScale } from './textScale.ts';

/** First and last place of a list that are in sight, or nearly so. */
export type ShownRange = { readonly first: number; readonly last: number };

/** Where a tile stands. */
export interface TilePlace {
  readonly index: number;
  /** Whether the grid's keyboard focus is here. */
  readonly active: boolean;
  /** In CSS pixels of the grid. */
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

interface TileGridProps {
  label: string;
  total: number;
  /** @param width of the grid, in CSS pixels at the usual size of text */
  shape: (width: number) => TileShape;
  /** The tile that has, or last had, the keyboard's focus. */
  active: number;
  onActive: (index: number) => void;
  /** A tile that is to be brought into sight, and focused or not; each object once. */
  returnTo?: { readonly index: number; readonly focus: boolean } | undefined;
  onShown: (range: ShownRange) => void;
  /** Keys that the grid itself does not know. */
  onKey: (event: KeyboardEvent, index: number) => void;
  /** Draws one tile; what takes the focus in it has its place in `data-index`. */
  tile: (place: TilePlace) => ReactNode;
}

/** Tiles in rows of which only those in sight exist. Arrow keys move between them. */
export function TileGrid(props: TileGridProps) {
  const { total, returnTo, onShown, onActive } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useInnerWidth(scroller);
  const scale = useTextScale();
  const shape = enlarged(props.shape(width / scale), scale);
  const layout = layOutGrid(width, total, shape);
  const rows = useVirtualizer({
    count: width > 0 ? layout.rows : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => layout.rowHeight,
    overscan: 3,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are of the layout
  useLayoutEffect(() => rows.measure(), [layout.rowHeight, rows.measure]);
  const items = rows.getVirtualItems();
  const first = (items[0]?.index ?? 0) * layout.columns;
  const last = ((items.at(-1)?.index ?? 0) + 1) * layout.columns - 1;
  useEffect(() => {
    if (width > 0) onShown({ first, last });
  }, [onShown, first, last, width]);
  const reveal = useRef((_index: number, _focus: boolean) => {});
  reveal.current = (index, focus) => {
    rows.scrollToIndex(Math.floor(index / layout.columns));
    if (focus) focusTile(scroller, index);
  };
  const measured = width > 0;
  useEffect(() => {
    if (returnTo && measured) reveal.current(returnTo.index, returnTo.focus);
  }, [returnTo, measured]);
  // where the tile of the focus was scrolled away, the first one that is there can be tabbed to
  const active = Math.min(Math.max(props.active, first), Math.max(first, last));

  function onKeyDown(event: KeyboardEvent): void {
    const height = scroller.current?.clientHeight ?? 0;
    const pageRows = Math.max(1, Math.floor(height / layout.rowHeight));
    const { columns } = layout;
    const next = tileAfterKey(event.key, active, { columns, count: total, pageRows });
    if (next === undefined) {
      props.onKey(event, active);
      return;
    }
    event.preventDefault();
    onActive(next);
    reveal.current(next, true);
  }

  return (
    <div
      ref={scroller}
      className="h-full overflow-y-auto px-8 pb-8 max-sm:px-4 [scrollbar-gutter:stable]"
    >
      <div
        role="grid"
        aria-label={props.label}
        aria-rowcount={layout.rows}
        aria-multiselectable="true"
        onKeyDown={onKeyDown}
        onFocus={({ target }) => {
          const { index } = target.dataset;
          if (index !== undefined) onActive(Number(index));
        }}
        className="relative"
        style={{ height: rows.getTotalSize() }}
      >
        {items.map((row) => (
          <div key={row.key} role="row" aria-rowindex={row.index + 1}>
            {indicesOf(row.index, layout.columns, total).map((index) =>
              props.tile({
                ...{ index, active: index === active, top: row.start, width: layout.side },
                left: (index % layout.columns) * (layout.side + shape.gap),
                height: layout.rowHeight - shape.gap,
              }),
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

function indicesOf(row: number, columns: number, total: number): number[] {
  const start = row * columns;
  const count = Math.max(0, Math.min(columns, total - start));
  return Array.from({ length: count }, (_, at) => start + at);
}

/** Width of an element without its padding. */
function useInnerWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

/** Focuses a tile that may not be there until the rows that came into sight are painted. */
function focusTile(scroller: RefObject<HTMLElement | null>, index: number, tries = 10): void {
  requestAnimationFrame(() => {
    const tile = scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
    if (tile) tile.focus({ preventScroll: true });
    else if (tries > 0) focusTile(scroller, index, tries - 1);
  });
}
