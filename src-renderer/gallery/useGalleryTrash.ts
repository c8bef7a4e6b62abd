import { call } from '../studioApi.ts';
import { useStudioMutation } from '../studioQueries.ts';
import { formatCount } from '../ui/format.ts';
import { useToast } from '../ui/Toast.tsx';

export interface GalleryTrash {
  /** Into the trash, with a way back. */
  move(ids: readonly string[]): void;
  restore(ids: readonly string[]): void;
  /** For good. */
  remove(ids: readonly string[]): void;
  /** All that is in the trash, for good. */
  empty(): void;
}

/** Ids that one call takes. */
const most = 10_000;

/** Throwing pictures away and taking them back. @param onDone after each of it */
export function useGalleryTrash(onDone: () => void): GalleryTrash {
  const toast = useToast();
  const trash = useStudioMutation('trashCompositions');
  const untrash = useStudioMutation('untrashCompositions');
  const deletion = useStudioMutation('deleteCompositions');
  const failed = (title: string) => (error: Error) =>
    toast({ tone: 'bad', title, detail: error.message });
  const answers = (
    title: string,
    undo?: () => void,
    failure = 'The pictures stay as they were',
  ) => ({
    onError: failed(failure),
    onSuccess: () => {
      onDone();
      toast({ title, ...(undo && { action: { label: 'Undo', run: undo } }) });
    },
  });

  const restore = (ids: readonly string[]) =>
    untrash.mutate({ ids: [...ids] }, answers(`${pictures(ids.length)} restored`));
  const remove = (ids: readonly string[]) =>
    deletion.mutate({ ids: ids.slice(0, most) }, answers(`${pictures(ids.length)} deleted`));
  return {
    restore,
    remove,
    move: (ids) =>
      trash.mutate(
        { ids: [...ids] },
        answers(`${pictures(ids.length)} moved to the trash`, () => restore(ids)),
      ),
    empty: () => void allTrashed().then(remove, failed('The trash was not emptied')),
  };
}

function pictures(count: number): string {
  return formatCount(count, 'picture');
}

async function allTrashed(): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const offset = ids.length;
    const page = await call('listCompositions', { trash: true, offset, limit: 500 });
    ids.push(...page.compositions.map(({ id }) => id));
    if (page.compositions.length === 0 || ids.length >= Math.min(most, page.total)) return ids;
  }
}
