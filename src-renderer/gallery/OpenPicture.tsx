import { useEffect } from 'react';
import type { KeptComposition } from '../../src-shared/composition.ts';
import type { SlicedList } from '../ui/useSlicedList.ts';
import type { Trash } from '../ui/useTrash.ts';
import { PictureViewer } from './PictureViewer.tsx';

export interface Opened {
  readonly id: string;
  /** Where it stood in the list when it was opened. */
  readonly index: number;
  /** A picture that the list does not hold: of the same comparison as one that it does. */
  readonly aside?: KeptComposition;
}

interface OpenPictureProps {
  compositions: SlicedList<KeptComposition>;
  opened: Opened;
  trash: Trash;
  onOpen: (next: Opened | undefined) => void;
  onRate: (composition: KeptComposition, rating: number) => void;
}

/** The viewer, on its way through the list. When its picture leaves the list, the one that follows takes its place. */
export function OpenPicture({ compositions, opened, trash, onOpen, onRate }: OpenPictureProps) {
  const { total } = compositions;
  const found = compositions.indexOf(opened.id);
  const index = found >= 0 ? found : Math.min(opened.index, total - 1);
  const listed = compositions.at(index);
  const composition = found >= 0 ? listed : (opened.aside ?? listed);
  useEffect(() => {
    if (total === 0) onOpen(undefined);
  }, [total, onOpen]);
  if (!composition) return null;

  const turn = (to: number) => {
    const next = compositions.at(to);
    return next && (() => onOpen({ id: next.id, index: to }));
  };
  return (
    <PictureViewer
      {...{ composition, onRate }}
      place={`Picture ${(index + 1).toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`}
      onClose={() => onOpen(undefined)}
      onBefore={index > 0 ? turn(index - 1) : undefined}
      onAfter={index + 1 < total ? turn(index + 1) : undefined}
      onShow={(other) => {
        const at = compositions.indexOf(other.id);
        onOpen(at >= 0 ? { id: other.id, index: at } : { id: other.id, index, aside: other });
      }}
      onTrash={({ id, trashedAt }) => {
        if (opened.aside && listed) onOpen({ id: listed.id, index });
        if (trashedAt === undefined) trash.move([id]);
        else trash.putBack([id]);
      }}
    />
  );
}
