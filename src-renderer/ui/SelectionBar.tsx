import { Trash2, Undo2, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { AlertDialog } from './AlertDialog.tsx';
import { Button, IconButton } from './Button.tsx';
import { formatCount } from './format.ts';
import type { Trash } from './useTrash.ts';

interface SelectionBarProps {
  ids: ReadonlySet<string>;
  inTrash: boolean;
  trash: Trash;
  onClear: () => void;
  /** What else can be done with the chosen ones. */
  children?: ReactNode;
}

/** What can be done with the chosen ones of a list; takes the toolbar's place. */
export function SelectionBar({ ids, inTrash, trash, onClear, children }: SelectionBarProps) {
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
      {children}
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

function TrashActions({ ids, trash }: Pick<SelectionBarProps, 'ids' | 'trash'>) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="small" icon={<Undo2 size={16} />} onClick={() => trash.putBack([...ids])}>
        Put back
      </Button>
      <Button size="small" icon={<Trash2 size={16} />} onClick={() => setAsking(true)}>
        Delete for good
      </Button>
      <DeleteForGood
        {...{ trash, count: ids.size, open: asking, onClose: () => setAsking(false) }}
        onConfirm={() => trash.remove([...ids])}
      />
    </>
  );
}

/** Deletes all that is in the trash, once asked for. */
export function EmptyTrash({ total, trash }: { total: number; trash: Trash }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button disabled={total === 0} icon={<Trash2 size={16} />} onClick={() => setAsking(true)}>
        Empty trash
      </Button>
      <DeleteForGood
        {...{ trash, count: total, open: asking, onClose: () => setAsking(false) }}
        onConfirm={trash.empty}
      />
    </>
  );
}

interface DeleteForGoodProps {
  trash: Trash;
  count: number;
  open: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

function DeleteForGood({ trash: { noun, goesWith }, count, ...dialog }: DeleteForGoodProps) {
  return (
    <AlertDialog
      danger
      {...dialog}
      title={`Delete ${formatCount(count, noun)} for good?`}
      description={`${goesWith} This cannot be undone.`}
      confirm="Delete for good"
    />
  );
}
