import { Dices, Lock, LockOpen } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from '../ui/Button.tsx';
import { TextField } from '../ui/TextField.tsx';
import { rollSeed } from './composeActions.ts';
import { changeDraft } from './composeStore.ts';
import { parseSeed } from './compositionDraft.ts';

interface SeedFieldProps {
  seed: number;
  locked: boolean;
}

/** The noise that a picture starts from: kept, drawn anew, or drawn for each picture. */
export function SeedField({ seed, locked }: SeedFieldProps) {
  const [text, setText] = useState(String(seed));
  useEffect(() => setText(String(seed)), [seed]);
  const parsed = parseSeed(text);
  return (
    <div className="flex items-start gap-1">
      <TextField
        label="Seed"
        inputMode="numeric"
        value={text}
        onChange={(next) => {
          setText(next);
          const read = parseSeed(next);
          if (read !== undefined) changeDraft({ seed: read });
        }}
        onBlur={() => setText(String(seed))}
        error={parsed === undefined ? 'A whole number from 0.' : undefined}
        className="grow"
      />
      <div className="mt-6 flex">
        <IconButton
          label={locked ? 'Same seed for every picture' : 'New seed for every picture'}
          icon={locked ? <Lock size={16} /> : <LockOpen size={16} />}
          pressed={locked}
          onClick={() => changeDraft({ seedLocked: !locked })}
        />
        <IconButton label="Draw a new seed" icon={<Dices size={16} />} onClick={rollSeed} />
      </div>
    </div>
  );
}
