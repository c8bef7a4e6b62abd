import { useEffect, useState } from 'react';
import { type ConceptDetail, conceptNaming } from '../../src-shared/conceptRecord.ts';
import { useStudioMutation } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { TextField } from '../ui/TextField.tsx';

interface RenameDialogProps {
  concept: ConceptDetail;
  open: boolean;
  onClose: () => void;
}

/** Another name, token or class word; what is trained stays as it is. */
export function RenameDialog({ concept, open, onClose }: RenameDialogProps) {
  const { id, name, token, classWord } = concept;
  const [naming, setNaming] = useState({ name, token, classWord });
  useEffect(() => {
    if (open) setNaming({ name, token, classWord });
  }, [open, name, token, classWord]);
  const change = useStudioMutation('changeConcept');
  const parsed = conceptNaming.safeParse(naming);
  const problems = new Map(
    parsed.error?.issues.map(({ path, message }) => [String(path[0]), message]),
  );
  const save = () => change.mutate({ id, ...naming }, { onSuccess: onClose });
  return (
    <Dialog
      {...{ open, onClose }}
      width="narrow"
      title={`Rename ${name}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={change.isPending} disabled={!parsed.success} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (parsed.success) save();
        }}
      >
        <TextField
          label="Name"
          value={naming.name}
          error={problems.get('name')}
          onChange={(next) => setNaming({ ...naming, name: next })}
        />
        <TextField
          mono
          label="Token"
          hint="Prompts that use the old one must be changed."
          value={naming.token}
          error={problems.get('token')}
          onChange={(next) => setNaming({ ...naming, token: next })}
        />
        <TextField
          label="Class word"
          value={naming.classWord}
          error={problems.get('classWord')}
          onChange={(next) => setNaming({ ...naming, classWord: next })}
        />
        {change.error && <ErrorNote title="Not saved" cause={change.error} />}
        <button type="submit" hidden>
          Save
        </button>
      </form>
    </Dialog>
  );
}
