import { type FormEvent, useId, useState } from 'react';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { useStudioMutation } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { TextField } from '../ui/TextField.tsx';

/** Asks for another name. Shown as long as it is there. */
export function RenameModel({ model, onClose }: { model: ModelRecord; onClose: () => void }) {
  const [name, setName] = useState(model.name);
  const renaming = useStudioMutation('renameModel');
  const form = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    renaming.mutate({ id: model.id, name: name.trim() }, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Rename ${model.name}`}
      width="narrow"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            look="primary"
            busy={renaming.isPending}
            disabled={name.trim() === ''}
          >
            Rename
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="pt-1">
        <TextField
          autoFocus
          label="Name"
          maxLength={120}
          value={name}
          onChange={setName}
          error={renaming.error?.message}
          hint="Only in Tessera; the file keeps its name."
        />
      </form>
    </Dialog>
  );
}
