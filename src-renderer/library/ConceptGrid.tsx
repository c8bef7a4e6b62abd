import type { ComponentProps } from 'react';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import { TileGrid } from '../ui/TileGrid.tsx';
import { useOpenJobs } from '../ui/useOpenJobs.ts';
import type { SlicedList } from '../ui/useSlicedList.ts';
import { useSteadyActions } from '../ui/useSteadyActions.ts';
import { type CardActions, ConceptCard, captionHeight } from './ConceptCard.tsx';

interface ConceptGridProps
  extends Pick<
    ComponentProps<typeof TileGrid>,
    'active' | 'onActive' | 'returnTo' | 'onShown' | 'onKey'
  > {
  concepts: SlicedList<ConceptSummary>;
  selected: ReadonlySet<string>;
  inTrash: boolean;
  actions: CardActions;
}

const shape = (width: number) => ({
  ...{ atLeast: width > 1900 ? 248 : width < 420 ? 150 : 188, gap: 16, caption: captionHeight },
});

/** The concepts of the library. */
export function ConceptGrid(props: ConceptGridProps) {
  const { concepts, selected, inTrash, actions, ...grid } = props;
  const jobs = useOpenJobs();
  const steady = useSteadyActions(actions);
  return (
    <TileGrid
      {...grid}
      label="Concepts"
      total={concepts.total}
      shape={shape}
      tile={(place) => {
        const concept = concepts.at(place.index);
        return (
          <ConceptCard
            // The place, not the concept: the focus stays where it is when concepts come and go.
            key={place.index}
            {...place}
            {...{ concept, actions: steady, inTrash, selecting: selected.size > 0 }}
            job={concept?.jobId ? jobs.find(({ id }) => id === concept.jobId) : undefined}
            selected={concept !== undefined && selected.has(concept.id)}
          />
        );
      }}
    />
  );
}
