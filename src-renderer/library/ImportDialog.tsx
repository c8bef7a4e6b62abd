import { useState } from 'react';
import { type ConceptSummary, conceptNaming } from '../../src-shared/conceptRecord.ts';
import { useTrainingModel } from '../concept/useTrainingModel.ts';
import { WordField } from '../concept/WordField.tsx';
import { useStudioMutation } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { TextField } from '../ui/TextField.tsx';
import type { ForeignFile } from './conceptImports.ts';
import { WordFile } from './WordFile.tsx';

interface ImportDialogProps {
  file: ForeignFile;
  /** @param files that the answer is about */
  onDone: (files: readonly ForeignFile[], concept?: ConceptSummary) => void;
}

const words = conceptNaming.pick({ token: true, classWord: true });

/** Asks what another program's concept file does not say. */
export function ImportDialog({ file, onDone }: ImportDialogProps) {
  const { blob, name, foreign } = file;
  const [ownToken, setOwnToken] = useState<string>();
  const [classWord, setClassWord] = useState('');
  const [chosen, setChosen] = useState<string>();
  const [wordFile, setWordFile] = useState<ForeignFile>();
  const token = ownToken ?? (wordFile ?? file).foreign.token;
  const { models, modelId } = useTrainingModel(chosen);
  const importing = useStudioMutation('importConcept');
  const given = words.safeParse({ token, classWord });
  const problem = (field: string) =>
    given.error?.issues.find(({ path }) => path[0] === field)?.message;
  const ready = given.success && modelId !== undefined && !importing.isPending;
  const close = () => onDone([file]);
  const save = () => {
    if (!ready) return;
    const embedding = wordFile && { blob: wordFile.blob, name: wordFile.name };
    const request = { blob, name, foreign: { ...given.data, modelId, embedding } };
    const files = wordFile ? [file, wordFile] : [file];
    importing.mutate(request, { onSuccess: (concept) => onDone(files, concept) });
  };
  return (
    <Dialog
      open
      onClose={close}
      width="narrow"
      title={`Import ${name}`}
      description={`Of another program: ${foreign.summary}.`}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" busy={importing.isPending} disabled={!ready} onClick={save}>
            Import
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {!foreign.hasWord && <WordFile file={wordFile} onChange={setWordFile} />}
        <SelectField
          label="Model"
          hint="That it was made for."
          value={modelId}
          options={models.map((model) => ({
            value: model.id,
            label: model.name,
            detail: model.problem,
            disabled: model.problem !== undefined,
          }))}
          onChange={setChosen}
        />
        <WordField
          label="Class word"
          hint="What it shows, such as cat."
          modelId={modelId}
          value={classWord}
          onChange={setClassWord}
        />
        <TextField
          mono
          label="Token"
          hint="The new word, for prompts."
          maxLength={60}
          value={token}
          error={problem('token')}
          onChange={setOwnToken}
        />
        {importing.error && <ErrorNote title="Not imported" cause={importing.error} />}
        <button type="submit" hidden>
          Import
        </button>
      </form>
    </Dialog>
  );
}
