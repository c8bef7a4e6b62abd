import { type ComponentProps, useMemo, useRef } from 'react';
import type { KeptComposition } from '../../src-shared/composition.ts';
import { TileGrid } from '../ui/TileGrid.tsx';
import type { SlicedList } from '../ui/useSlicedList.ts';
import { CompositionTile, captionHeight, type TileActions } from './CompositionTile.tsx';

interface CompositionGridProps
  extends Pick<
    ComponentProps<typeof TileGrid>,
    'active' | 'onActive' | 'returnTo' | 'onShown' | 'onKey'
  > {
  compositions: SlicedList<KeptComposition>;
  selected: ReadonlySet<string>;
  onOpen: TileActions['open'];
  onSelect: TileActions['select'];
  onRate: TileActions['rate'];
}

const shape = (width: number) => ({
  ...{ atLeast: width > 1900 ? 232 : 168, gap: 14, caption: captionHeight },
});

/** The pictures of the gallery. */
export function CompositionGrid(props: CompositionGridProps) {
  const { compositions, selected, onOpen: _, onSelect: __, onRate: ___, ...grid } = props;
  const actions = useTileActions(props);
  return (
    <TileGrid
      {...grid}
      label="Pictures"
      total={compositions.total}
      shape={shape}
      tile={(place) => {
        const composition = compositions.at(place.index);
        return (
          <CompositionTile
            // The place, not the picture: the focus stays where it is when pictures come and go.
            key={place.index}
            {...place}
            {...{ composition, actions, selecting: selected.size > 0 }}
            selected={composition !== undefined && selected.has(composition.id)}
          />
        );
      }}
    />
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
