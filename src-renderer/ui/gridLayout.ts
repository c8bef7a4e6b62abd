/** How tiles of equal size stand in rows, and which one a key leads to. */

export type GridLayout = {
  readonly columns: number;
  /** Side of a tile's picture, in CSS pixels. */
  readonly side: number;
  /** From the top of one row to the top of the next. */
  readonly rowHeight: number;
  readonly rows: number;
};

/** In CSS pixels, at the usual size of text. */
export interface TileShape {
  /** The narrowest tile. */
  readonly atLeast: number;
  /** Between tiles. */
  readonly gap: number;
  /** Height of what stands under each picture. */
  readonly caption: number;
}

/** The same tiles where text is larger by `scale`, so that what stands under their pictures has its place. */
export function enlarged({ atLeast, gap, caption }: TileShape, scale: number): TileShape {
  return {
    atLeast: Math.round(atLeast * scale),
    gap: Math.round(gap * scale),
    caption: Math.round(caption * scale),
  };
}

/** As many columns as fit. @param width of the grid, in CSS pixels */
export function layOutGrid(
  width: number,
  count: number,
  { atLeast, gap, caption }: TileShape,
): GridLayout {
  const columns = Math.max(1, Math.floor((width + gap) / (atLeast + gap)));
  const side = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  return { columns, side, rowHeight: side + caption + gap, rows: Math.ceil(count / columns) };
}

/** The tile that a key leads to from tile `index`; undefined for keys that lead nowhere. */
export function tileAfterKey(
  key: string,
  index: number,
  { columns, count, pageRows }: { columns: number; count: number; pageRows: number },
): number | undefined {
  if (count === 0) return undefined;
  const moves: Record<string, number> = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    PageUp: index - columns * pageRows,
    PageDown: index + columns * pageRows,
    Home: 0,
    End: count - 1,
  };
  if (!Object.hasOwn(moves, key)) return undefined;
  return staysInColumn(key, moves[key], index, columns, count);
}

/** Up and down keep to the column and stop at the first and last row; the rest stops at the first and last tile. */
function staysInColumn(
  key: string,
  wanted: number,
  index: number,
  columns: number,
  count: number,
): number {
  const vertical = ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown'].includes(key);
  if (wanted >= 0 && wanted < count) return wanted;
  if (!vertical) return Math.min(count - 1, Math.max(0, wanted));
  if (wanted < 0) return index % columns;
  const lastRow = Math.floor((count - 1) / columns);
  const isOnLastRow = Math.floor(index / columns) === lastRow;
  return isOnLastRow ? index : Math.min(count - 1, lastRow * columns + (index % columns));
}

/** Offsets of the slices that hold the tiles from `first` to `last`. */
export function slicesFor(first: number, last: number, count: number, slice: number): number[] {
  const end = Math.min(last, count - 1);
  const offsets: number[] = [];
  const start = Math.floor(Math.max(0, first) / slice) * slice;
  for (let offset = start; offset <= end; offset += slice) offsets.push(offset);
  return offsets;
}
