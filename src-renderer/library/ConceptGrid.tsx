// biome-ignore-all lint/a11y/useSemanticElements: rows of a table cannot stand at positions of their own
// biome-ignore-all lint/a11y/useFocusableInteractive: the links of the cards take the focus
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import { layOutGrid, tileAfterKey } from '../gallery/gridLayout.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { ConceptCard, captionHeight } from './ConceptCard.tsx';
import type { Concepts } from './useConcepts.ts';

const spacing = { atLeast: 188, gap: 16, caption: captionHeight };

interface ConceptGridProps {
  concepts: Concepts;
  selected: ReadonlySet<string>;
  inTrash: boolean;
  onShown: (first: number, last: number) => void;
  onSelect: (concept: ConceptSummary, index: number, reach: boolean) => void;
  onFavourite: (concept: ConceptSummary, favourite: boolean) => void;
  /** Keys that the grid itself does not know: Delete and the like. */
  onKey: (event: KeyboardEvent, concept: ConceptSummary) => void;
}

/** Concepts in rows of which only those in sight exist. Arrow keys move between them. */
export function ConceptGrid(props: ConceptGridProps) {
  const { concepts, selected, onShown } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const layout = layOutGrid(width, concepts.total, spacing);
  const [active, setActive] = useState(0);
  const rows = useVirtualizer({
    count: layout.rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => layout.rowHeight,
    overscan: 3,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are of the layout
  useLayoutEffect(() => rows.measure(), [layout.rowHeight, rows.measure]);
  const items = rows.getVirtualItems();
  const first = (items[0]?.index ?? 0) * layout.columns;
  const last = ((items.at(-1)?.index ?? 0) + 1) * layout.columns - 1;
  useEffect(() => onShown(first, last), [onShown, first, last]);
  const jobs = useStudioQuery('listJobs', {}).data?.jobs ?? [];
  const focusTile = useFocusTile(scroller);
  const current = Math.min(active, Math.max(0, concepts.total - 1));
  // where the card of the focus has been scrolled away, the first one in sight can be tabbed to
  const tabStop = current >= first && current <= last ? current : first;

  function handleKey(event: KeyboardEvent): void {
    const pageRows = Math.max(
      1,
      Math.floor((scroller.current?.clientHeight ?? 0) / layout.rowHeight),
    );
    const place = { columns: layout.columns, count: concepts.total, pageRows };
    const next = tileAfterKey(event.key, current, place);
    const concept = concepts.at(current);
    if (next === undefined) {
      if (concept) props.onKey(event, concept);
      return;
    }
    event.preventDefault();
    setActive(next);
    rows.scrollToIndex(Math.floor(next / layout.columns));
    focusTile(next);
  }

  return (
    <div ref={scroller} className="h-full overflow-y-auto px-8 pb-8 [scrollbar-gutter:stable]">
      <div
        role="grid"
        aria-label="Concepts"
        aria-rowcount={layout.rows}
        aria-multiselectable="true"
        onKeyDown={handleKey}
        onFocus={(event) => {
          const index = (event.target as HTMLElement).dataset.index;
          if (index !== undefined) setActive(Number(index));
        }}
        className="relative"
        style={{ height: rows.getTotalSize() }}
      >
        {items.map((row) => (
          <div key={row.key} role="row" aria-rowindex={row.index + 1}>
            {columnsOf(row.index, layout.columns, concepts.total).map((index) => {
              const concept = concepts.at(index);
              return (
                <ConceptCard
                  // The place, not the concept: the focus stays where it is when concepts come and go.
                  key={index}
                  {...{ concept, index }}
                  job={concept?.jobId ? jobs.find(({ id }) => id === concept.jobId) : undefined}
                  active={index === tabStop}
                  selected={concept !== undefined && selected.has(concept.id)}
                  selecting={selected.size > 0}
                  inTrash={props.inTrash}
                  onSelect={(reach) => concept && props.onSelect(concept, index, reach)}
                  onFavourite={(favourite) => concept && props.onFavourite(concept, favourite)}
                  style={{
                    position: 'absolute',
                    top: row.start,
                    left: (index % layout.columns) * (layout.side + spacing.gap),
                    width: layout.side,
                    height: layout.rowHeight - spacing.gap,
                  }}
                />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

function columnsOf(row: number, columns: number, total: number): number[] {
  const start = row * columns;
  return Array.from(
    { length: Math.max(0, Math.min(columns, total - start)) },
    (_, at) => start + at,
  );
}

/** Inner width of an element, without its padding. */
function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

/** Focuses a card, which may only exist after the next painting. */
function useFocusTile(scroller: React.RefObject<HTMLElement | null>): (index: number) => void {
  return useCallback(
    (index) => {
      const focus = (tries: number) => {
        const link = scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
        if (link) link.focus({ preventScroll: true });
        else if (tries > 0) requestAnimationFrame(() => focus(tries - 1));
      };
      requestAnimationFrame(() => focus(10));
    },
    [scroller],
  );
}
