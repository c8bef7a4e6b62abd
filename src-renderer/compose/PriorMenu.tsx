import { Bookmark, Save, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { useStudioMutation, useStudioQuery } from '../studioQueries.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Popover } from '../ui/Popover.tsx';
import { TextField } from '../ui/TextField.tsx';
import { useToast } from '../ui/Toast.tsx';
import { loadPrior } from './composeActions.ts';
import { composeStore } from './composeStore.ts';
import { useStore } from './createStore.ts';

type StoredPrior = StudioOutput<'listPriors'>['priors'][number];

/** Layouts that the model was asked for once, kept by name. */
export function PriorMenu() {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      label="Saved priors"
      align="end"
      open={open}
      onOpenChange={setOpen}
      className="w-80"
      trigger={<IconButton size="small" label="Saved priors" icon={<Bookmark size={16} />} />}
    >
      <div className="flex flex-col gap-4">
        <SavePrior />
        <PriorList onLoad={() => setOpen(false)} />
      </div>
    </Popover>
  );
}

function SavePrior() {
  const { prior } = useStore(composeStore);
  const [name, setName] = useState(prior?.prompt.slice(0, 60) ?? '');
  const save = useStudioMutation('savePrior');
  const showToast = useToast();
  if (!prior) {
    return (
      <p className="text-sm text-muted">
        "Suggest layout" asks the model where it puts things; what it answers can be kept here.
      </p>
    );
  }
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={async (event) => {
        event.preventDefault();
        await save.mutateAsync({ name: name.trim(), prior });
        showToast({ title: `Kept as "${name.trim()}"`, tone: 'good' });
      }}
    >
      <div className="flex items-end gap-2">
        <TextField label="Keep this prior as" value={name} onChange={setName} className="grow" />
        <Button
          type="submit"
          busy={save.isPending}
          disabled={name.trim() === ''}
          icon={<Save size={16} aria-hidden="true" />}
        >
          Keep
        </Button>
      </div>
      {save.isError && <ErrorNote title="The prior was not kept" cause={save.error} />}
    </form>
  );
}

/** Deletes a prior, with a way back: the model would have to be asked anew. */
function useRemoval(): (stored: StoredPrior) => void {
  const remove = useStudioMutation('deletePrior');
  const save = useStudioMutation('savePrior');
  const toast = useToast();
  const failed = (title: string) => ({
    onError: ({ message }: Error) => toast({ tone: 'bad', title, detail: message }),
  });
  return ({ id, name, prior }) => {
    const undo = () => save.mutate({ name, prior }, failed(`"${name}" was not brought back`));
    remove.mutate(
      { id },
      {
        onSuccess: () =>
          toast({ title: `"${name}" was deleted`, action: { label: 'Undo', run: undo } }),
        ...failed(`"${name}" was not deleted`),
      },
    );
  };
}

function PriorList({ onLoad }: { onLoad: () => void }) {
  const { data, error } = useStudioQuery('listPriors', {});
  const remove = useRemoval();
  if (error) return <ErrorNote title="The saved priors cannot be read" cause={error} />;
  return (
    <ul className="max-h-64 overflow-y-auto" aria-label="Saved priors">
      {data?.priors.map(({ id, name, createdAt, prior }) => (
        <li key={id} className="flex items-center gap-1">
          <button
            type="button"
            onClick={() => {
              loadPrior(prior);
              onLoad();
            }}
            className="min-w-0 grow rounded-sm px-2 py-1.5 text-left hover:bg-accent-soft"
          >
            <span className="block truncate font-medium">{name}</span>
            <span className="block truncate text-xs text-muted">
              {prior.objects.join(', ')} · {prior.samples.length} samples
            </span>
          </button>
          <IconButton
            label={`Delete ${name}`}
            size="small"
            icon={<Trash2 size={14} />}
            onClick={() => remove({ id, name, createdAt, prior })}
          />
        </li>
      ))}
      {data?.priors.length === 0 && <li className="text-sm text-muted">None is kept yet.</li>}
    </ul>
  );
}
