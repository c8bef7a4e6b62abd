import { FileUp } from 'lucide-react';
import { useRef, useState } from 'react';
import { useStore } from '../compose/createStore.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { causeText } from '../ui/ErrorNote.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { type ForeignFile, importStore, readWordFile } from './conceptImports.ts';

interface WordFileProps {
  file: ForeignFile | undefined;
  onChange: (file: ForeignFile | undefined) => void;
}

const none = 'none';

/**
 * The word that weights were trained with: trainers write it into a file of its own. Those that were dropped in together
 * with the weights are offered.
 */
export function WordFile({ file, onChange }: WordFileProps) {
  const input = useRef<HTMLInputElement>(null);
  const { asked } = useStore(importStore);
  const { read, reading, error } = useReading(onChange);
  const offered = asked.filter(({ foreign }) => foreign.hasWord);
  const others = file && !offered.some(({ blob }) => blob === file.blob) ? [file] : [];
  const files = [...offered, ...others];
  return (
    <div className="flex flex-col gap-2">
      <SelectField
        label="Its word"
        hint="Trainers often write the word into a file of its own, such as <new1>.bin."
        error={error}
        value={file?.blob ?? none}
        options={[
          { value: none, label: 'None: the token stands for the class word' },
          ...files.map(({ blob, name, foreign }) => ({
            value: blob,
            label: name,
            detail: foreign.summary,
          })),
        ]}
        onChange={(value) => onChange(files.find(({ blob }) => blob === value))}
      />
      <input
        ref={input}
        type="file"
        accept=".safetensors,.pt,.bin,.png"
        aria-label="File of the word"
        className="hidden"
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          event.target.value = '';
          if (chosen) read(chosen);
        }}
      />
      <Button
        size="small"
        className="self-start"
        busy={reading}
        icon={<FileUp size={14} aria-hidden="true" />}
        onClick={() => input.current?.click()}
      >
        Choose its file
      </Button>
    </div>
  );
}

function useReading(onRead: (file: ForeignFile) => void) {
  const limit = useStudioQuery('about', {}).data?.maximumUpload;
  const [reading, setReading] = useState(false);
  const [error, setError] = useState<string>();
  const read = async (chosen: File) => {
    setReading(true);
    setError(undefined);
    try {
      onRead(await readWordFile(chosen, limit));
    } catch (cause) {
      setError(causeText(cause));
    } finally {
      setReading(false);
    }
  };
  return { read: (chosen: File) => void read(chosen), reading, error };
}
