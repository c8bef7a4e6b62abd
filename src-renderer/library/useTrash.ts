import { useStudioMutation } from '../studioQueries.ts';
import { formatCount } from '../ui/format.ts';
import { useToast } from '../ui/Toast.tsx';

export interface Trash {
  /** Into the trash, with a way back. */
  move: (ids: readonly string[]) => void;
  restore: (ids: readonly string[]) => void;
  /** For good. */
  remove: (ids: readonly string[]) => void;
}

/** Throwing concepts away and taking them back. @param onDone after each of it */
export function useTrash(onDone: () => void): Trash {
  const toast = useToast();
  const trash = useStudioMutation('trashConcepts');
  const untrash = useStudioMutation('untrashConcepts');
  const remove = useStudioMutation('deleteConcepts');
  const fail = (title: string) => (error: Error) =>
    toast({ tone: 'bad', title, detail: error.message });

  function restore(ids: readonly string[]): void {
    const onSuccess = () => {
      onDone();
      toast({ title: `${formatCount(ids.length, 'concept')} restored` });
    };
    untrash.mutate({ ids: [...ids] }, { onSuccess, onError: fail('Not restored') });
  }

  return {
    restore,
    move: (ids) => {
      const onSuccess = () => {
        onDone();
        toast({
          title: `${formatCount(ids.length, 'concept')} moved to the trash`,
          action: { label: 'Undo', run: () => restore(ids) },
        });
      };
      trash.mutate({ ids: [...ids] }, { onSuccess, onError: fail('Not moved to the trash') });
    },
    remove: (ids) => {
      const onSuccess = () => {
        onDone();
        toast({ title: `${formatCount(ids.length, 'concept')} deleted` });
      };
      remove.mutate({ ids: [...ids] }, { onSuccess, onError: fail('Not deleted') });
    },
  };
}
