import { useQuery } from '@tanstack/react-query';
import { Orbit } from 'lucide-react';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { ConceptDetail, ConceptVersion } from '../../src-shared/conceptRecord.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { MapFigure } from '../map/MapFigure.tsx';
import { titlesOf } from '../map/mapChoice.ts';
import { sceneOf } from '../map/mapScene.ts';
import { call } from '../studioApi.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { buttonClasses } from '../ui/Button.tsx';
import { causeText } from '../ui/ErrorNote.tsx';
import { Panel } from '../ui/Panel.tsx';
import { linkTo } from '../ui/routes.ts';
import { Spinner } from '../ui/Spinner.tsx';

interface WayOnMapProps {
  concept: ConceptDetail;
  /** A version and its twin, where it has one. */
  versions: readonly ConceptVersion[];
}

/** Where the word went in its training, among the words of its model; nothing where that model is not at hand. */
export function WayOnMap({ concept, versions }: WayOnMapProps) {
  const models = useStudioQuery('listModels', {}).data?.models;
  const modelId = versions.at(0)?.modelId;
  const model = models?.find(({ id, problem }) => id === modelId && problem === undefined);
  if (!model) return null;
  return (
    <Panel
      title="Its way among the words"
      actions={
        <Link href={linkTo.map([concept.id])} className={buttonClasses('quiet', 'small')}>
          <Orbit size={14} aria-hidden="true" />
          Open the map
        </Link>
      }
    >
      <p className="mb-3 text-sm text-muted">
        The farther it ends from the dashed core of the words, the more it pushes others aside.
      </p>
      <div className="relative h-72 overflow-hidden rounded-md border border-line">
        <Way {...{ concept, versions }} modelId={model.id} />
      </div>
    </Panel>
  );
}

function Way({ concept, versions, modelId }: WayOnMapProps & { modelId: string }) {
  const versionIds = versions.map(({ id }) => id);
  // its own key: neither versions nor words of a model change, whatever else becomes of the concept
  const { data, error } = useQuery<StudioOutput<'embeddingMap'>>({
    queryKey: ['wayOnMap', modelId, versionIds],
    queryFn: ({ signal }) => call('embeddingMap', { modelId, versionIds }, { signal }),
  });
  const scene = useMemo(() => data && sceneOf(data, titlesOf([concept])), [data, concept]);
  if (error) return <p className="p-4 text-sm text-danger">{causeText(error)}</p>;
  if (scene) return <MapFigure inPage key={versionIds.join()} scene={scene} />;
  return (
    <div className="flex h-full items-center justify-center">
      <Spinner label="Laying out the vocabulary" />
    </div>
  );
}
