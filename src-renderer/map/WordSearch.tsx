import { Search } from 'lucide-react';
import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import { classes } from '../ui/classes.ts';
import { inputClasses } from '../ui/Field.tsx';
import { findWords, type MapWord } from './mapScene.ts';

interface WordSearchProps {
  words: readonly MapWord[];
  onSeek: (word: string) => void;
}

/** A box that finds words of the map: the list opens while it is written in. */
export function WordSearch({ words, onSeek }: WordSearchProps) {
  const id = useId();
  const [search, setSearch] = useState('');
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState(false);
  const found = useMemo(() => findWords(words, search), [words, search]);
  const seek = (word: string) => {
    onSeek(word);
    setSearch(word);
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return setOpen(false);
    if (event.key === 'Enter' && found[active]) return seek(found[active].word);
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (move === 0 || found.length === 0) return;
    event.preventDefault();
    setOpen(true);
    setActive((active + move + found.length) % found.length);
  };
  const shown = open && search.trim() !== '';
  return (
    <div className="relative w-56">
      <Search
        size={16}
        aria-hidden="true"
        className="pointer-events-none absolute top-2.5 left-3 text-muted"
      />
      <input
        type="text"
        role="combobox"
        aria-label="Find a word on the map"
        aria-expanded={shown}
        aria-controls={`${id}-words`}
        aria-autocomplete="list"
        aria-activedescendant={shown && found[active] ? `${id}-${active}` : undefined}
        placeholder="Find a word"
        autoComplete="off"
        spellCheck={false}
        maxLength={60}
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
        className={classes(inputClasses, 'h-9 pl-9')}
      />
      <div
        id={`${id}-words`}
        role="listbox"
        aria-label="Words"
        hidden={!shown}
        className="absolute z-20 mt-1 w-full rounded-md border border-line bg-raised p-1 shadow-floating"
      >
        {found.map(({ word }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box that has the focus takes the keys
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={word}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => seek(word)}
            className={classes(
              'truncate rounded-sm px-2.5 py-1',
              index === active ? 'bg-accent-soft' : 'hover:bg-sunken',
            )}
          >
            {word}
          </div>
        ))}
        {found.length === 0 && (
          <p className="px-2.5 py-1 text-sm text-muted">The map has no such word.</p>
        )}
      </div>
    </div>
  );
}
