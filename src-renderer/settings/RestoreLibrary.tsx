import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArchiveRestore } from 'lucide-react';
import { useRef, useState } from 'react';
import { call, StudioCallError, uploadBlob } from '../studioApi.ts';
import { AlertDialog } from '../ui/AlertDialog.tsx';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatBytes } from '../ui/format.ts';
import { Progress } from '../ui/Progress.tsx';
import { Action } from './Action.tsx';
import { restoreProblem } from './restoreRoom.ts';

/** Puts a backup in the library's place, once asked. */
export function RestoreLibrary() {
  const [file, setFile] = useState<File>();
  const input = useRef<HTMLInputElement>(null);
  const { restore, share, cancel } = useRestore();
  const isSent = share >= 1;
  return (
    <Action
      title="Restore"
      text="Puts a backup in the place of the library. What is there now is kept beside it."
      button={
        <Button
          icon={<ArchiveRestore size={16} aria-hidden="true" />}
          busy={restore.isPending}
          onClick={() => input.current?.click()}
        >
          Restore a backup
        </Button>
      }
    >
      <input
        ref={input}
        type="file"
        aria-label="A backup of the library"
        className="hidden"
        onChange={(event) => {
          setFile(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      {restore.isPending && (
        <Progress
          label={isSent ? 'Putting it in place' : 'Reading the backup'}
          {...(!isSent && { step: Math.round(share * 1000), total: 1000, onCancel: cancel })}
        />
      )}
      {restore.isSuccess && (
        <p role="status" className="text-sm">
          The backup is in place.
        </p>
      )}
      {restore.error && restore.error.kind !== 'cancelled' && (
        <ErrorNote
          title="The backup was not restored"
          cause={restore.error}
          nextStep="The library is as it was."
        />
      )}
      <AlertDialog
        danger
        open={file !== undefined}
        onClose={() => setFile(undefined)}
        title="Replace the library?"
        description={
          file &&
          `${file.name} (${formatBytes(file.size)}) takes its place. Concepts and pictures that are not in the backup are not shown afterwards; they are kept beside the library.`
        }
        confirm="Replace the library"
        onConfirm={() => file && restore.mutate(file)}
      />
    </Action>
  );
}

function useRestore() {
  const client = useQueryClient();
  const [share, setShare] = useState(0);
  const running = useRef<AbortController>(undefined);
  const restore = useMutation<unknown, StudioCallError, File>({
    mutationFn: async (file) => {
      running.current = new AbortController();
      const { signal } = running.current;
      setShare(0);
      const { freeBytes } = await call('storage', {}, { signal });
      const problem = restoreProblem(file.size, freeBytes);
      if (problem) throw new StudioCallError('input', problem);
      const blob = await uploadBlob(file, { signal, onProgress: setShare });
      setShare(1);
      return call('restore', { blob });
    },
    onSuccess: () => client.invalidateQueries(),
  });
  return { restore, share, cancel: () => running.current?.abort() };
}
