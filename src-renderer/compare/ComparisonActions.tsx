import { BookmarkCheck, BookmarkPlus, FileImage } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { downloadName } from '../compose/downloadName.ts';
import { blobUrl } from '../studioApi.ts';
import { Button } from '../ui/Button.tsx';
import { causeText } from '../ui/ErrorNote.tsx';
import { linkTo } from '../ui/routes.ts';
import { useToast } from '../ui/Toast.tsx';
import { drawSheet, keepComparison } from './compareActions.ts';
import type { Pictures } from './compareStore.ts';

interface ComparisonActionsProps {
  pictures: Pictures;
  isKept: boolean;
}

/** What can be done with the comparison as a whole. */
export function ComparisonActions({ pictures, isKept }: ComparisonActionsProps) {
  const [busy, setBusy] = useState<'keep' | 'sheet'>();
  const [, navigate] = useLocation();
  const showToast = useToast();
  const complete = Object.keys(pictures).length === 4;
  const run = async (what: 'keep' | 'sheet', failure: string, act: () => Promise<void>) => {
    setBusy(what);
    try {
      await act();
    } catch (error) {
      showToast({ title: failure, detail: causeText(error), tone: 'bad' });
    } finally {
      setBusy(undefined);
    }
  };
  const keep = () =>
    run('keep', 'The comparison was not kept', async () => {
      await keepComparison();
      const action = { label: 'Open', run: () => navigate(linkTo.gallery()) };
      showToast({ title: 'Kept in the gallery', tone: 'good', action });
    });
  const save = () =>
    run('sheet', 'The sheet was not drawn', async () => {
      const sheet = await drawSheet();
      const name = downloadName(Object.values(pictures)[0].settings, 'png');
      download(blobUrl(sheet, `comparison, ${name}`), `comparison, ${name}`);
    });
  const KeepIcon = isKept ? BookmarkCheck : BookmarkPlus;
  return (
    <>
      <Button
        disabled={!complete}
        busy={busy === 'keep'}
        icon={<KeepIcon size={16} aria-hidden="true" />}
        onClick={isKept ? () => navigate(linkTo.gallery()) : keep}
      >
        {isKept ? 'In the gallery' : 'Keep'}
      </Button>
      <Button
        disabled={!complete}
        busy={busy === 'sheet'}
        icon={<FileImage size={16} aria-hidden="true" />}
        onClick={save}
      >
        Sheet as PNG
      </Button>
    </>
  );
}

function download(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
