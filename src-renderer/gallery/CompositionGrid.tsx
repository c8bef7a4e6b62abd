import type { ComponentProps } from 'react';
import type { KeptComposition } from '../../src-shared/composition.ts';
import { TileGrid } from '../ui/TileGrid.tsx';
import type { SlicedList } from '../ui/useSlicedList.ts';
import { useSteadyActions } from '../ui/useSteadyActions.ts';
import { CompositionTile, captionHeight, type TileActions } from './CompositionTile.tsx';

interface CompositionGridProps
  extends Pick<
    ComponentProps<typeof TileGrid>,
    'active' | 'onActive' | 'returnTo' | 'onShown' | 'onKey'
  > {
  compositions: SlicedList<KeptComposition>;
  selected: ReadonlySet<string>;
  actions: TileActions;
}

const shape = (width: number) => ({
  ...{ atLeast: width > 1900 ? 232 : width < 420 ? 150 : 168, gap: 14, caption: captionHeight },
});

/** The pictures of the gallery. */
export function CompositionGrid(props: CompositionGridProps) {
  const { compositions, selected, actions, ...grid } = props;
  const steady = useSteadyActions(actions);
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
            {...{ composition, actions: steady, selecting: selected.size > 0 }}
            selected={composition !== undefined && selected.has(composition.id)}
          />
        );
      }}
    />
  );
}
