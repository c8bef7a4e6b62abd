import { Check, Search } from 'lucide-react';
import { type ReactNode, useDeferredValue, useState } from 'react';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import { trainedOnly } from '../library/trainedOnly.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { classes } from '../ui/classes.ts';
import { causeText } from '../ui/ErrorNote.tsx';
import { Picture } from '../ui/Picture.tsx';
import { Popover } from '../ui/Popover.tsx';
import { TextField } from '../ui/TextField.tsx';

interface ConceptPickerProps {
  /** One element that takes a ref: the button that opens it. */
  trigger: ReactNode;
  chosen: readonly string[];
  /** A concept was chosen, or chosen again. */
  onToggle: (concept: ConceptSummary) => void;
  /** Closes after a choice. */
  single?: boolean;
  /** No more can be chosen, and why. */
  full?: string;
}

/** Concepts of the library to choose from: found by a search, for there may be thousands. */
export function ConceptPicker(props: ConceptPickerProps) {
  const { trigger, chosen, onToggle, single = false, full } = props;
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  return (
    <Popover
      {...{ trigger, open }}
      onOpenChange={setOpen}
      label="Choose a concept"
      className="w-80"
    >
      <TextField
        label="Search concepts"
        hideLabel
        placeholder="Search concepts"
        icon={<Search size={16} aria-hidden="true" />}
        value={search}
        onChange={setSearch}
        maxLength={200}
      />
      <Found
        {...{ search, chosen, full }}
        onToggle={(concept) => {
          onToggle(concept);
          if (single) setOpen(false);
        }}
      />
    </Popover>
  );
}

interface FoundProps {
  search: string;
  chosen: readonly string[];
  full?: string;
  onToggle: (concept: ConceptSummary) => void;
}

/** Keeps its height, whatever is found. */
function Found({ search, chosen, full, onToggle }: FoundProps) {
  const sought = useDeferredValue(search);
  const { data, error } = useStudioQuery(
    'listConcepts',
    { ...trainedOnly, search: sought, limit: 50 },
    { placeholderData: (before) => before },
  );
  return (
    <div className="mt-3 h-72 overflow-y-auto">
      {error && <p className="p-2 text-sm text-danger">{causeText(error)}</p>}
      {data?.concepts.length === 0 && (
        <p className="p-2 text-sm text-muted">
          {sought.trim() ? 'No trained concept is called so.' : 'No concept is trained yet.'}
        </p>
      )}
      <ul aria-label="Concepts">
        {data?.concepts.map((concept) => (
          <li key={concept.id}>
            <Choice
              concept={concept}
              chosen={chosen.includes(concept.id)}
              disabled={full !== undefined && !chosen.includes(concept.id)}
              onToggle={() => onToggle(concept)}
            />
          </li>
        ))}
      </ul>
      {full && <p className="p-2 text-xs text-muted">{full}</p>}
    </div>
  );
}

interface ChoiceProps {
  concept: ConceptSummary;
  chosen: boolean;
  disabled: boolean;
  onToggle: () => void;
}

function Choice({ concept, chosen, disabled, onToggle }: ChoiceProps) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      disabled={disabled}
      onClick={onToggle}
      className={classes(
        'flex w-full items-center gap-3 rounded-md p-1.5 text-left transition-colors hover:bg-sunken disabled:opacity-50',
        chosen && 'bg-accent-soft',
      )}
    >
      <Picture blob={concept.cover} alt="" className="size-9 shrink-0 rounded-sm" />
      <span className="min-w-0 grow">
        <span dir="auto" className="block truncate text-left">
          {concept.name}
        </span>
        <span className="block truncate text-xs text-muted">
          {concept.token} {concept.classWord}
        </span>
      </span>
      {chosen && <Check size={16} className="shrink-0 text-accent" aria-hidden="true" />}
    </button>
  );
}
