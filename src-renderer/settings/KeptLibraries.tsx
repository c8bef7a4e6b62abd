import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { studioQueryKey, useStudioMutation, useStudioQuery } from '../studioQueries.ts';
import { AlertDialog } from '../ui/AlertDialog.tsx';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatBytes, formatCount } from '../ui/format.ts';
import { Action } from './Action.tsx';

/** What restores have kept of the library as it was; nothing where there is none. */
export function KeptLibraries() {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const { data } = useStudioQuery('keptLibraries', {});
  const removal = useStudioMutation('deleteKeptLibraries');
  const refresh = () =>
    Promise.all(
      (['keptLibraries', 'storage'] as const).map((name) =>
        client.invalidateQueries({ queryKey: studioQueryKey(name, {}) }),
      ),
    );
  if (!data || data.libraries === 0) return null;
  const count = formatCount(data.libraries, 'library', 'libraries');
  return (
    <Action
      title="Kept by restores"
      text={`${count} as it was before a restore, in the folder "kept" beside this one. Deleting frees ${formatBytes(data.bytes)}.`}
      button={
        <Button
          icon={<Trash2 size={16} aria-hidden="true" />}
          busy={removal.isPending}
          onClick={() => setAsking(true)}
        >
          Delete
        </Button>
      }
    >
      {removal.error && <ErrorNote title="Not all of it was deleted" cause={removal.error} />}
      <AlertDialog
        danger
        open={asking}
        onClose={() => setAsking(false)}
        title="Delete what restores have kept?"
        description={`${count} cannot be had back afterwards. The library that is open stays as it is.`}
        confirm="Delete for good"
        onConfirm={() => removal.mutate({}, { onSettled: refresh })}
      />
    </Action>
  );
}
