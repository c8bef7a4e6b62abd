// biome-ignore-all lint/a11y/useSemanticElements: rows of a table cannot stand at positions of their own
// biome-ignore-all lint/a11y/useFocusableInteractive: the buttons in the cells take the focus
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { KeptComposition } from '../../src-shared/composition.ts';
import { CompositionTile, captionHeight, type TileActions } from './CompositionTile.tsx';
import { layOutGrid, tileAfterKey } from './gridLayout.ts';
import type { Compositions, ShownRange } from './useCompositions.ts';

interface CompositionGridProps {
  compositions: Compositions;
  selected: ReadonlySet<string>;
  /** The tile that has, or last had, the keyboard's focus. */
  active: number;
  onActive: (index: number) => void;
  /** A tile that is to be brought into sight and focused; each object once. */
  returnTo?: { readonly index: number } | undefined;
  onShown: (range: ShownRange) => void;
  onOpen: (composition: KeptComposition, index: number) => void;
  onSelect: (composition: KeptComposition, index: number, reach: boolean) => void;
  onRate: (composition: KeptComposition, rating: number) => void;
  /** Keys that the grid itself does not know. */
  onKey: (event: KeyboardEvent, composition: KeptComposition, index: number) => void;
}

const gap = 14;

/** Pictures in rows of which only those in sight exist. Arrow keys move between them. */
export function CompositionGrid(props: CompositionGridProps) {
  const { compositions, selected, returnTo, onShown, onActive } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useInnerWidth(scroller);
  const layout = layOutGrid(width, compositions.total, {
    atLeast: width > 1900 ? 232 : 168,
    gap,
    caption: captionHeight,
  });
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
  useEffect(() => onShown({ first, last }), [onShown, first, last]);
  const actions = useTileActions(props);
  const reveal = useRef((_: number) => {});
  reveal.current = (index) => {
    rows.scrollToIndex(Math.floor(index / layout.columns));
    focusTile(scroller, index);
  };
  useEffect(() => {
    if (returnTo) reveal.current(returnTo.index);
  }, [returnTo]);
  const active = Math.min(Math.max(props.active, first), Math.max(first, last));

  function onKeyDown(event: KeyboardEvent): void {
    const height = scroller.current?.clientHeight ?? 0;
    const pageRows = Math.max(1, Math.floor(height / layout.rowHeight));
    const next = tileAfterKey(event.key, active, {
      columns: layout.columns,
      count: compositions.total,
      pageRows,
    });
    const composition = compositions.at(active);
    if (next === undefined) {
      if (composition) props.onKey(event, composition, active);
      return;
    }
    event.preventDefault();
    onActive(next);
    reveal.current(next);
  }

  return (
    <div ref={scroller} className="h-full overflow-y-auto px-8 pb-8 [scrollbar-gutter:stable]">
      <div
        role="grid"
        aria-label="Pictures"
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
            {indicesOf(row.index, layout.columns, compositions.total).map((index) => {
              const composition = compositions.at(index);
              return (
                <CompositionTile
                  // The place, not the picture: the focus stays where it is when pictures come and go.
                  key={index}
                  {...{ composition, index }}
                  active={index === active}
                  selected={composition !== undefined && selected.has(composition.id)}
                  selecting={selected.size > 0}
                  actions={actions}
                  top={row.start}
                  left={(index % layout.columns) * (layout.side + gap)}
                  width={layout.side}
                  height={layout.rowHeight - gap}
                />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** One object for good, so that tiles that did not change are not drawn again while the grid scrolls. */
function useTileActions(props: CompositionGridProps): TileActions {
  const latest = useRef(props);
  latest.current = props;
  return useMemo(
    () => ({
      open: (...given) => latest.current.onOpen(...given),
      select: (...given) => latest.current.onSelect(...given),
      rate: (...given) => latest.current.onRate(...given),
    }),
    [],
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
    const observer = new ResizeObserver(([{ contentRect }]) => setWidth(contentRect.width));
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
