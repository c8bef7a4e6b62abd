import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { call } from '../studioApi.ts';
import { AlertDialog } from '../ui/AlertDialog.tsx';
import { Button } from '../ui/Button.tsx';
import { formatCount } from '../ui/format.ts';
import { useToast } from '../ui/Toast.tsx';
import type { Trash } from './useTrash.ts';

/** Deletes all that is in the trash, once asked for. */
export function EmptyTrash({ total, trash }: { total: number; trash: Trash }) {
  const [asking, setAsking] = useState(false);
  const toast = useToast();
  const empty = () =>
    allTrashed().then(trash.remove, ({ message }: Error) =>
      toast({ tone: 'bad', title: 'The trash was not emptied', detail: message }),
    );
  return (
    <>
      <Button disabled={total === 0} icon={<Trash2 size={16} />} onClick={() => setAsking(true)}>
        Empty trash
      </Button>
      <AlertDialog
        danger
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${formatCount(total, 'concept')} for good?`}
        description="Their versions, photos and previews are deleted. This cannot be undone."
        confirm="Delete for good"
        onConfirm={() => void empty()}
      />
    </>
  );
}

async function allTrashed(): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await call('listConcepts', { trash: true, offset: ids.length, limit: 500 });
    ids.push(...page.concepts.map(({ id }) => id));
    if (page.concepts.length === 0 || ids.length >= page.total) return ids;
  }
}
