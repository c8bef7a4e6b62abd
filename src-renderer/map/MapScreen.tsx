import { Orbit } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Screen } from '../ui/Panel.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { ConceptChoice } from './ConceptChoice.tsx';
import { MapFigure } from './MapFigure.tsx';
import { MapTable } from './MapTable.tsx';
import { titlesOf, versionsToShow } from './mapChoice.ts';
import { type MapScene, sceneOf } from './mapScene.ts';
import { PathList } from './PathList.tsx';
import { useMapChoice } from './useMapChoice.ts';
import { WordSearch } from './WordSearch.tsx';

/** The vocabulary of a model on a plane, and how concepts moved through it while they were trained. */
export function MapScreen() {
  const choice = useMapChoice();
  const [shape, setShape] = useState<'map' | 'table'>('map');
  const [sought, setSought] = useState<{ word: string }>();
  const seek = useCallback((word: string) => {
    setShape('map');
    setSought({ word });
  }, []);
  const map = useMapScene(choice);
  return (
    <Screen
      filled
      title="Embedding map"
      subtitle="Dots are words, near to words of like meaning. The farther a concept drifts out of the dashed core, the more it has overfitted and pushes other words aside."
      actions={
        <>
          <WordSearch words={map.scene?.words ?? []} onSeek={seek} />
          <Segmented
            label="Show as"
            hideLabel
            value={shape}
            onChange={setShape}
            options={[
              { value: 'map', label: 'Map' },
              { value: 'table', label: 'Table' },
            ]}
          />
        </>
      }
    >
      <div className="flex h-full gap-5 px-8 pb-6 max-md:flex-col max-md:overflow-y-auto max-sm:px-4">
        <section
          aria-label={shape === 'map' ? 'Map' : 'Table'}
          className="relative min-w-0 grow overflow-hidden rounded-lg border border-line bg-surface max-md:h-[60vh] max-md:shrink-0 max-md:grow-0"
        >
          <MapBody {...{ map, shape, sought }} />
        </section>
        <aside
          aria-label="What the map shows"
          className="flex w-80 shrink-0 max-lg:w-64 flex-col overflow-y-auto rounded-lg max-md:w-full max-md:overflow-y-visible border border-line bg-surface p-5"
        >
          <ConceptChoice choice={choice} />
          {map.scene && <PathList scene={map.scene} onSeek={seek} />}
          {map.scene && <MapNotes scene={map.scene} explained={map.explained} />}
        </aside>
      </div>
    </Screen>
  );
}

type MapState = ReturnType<typeof useMapScene>;

/** Asks for the map of what is chosen; while another one is made, the last one stays. */
function useMapScene({ modelId, concepts, isSettled }: ReturnType<typeof useMapChoice>) {
  const versionIds = useMemo(
    () =>
      modelId
        ? concepts.flatMap((concept) => versionsToShow(concept, modelId).map(({ id }) => id))
        : [],
    [concepts, modelId],
  );
  const query = useStudioQuery(
    'embeddingMap',
    { modelId: modelId ?? '', versionIds },
    { enabled: modelId !== undefined && isSettled, placeholderData: (before) => before },
  );
  const scene = useMemo(
    () => query.data && sceneOf(query.data, titlesOf(concepts)),
    [query.data, concepts],
  );
  const { error, refetch, isFetching } = query;
  return { scene, explained: query.data?.explained, error, refetch, isFetching };
}

interface MapBodyProps {
  map: MapState;
  shape: 'map' | 'table';
  sought?: { word: string };
}

function MapBody({ map: { scene, error, refetch, isFetching }, shape, sought }: MapBodyProps) {
  if (error)
    return (
      <ErrorNote
        className="m-6"
        title="The map could not be drawn"
        cause={error}
        nextStep="Choose another model, or look at this one in Models."
        actions={
          <Button busy={isFetching} onClick={() => void refetch()}>
            Try again
          </Button>
        }
      />
    );
  if (!scene)
    return (
      <div className="flex h-full flex-col items-center justify-center gap-4 text-muted">
        <Orbit size={40} strokeWidth={1.25} aria-hidden="true" />
        <Spinner label="Laying out the vocabulary" />
      </div>
    );
  if (shape === 'table')
    return (
      <div className="h-full overflow-y-auto p-6">
        <MapTable scene={scene} />
      </div>
    );
  return (
    <>
      <MapFigure key={keyOf(scene)} {...{ scene, sought }} />
      {isFetching && (
        <div className="absolute top-3 left-3 rounded-md bg-raised px-3 py-1.5 shadow-raised">
          <Spinner size={14} label="Drawing anew" />
        </div>
      )}
    </>
  );
}

/** Another choice is another map: it is shown whole at first. */
function keyOf({ paths, words }: MapScene): string {
  return [words.length, ...paths.map(({ versionId }) => versionId)].join();
}

function MapNotes({ scene, explained = 0 }: { scene: MapScene; explained?: number }) {
  return (
    <section className="mt-auto border-t border-line pt-4 text-xs text-muted">
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-3 gap-y-1.5">
        <Legend mark={<path d="M2 8 h20" strokeDasharray="5 4" />}>
          core: 95 % of the vocabulary
        </Legend>
        <Legend mark={<circle cx="12" cy="8" r="4" />}>start of a training</Legend>
        <Legend mark={<circle cx="12" cy="8" r="5" fill="currentColor" />}>its end</Legend>
      </dl>
      <p className="mt-3">
        {scene.words.length.toLocaleString('en-US')} words. The two directions shown hold{' '}
        {Math.round(explained * 100)} % of the spread of the whole space: what looks near here may
        still lie apart in the others.
      </p>
    </section>
  );
}

function Legend({ mark, children }: { mark: React.ReactNode; children: string }) {
  return (
    <>
      <dt>
        <svg
          width="24"
          height="16"
          viewBox="0 0 24 16"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          aria-hidden="true"
        >
          {mark}
        </svg>
      </dt>
      <dd>{children}</dd>
    </>
  );
}
