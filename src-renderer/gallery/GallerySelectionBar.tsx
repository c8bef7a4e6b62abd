import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import type { ComponentProps } from 'react';
import type { BlobHash } from '../../src-shared/ids.ts';
import { call, savePictures } from '../studioApi.ts';
import { Button } from '../ui/Button.tsx';
import { SelectionBar } from '../ui/SelectionBar.tsx';
import { useToast } from '../ui/Toast.tsx';
import { downloadPicture } from './dragOut.ts';
import { pictureName } from './pictureName.ts';

/** What can be done with the chosen pictures. */
export function GallerySelectionBar(props: ComponentProps<typeof SelectionBar>) {
  return (
    <SelectionBar {...props}>
      <DownloadButton ids={props.ids} />
    </SelectionBar>
  );
}

async function downloadAll(ids: ReadonlySet<string>): Promise<void> {
  for (const id of ids) downloadPicture(await call('getComposition', { id }));
}

async function saveAll(ids: ReadonlySet<string>): Promise<void> {
  const pictures: { hash: BlobHash; name: string }[] = [];
  for (const id of ids) {
    const composition = await call('getComposition', { id });
    pictures.push({ hash: composition.picture, name: pictureName(composition) });
  }
  const outcome = await savePictures?.(pictures);
  if (outcome?.problem) throw new Error(`${outcome.saved} were saved. ${outcome.problem}.`);
}

/** Asks for each of them: some may never have been in sight. */
function DownloadButton({ ids }: { ids: ReadonlySet<string> }) {
  const download = useMutation({
    mutationFn: () => (savePictures && ids.size > 1 ? saveAll(ids) : downloadAll(ids)),
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
