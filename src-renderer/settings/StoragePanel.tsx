import { BrushCleaning, Download } from 'lucide-react';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { blobUrl } from '../studioApi.ts';
import { useStudioQuery, useStudioTask } from '../studioQueries.ts';
import { Button, buttonClasses } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatBytes, formatCount } from '../ui/format.ts';
import { Panel } from '../ui/Panel.tsx';
import { Progress } from '../ui/Progress.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { Action } from './Action.tsx';
import { backupName } from './backupName.ts';
import { KeptLibraries } from './KeptLibraries.tsx';
import { RestoreLibrary } from './RestoreLibrary.tsx';
import { type StoragePart, storageParts } from './storageParts.ts';

/** Where the library lies, how much it holds, and how it is kept small and safe. */
export function StoragePanel() {
  const { data, error, refetch } = useStudioQuery('storage', {});
  return (
    <Panel title="Storage">
      {error && (
        <ErrorNote
          title="The library could not be measured"
          cause={error}
          actions={<Button onClick={() => void refetch()}>Try again</Button>}
        />
      )}
      {!data && !error && <Spinner label="Measuring the library" />}
      {data && <Figures storage={data} />}
      <div className="mt-6 flex flex-col gap-5 border-t border-line pt-5">
        <CleanUp onDone={() => void refetch()} />
        <BackUp />
        <RestoreLibrary />
        <KeptLibraries />
      </div>
    </Panel>
  );
}

function Figures({ storage }: { storage: StudioOutput<'storage'> }) {
  const { folder, freeBytes, concepts, compositions } = storage;
  const parts = storageParts(storage);
  return (
    <div className="flex flex-col gap-4">
      <p>
        <code className="font-mono text-sm break-all">{folder}</code>
        <span className="block text-sm text-muted">
          {formatCount(concepts, 'concept')} and {formatCount(compositions, 'picture')};{' '}
          {formatBytes(freeBytes)} free on the disk
        </span>
      </p>
      <StorageBar parts={parts} />
      <ul className="flex flex-wrap gap-x-6 gap-y-1.5 text-sm">
        {parts.map(({ label, bytes, colour }) => (
          <li key={label} className="flex items-center gap-2">
            <span
              aria-hidden="true"
              className="size-3 rounded-sm"
              style={{ background: `var(--color-${colour})` }}
            />
            {label} <span className="text-muted">{formatBytes(bytes)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The list under it says the same in words. */
function StorageBar({ parts }: { parts: readonly StoragePart[] }) {
  return (
    <div aria-hidden="true" className="flex h-3 gap-0.5 overflow-hidden rounded-full bg-line">
      {parts.map(({ label, share, colour }) => (
        <div
          key={label}
          style={{ width: `${share * 100}%`, background: `var(--color-${colour})` }}
        />
      ))}
    </div>
  );
}

function CleanUp({ onDone }: { onDone: () => void }) {
  const task = useStudioTask('collectGarbage');
  const { data, error, isPending, progress } = task;
  return (
    <Action
      title="Free space"
      text="Deletes files that nothing in the library needs any more. Those of the last hour stay: a window may have them open. What nothing has needed for a week is deleted by itself."
      button={
        <Button
          icon={<BrushCleaning size={16} aria-hidden="true" />}
          busy={isPending}
          onClick={() => task.mutate({}, { onSettled: onDone })}
        >
          Free space
        </Button>
      }
    >
      {isPending && (
        <Progress {...progress} label={progress?.phase ?? 'Looking'} onCancel={task.cancel} />
      )}
      {data && (
        <p role="status" className="text-sm">
          {data.files === 0
            ? 'There was nothing to delete.'
            : `${formatCount(data.files, 'file')} deleted, ${formatBytes(data.bytes)} freed.`}
        </p>
      )}
      {error && error.kind !== 'cancelled' && (
        <ErrorNote title="Nothing was deleted" cause={error} />
      )}
    </Action>
  );
}

function BackUp() {
  const task = useStudioTask('backUp');
  const { data, error, isPending, progress } = task;
  const name = backupName(new Date());
  return (
    <Action
      title="Backup"
      text="The whole library in one file: concepts, pictures and settings. Models are not in it."
      button={
        <Button busy={isPending} onClick={() => task.mutate({})}>
          Back up
        </Button>
      }
    >
      {isPending && (
        <Progress {...progress} label={progress?.phase ?? 'Gathering'} onCancel={task.cancel} />
      )}
      {data && !isPending && (
        <p role="status">
          <a href={blobUrl(data.blob, name)} download={name} className={buttonClasses('primary')}>
            <Download size={16} aria-hidden="true" />
            Save {name} ({formatBytes(data.bytes)})
          </a>
        </p>
      )}
      {error && error.kind !== 'cancelled' && (
        <ErrorNote
          title="The backup was not made"
          cause={error}
          nextStep="The library is as it was. A full disk is the usual cause: free some space and try again."
        />
      )}
    </Action>
  );
}
