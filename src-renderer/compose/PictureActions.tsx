import { BookmarkCheck, BookmarkPlus, Columns2, Dices, Download } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { ComposedPicture } from '../../src-shared/composition.ts';
import { blobUrl } from '../studioApi.ts';
import { Button, buttonClasses } from '../ui/Button.tsx';
import { causeText } from '../ui/ErrorNote.tsx';
import { linkTo, routes } from '../ui/routes.ts';
import { useToast } from '../ui/Toast.tsx';
import { keepPicture } from './composeActions.ts';
import { downloadName } from './downloadName.ts';

interface PictureActionsProps {
  picture: ComposedPicture | undefined;
  isKept: boolean;
  /** Composes once more from another seed; absent while nothing can be composed. */
  onVary: (() => void) | undefined;
}

/** What can be done with the picture. */
export function PictureActions({ picture, isKept, onVary }: PictureActionsProps) {
  const [, navigate] = useLocation();
  return (
    <div className="flex flex-wrap items-center gap-2">
      <KeepButton canKeep={picture !== undefined} isKept={isKept} />
      {picture ? (
        <a
          href={blobUrl(picture.picture, downloadName(picture.settings, 'png'))}
          download={downloadName(picture.settings, 'png')}
          className={buttonClasses()}
        >
          <Download size={16} aria-hidden="true" />
          PNG
        </a>
      ) : (
        <Button disabled icon={<Download size={16} aria-hidden="true" />}>
          PNG
        </Button>
      )}
      <Button
        disabled={!onVary}
        icon={<Dices size={16} aria-hidden="true" />}
        onClick={() => onVary?.()}
      >
        Vary
      </Button>
      <Button
        icon={<Columns2 size={16} aria-hidden="true" />}
        onClick={() => navigate(routes.compare)}
      >
        Compare
      </Button>
    </div>
  );
}

function KeepButton({ canKeep, isKept }: { canKeep: boolean; isKept: boolean }) {
  const [busy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const showToast = useToast();
  const keep = async () => {
    setBusy(true);
    try {
      await keepPicture();
      const action = { label: 'Open', run: () => navigate(linkTo.gallery()) };
      showToast({ title: 'Kept in the gallery', tone: 'good', action });
    } catch (error) {
      showToast({ title: 'The picture was not kept', detail: causeText(error), tone: 'bad' });
    } finally {
      setBusy(false);
    }
  };
  const Icon = isKept ? BookmarkCheck : BookmarkPlus;
  return (
    <Button
      disabled={!canKeep}
      busy={busy}
      icon={<Icon size={16} aria-hidden="true" />}
      onClick={isKept ? () => navigate(linkTo.gallery()) : keep}
    >
      {isKept ? 'In the gallery' : 'Keep'}
    </Button>
  );
}
