import { useMutation } from '@tanstack/react-query';
import { Download, Trash2, Undo2, X } from 'lucide-react';
import { useState } from 'react';
import { call } from '../studioApi.ts';
import { AlertDialog } from '../ui/AlertDialog.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { formatCount } from '../ui/format.ts';
import { useToast } from '../ui/Toast.tsx';
import { downloadPicture } from './dragOut.ts';
import type { GalleryTrash } from './useGalleryTrash.ts';

interface GallerySelectionBarProps {
  ids: ReadonlySet<string>;
  inTrash: boolean;
  trash: GalleryTrash;
  onClear: () => void;
}

/** What can be done with the chosen pictures; takes the toolbar's place. */
export function GallerySelectionBar(props: GallerySelectionBarProps) {
  const { ids, inTrash, trash, onClear } = props;
  return (
    <div className="flex min-h-9 items-center gap-2 rounded-md bg-accent-soft pr-2 pl-1 ring-4 ring-accent-soft">
      <IconButton
        label="Clear the selection"
        size="small"
        icon={<X size={16} />}
        onClick={onClear}
      />
      <span className="mr-2 font-medium" aria-live="polite">
        {ids.size.toLocaleString('en-US')} selected
      </span>
      <DownloadButton ids={ids} />
      {inTrash ? (
        <TrashActions {...{ ids, trash }} />
      ) : (
        <Button size="small" icon={<Trash2 size={16} />} onClick={() => trash.move([...ids])}>
          Move to trash
        </Button>
      )}
    </div>
  );
}

/** Saves them one after the other: some may never have been in sight. */
function DownloadButton({ ids }: Pick<GallerySelectionBarProps, 'ids'>) {
  const download = useMutation({
    mutationFn: async () => {
      for (const id of ids) downloadPicture(await call('getComposition', { id }));
    },
  });
  const toast = useToast();
  const start = () =>
    download.mutate(undefined, {
      onError: ({ message }) =>
        toast({ tone: 'bad', title: 'Not all were downloaded', detail: message }),
    });
  return (
    <Button size="small" icon={<Download size={16} />} busy={download.isPending} onClick={start}>
      Download
    </Button>
  );
}

function TrashActions({ ids, trash }: Pick<GallerySelectionBarProps, 'ids' | 'trash'>) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button size="small" icon={<Undo2 size={16} />} onClick={() => trash.restore([...ids])}>
        Restore
      </Button>
      <Button size="small" icon={<Trash2 size={16} />} onClick={() => setAsking(true)}>
        Delete for good
      </Button>
      <AlertDialog
        danger
        open={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete ${formatCount(ids.size, 'picture')} for good?`}
        description="Their settings go with them. This cannot be undone."
        confirm="Delete for good"
        onConfirm={() => trash.remove([...ids])}
      />
    </>
  );
}
