import type { DragEvent } from 'react';
import { useState } from 'react';
import { pathOfFile } from '../studioApi.ts';
import { useStudioTask } from '../studioQueries.ts';
import { useToast } from '../ui/Toast.tsx';

/** Adding a checkpoint, by its path or by dropping it. */
export function useAddModel(onAdded: () => void) {
  const task = useStudioTask('addModel');
  const toast = useToast();
  /** Name of what was dropped in a window that is not told where it lies. */
  const [pathless, setPathless] = useState<string>();
  const [path, setPath] = useState('');

  const add = (next: string) => {
    setPathless(undefined);
    setPath(next);
    task.mutate(
      { path: next },
      {
        onSuccess: ({ name, problem }) => {
          if (problem === undefined) toast({ tone: 'good', title: `${name} is ready` });
          onAdded();
        },
      },
    );
  };
  const drop = (event: DragEvent) => {
    const file = event.dataTransfer.files.item(0);
    if (!file) return;
    event.preventDefault();
    const found = pathOfFile(file);
    if (found) add(found);
    else {
      task.reset();
      setPathless(file.name);
    }
  };
  return {
    add,
    drop,
    /** What is being added, or was not added. */
    path,
    pathless,
    isPending: task.isPending,
    error: task.error?.kind === 'cancelled' ? null : task.error,
    cancel: task.cancel,
  };
}

export type AddModel = ReturnType<typeof useAddModel>;
