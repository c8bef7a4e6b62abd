import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import type { ComponentProps } from 'react';
import { call } from '../studioApi.ts';
import { Button } from '../ui/Button.tsx';
import { SelectionBar } from '../ui/SelectionBar.tsx';
import { useToast } from '../ui/Toast.tsx';
import { downloadPicture } from './dragOut.ts';

/** What can be done with the chosen pictures. */
export function GallerySelectionBar(props: ComponentProps<typeof SelectionBar>) {
  return (
    <SelectionBar {...props}>
      <DownloadButton ids={props.ids} />
    </SelectionBar>
  );
}

/** Saves them one after the other: some may never have been in sight. */
function DownloadButton({ ids }: { ids: ReadonlySet<string> }) {
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
