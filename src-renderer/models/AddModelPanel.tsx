import { FileBox, Folder, FolderOpen } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { chooseModel } from '../studioApi.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Panel } from '../ui/Panel.tsx';
import { Progress } from '../ui/Progress.tsx';
import { TextField } from '../ui/TextField.tsx';
import type { AddModel } from './useAddModel.ts';

/** How a checkpoint comes in: it is dropped, chosen, or named by its path. */
export function AddModelPanel({ adding }: { adding: AddModel }) {
  return (
    <Panel title="Add a model">
      <div className="flex flex-col gap-4">
        <p className="text-sm text-muted">
          A checkpoint of Stable Diffusion 1 or 2: one .safetensors file, or a diffusers folder. It
          is read where it lies; nothing is copied or changed.
        </p>
        <ChooseButtons adding={adding} />
        <PathForm adding={adding} />
        {adding.isPending && <Progress label="Reading the checkpoint" onCancel={adding.cancel} />}
        {adding.error && (
          <ErrorNote
            title="The model was not added"
            cause={adding.error}
            nextStep="Nothing was changed. Correct the path, or take another file."
          />
        )}
      </div>
    </Panel>
  );
}

function ChooseButtons({ adding }: { adding: AddModel }) {
  if (!chooseModel) return null;
  const choose = async (kind: 'file' | 'folder') => {
    const path = await chooseModel?.(kind);
    if (path) adding.add(path);
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button icon={<FileBox size={16} />} onClick={() => void choose('file')}>
        Choose a file
      </Button>
      <Button icon={<FolderOpen size={16} />} onClick={() => void choose('folder')}>
        Choose a folder
      </Button>
      <span className="text-sm text-muted">or drop either of them here</span>
    </div>
  );
}

function PathForm({ adding }: { adding: AddModel }) {
  const [path, setPath] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { pathless } = adding;
  useEffect(() => {
    if (pathless !== undefined) field.current?.focus();
  }, [pathless]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    adding.add(path);
  };
  return (
    <form onSubmit={submit} className="flex items-start gap-2">
      <TextField
        ref={field}
        mono
        label={chooseModel ? 'Or its path' : 'Path of the file or folder'}
        className="grow"
        icon={<Folder size={16} aria-hidden="true" />}
        placeholder="~/models/sd-v1-5.safetensors"
        value={path}
        onChange={setPath}
        maxLength={4096}
        hint={pathHint(pathless)}
      />
      <Button
        type="submit"
        look="primary"
        className="mt-6"
        disabled={path.trim() === ''}
        busy={adding.isPending}
      >
        Add
      </Button>
    </form>
  );
}

function pathHint(pathless: string | undefined): string {
  if (pathless !== undefined) {
    return `A browser does not tell where ${pathless} lies. Write its whole path here: the program then reads it in place.`;
  }
  if (chooseModel) return 'Of the file, or of the folder.';
  return 'A browser does not tell a page where a file lies, so its path is needed: the program reads it in place.';
}
