import { type KeyboardEvent, useDeferredValue, useId, useState } from 'react';
import { useStudioQuery } from '../studioQueries.ts';
import { classes } from '../ui/classes.ts';
import { Field, type FieldWords, inputClasses } from '../ui/Field.tsx';

interface WordFieldProps extends FieldWords {
  value: string;
  onChange: (value: string) => void;
  /** Called with a word that was chosen, or finished with Enter. */
  onCommit?: (word: string) => void;
  /** Whose words are proposed; none are while it is not known. */
  modelId: string | undefined;
  placeholder?: string;
}

/** A word of the model's vocabulary: proposes those that begin as it is written. */
export function WordField(props: WordFieldProps) {
  const { label, hint, error, hideLabel, className, value, onChange, onCommit, modelId } = props;
  const listId = useId();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const words = useSuggestions(modelId, value, open);
  const shown = open && words.length > 0;

  function choose(word: string): void {
    onChange(word);
    setOpen(false);
    setActive(-1);
    onCommit?.(word);
  }

  function handleKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && shown) {
      event.stopPropagation();
      setOpen(false);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((old) => (words.length ? (old + step + words.length) % words.length : -1));
    } else if (event.key === 'Enter') {
      const word = shown ? words[active] : undefined;
      if (word ?? onCommit) event.preventDefault();
      if (word) choose(word);
      else if (value.trim()) onCommit?.(value.trim());
    }
  }

  return (
    <Field {...{ label, hint, error, hideLabel, className }}>
      {(ids) => (
        <div className="relative">
          <input
            {...ids}
            type="text"
            role="combobox"
            autoComplete="off"
            spellCheck={false}
            aria-expanded={shown}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={shown && active >= 0 ? `${listId}-${active}` : undefined}
            placeholder={props.placeholder}
            value={value}
            onChange={(event) => {
              onChange(event.target.value);
              setOpen(true);
              setActive(-1);
            }}
            onBlur={() => setOpen(false)}
            onKeyDown={handleKey}
            className={classes(inputClasses, 'h-9')}
          />
          <Suggestions {...{ listId, words, active, shown }} onChoose={choose} />
        </div>
      )}
    </Field>
  );
}

interface SuggestionsProps {
  listId: string;
  words: readonly string[];
  active: number;
  shown: boolean;
  onChoose: (word: string) => void;
}

function Suggestions({ listId, words, active, shown, onChoose }: SuggestionsProps) {
  return (
    <div
      id={listId}
      role="listbox"
      aria-label="Words of the model"
      tabIndex={-1}
      hidden={!shown}
      className="absolute inset-x-0 top-full z-30 mt-1 max-h-64 overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-floating"
    >
      {words.map((word, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text box
        <div
          key={word}
          id={`${listId}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          // the text box keeps the focus
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(word)}
          className={classes(
            'cursor-default rounded-sm px-2.5 py-1.5 hover:bg-accent-soft',
            index === active && 'bg-accent-soft',
          )}
        >
          {word}
        </div>
      ))}
    </div>
  );
}

function useSuggestions(modelId: string | undefined, value: string, open: boolean): string[] {
  const prefix = useDeferredValue(value.trim().toLowerCase());
  const input = { modelId: modelId ?? '', prefix, limit: 8 };
  const enabled = open && modelId !== undefined && prefix !== '' && prefix.length <= 60;
  const { data } = useStudioQuery('suggestWords', input, { enabled });
  return enabled ? (data?.words ?? []) : [];
}
