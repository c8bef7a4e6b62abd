import { FileBox } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatCount } from '../ui/format.ts';
import { Screen } from '../ui/Panel.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { AddModelPanel } from './AddModelPanel.tsx';
import { ModelCard } from './ModelCard.tsx';
import { useAddModel } from './useAddModel.ts';

/** Checkpoints that the library knows. One more is added by dropping it anywhere on the screen. */
export function ModelsScreen() {
  const { data, error, refetch } = useStudioQuery('listModels', {});
  const adding = useAddModel(() => void refetch());
  const zone = useDropZone(adding.drop);
  return (
    <div className="relative h-full" {...zone.handlers}>
      <Screen
        title="Models"
        subtitle={data ? formatCount(data.models.length, 'checkpoint') : '\u00a0'}
      >
        <div className="grid max-w-7xl grid-cols-[minmax(0,1fr)_minmax(20rem,26rem)] items-start gap-6 max-lg:grid-cols-1">
          <div>
            {error && (
              <ErrorNote
                title="The models could not be read"
                cause={error}
                actions={<Button onClick={() => void refetch()}>Try again</Button>}
              />
            )}
            {!data && !error && <Spinner label="Reading the models" />}
            {data && <ModelList models={data.models} />}
          </div>
          <AddModelPanel adding={adding} />
        </div>
      </Screen>
      {zone.isOver && (
        <div className="pointer-events-none absolute inset-4 z-30 flex flex-col items-center justify-center gap-3 rounded-lg border-2 border-dashed border-accent bg-surface/90 text-lg font-medium">
          <FileBox size={36} className="text-accent" aria-hidden="true" />
          Drop a checkpoint to add it
        </div>
      )}
    </div>
  );
}

/** The one that new work begins with stands first. */
function ModelList({ models }: { models: readonly ModelRecord[] }) {
  const { data: settings } = useStudioQuery('getSettings', {});
  const chosen = models.find(({ id }) => id === settings?.modelId);
  const standard = (chosen ?? models.find(({ builtIn }) => builtIn))?.id;
  const sorted = [...models].sort(
    (a, b) => Number(b.id === standard) - Number(a.id === standard) || a.addedAt - b.addedAt,
  );
  return (
    <ul className="flex flex-col gap-4">
      {sorted.map((model) => (
        <ModelCard key={model.id} model={model} isDefault={model.id === standard} />
      ))}
    </ul>
  );
}

/** Takes files that are dragged in; those of photos too, for here they would be no beginning of a concept. */
function useDropZone(onDrop: (event: DragEvent) => void) {
  const [isOver, setOver] = useState(false);
  const bringsFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes('Files');
  return {
    isOver,
    handlers: {
      onDragOver: (event: DragEvent) => {
        if (!bringsFiles(event)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: (event: DragEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop: (event: DragEvent) => {
        setOver(false);
        onDrop(event);
      },
    },
  };
}
