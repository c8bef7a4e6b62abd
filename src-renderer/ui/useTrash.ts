import type { StudioCallName } from '../../src-shared/studioApi.ts';
import { useStudioMutation } from '../studioQueries.ts';
import { formatCount } from './format.ts';
import { useToast } from './Toast.tsx';

export interface Trash {
  /** What is thrown away: "concept". */
  readonly noun: string;
  /** What goes with it once it is deleted, as a sentence. */
  readonly goesWith: string;
  /** Into the trash, with a way back. */
  move(ids: readonly string[]): void;
  putBack(ids: readonly string[]): void;
  /** For good. */
  remove(ids: readonly string[]): void;
  /** All that is in the trash, for good. */
  empty(): void;
}

type CallName = Extract<StudioCallName, `${'trash' | 'untrash' | 'delete'}${string}`>;

/** What a list keeps in its trash. */
export interface TrashOf extends Pick<Trash, 'noun' | 'goesWith'> {
  readonly calls: Readonly<Record<'trash' | 'untrash' | 'delete', CallName>>;
  /** Ids of a slice of the trash; none behind its end. */
  readonly read: (offset: number, limit: number) => Promise<readonly string[]>;
}

/** Ids that one call takes. */
const most = 10_000;

/** Throwing away and taking back. @param onDone after each of it */
export function useTrash(of: TrashOf, onDone: () => void): Trash {
  const { noun, goesWith, calls } = of;
  const toast = useToast();
  const moving = useStudioMutation(calls.trash);
  const returning = useStudioMutation(calls.untrash);
  const deleting = useStudioMutation(calls.delete);
  const failed = (title: string) => (error: Error) =>
    toast({ tone: 'bad', title, detail: error.message });
  const ends = (title: string, failure: string, undo?: () => void) => ({
    onError: failed(failure),
    onSuccess: () => {
      onDone();
      toast({ title, ...(undo && { action: { label: 'Undo', run: undo } }) });
    },
  });
  const counted = (ids: readonly string[]) => formatCount(ids.length, noun);

  const putBack = (ids: readonly string[]) =>
    returning.mutate({ ids: [...ids] }, ends(`${counted(ids)} put back`, 'Not put back'));
  const remove = (ids: readonly string[]) =>
    deleting.mutate({ ids: [...ids] }, ends(`${counted(ids)} deleted`, 'Not deleted'));
  return {
    ...{ noun, goesWith, putBack, remove },
    move: (ids) =>
      moving.mutate(
        { ids: [...ids] },
        ends(`${counted(ids)} moved to the trash`, 'Not moved to the trash', () => putBack(ids)),
      ),
    empty: () => void allOf(of).then(remove, failed('The trash was not emptied')),
  };
}

async function allOf({ read }: TrashOf): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < most) {
    const slice = await read(ids.length, 500);
    if (slice.length === 0) break;
    ids.push(...slice);
  }
  return ids.slice(0, most);
}
