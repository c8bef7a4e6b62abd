import { Blocks, Trash2, Undo2, X } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { AlertDialog } from '../ui/AlertDialog.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { formatCount } from '../ui/format.ts';
import { linkTo } from '../ui/routes.ts';
import type { Trash } from './useTrash.ts';

interface SelectionBarProps {
  ids: ReadonlySet<string>;
  inTrash: boolean;
  trash: Trash;
  onClear: () => void;
}

/** What can be done with the chosen concepts; takes the toolbar's place. */
export function SelectionBar({ ids, inTrash, trash, onClear }: SelectionBarProps) {
  return (
    <div className="flex min-h-9 items-center gap-2 rounded-md bg-accent-soft pr-2 pl-1 ring-4 ring-accent-soft">
      <IconButton
        {...{
          label: 'Clear the selection',
          size: 'small',
          icon: <X size={16} />,
          onClick: onClear,
        }}
      />
      <span className="mr-2 font-medium">{ids.size} selected</span>
      {inTrash ? (
        <TrashActions {...{ ids, trash }} />
      ) : (
        <>
          <ComposeThese ids={ids} />
          <Button size="small" icon={<Trash2 size={16} />} onClick={() => trash.move([...ids])}>
            Move to trash
          </Button>
        </>
      )}
    </div>
  );
}

function ComposeThese({ ids }: { ids: ReadonlySet<string> }) {
  const [, navigate] = useLocation();
  const tooMany = ids.size > 8;
  return (
    <Button
      size="small"
      disabled={tooMany}
      title={tooMany ? 'At most 8 concepts fit into one picture' : undefined}
      icon={<Blocks size={16} />}
      onClick={() => navigate(linkTo.compose([...ids]))}
    >
      Compose with {ids.size === 1 ? 'it' : 'them'}
    </Button>
  );
}

function TrashActions({ ids, trash }: Pick<SelectionBarProps, 'ids' | 'trash'>) {
  const [asking, setAsking] = useState(false);
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
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${formatCount(ids.size, 'concept')} for good?`}
        description="Versions, photos and previews are deleted with them. This cannot be undone."
        confirm="Delete for good"
        onConfirm={() => trash.remove([...ids])}
      />
    </>
  );
}
