import { keepPreviousData } from '@tanstack/react-query';
import { Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import { trainedOnly } from '../library/trainedOnly.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { Popover } from '../ui/Popover.tsx';
import { linkTo } from '../ui/routes.ts';
import { TextField } from '../ui/TextField.tsx';
import { ConceptLine } from './ConceptMenu.tsx';

/** A button that brings a concept into the prompt. */
export function ConceptPicker({ onPick }: { onPick: (concept: ConceptSummary) => void }) {
  const [open, setOpen] = useState(false);
  const pick = (concept: ConceptSummary) => {
    setOpen(false);
    // After the popover has given the focus back to its button.
    setTimeout(() => onPick(concept));
  };
  return (
    <Popover
      label="Bring in a concept"
      align="end"
      open={open}
      onOpenChange={setOpen}
      className="w-80 p-3"
      trigger={
        <Button size="small" look="quiet" icon={<Plus size={14} aria-hidden="true" />}>
          Concept
        </Button>
      }
    >
      <PickerList onPick={pick} />
    </Popover>
  );
}

function PickerList({ onPick }: { onPick: (concept: ConceptSummary) => void }) {
  const [search, setSearch] = useState('');
  const { data } = useStudioQuery(
    'listConcepts',
    { ...trainedOnly, search, order: 'updated', limit: 50 },
    { placeholderData: keepPreviousData },
  );
  const trained = data?.concepts;
  return (
    <div className="flex flex-col gap-2">
      <TextField
        label="Search concepts"
        hideLabel
        placeholder="Search concepts"
        icon={<Search size={16} aria-hidden="true" />}
        value={search}
        onChange={setSearch}
      />
      <ul className="h-64 overflow-y-auto" aria-label="Concepts">
        {trained?.map((concept) => (
          <li key={concept.id}>
            <button
              type="button"
              onClick={() => onPick(concept)}
              className="flex w-full items-center gap-2.5 rounded-sm px-2 py-1.5 hover:bg-accent-soft"
            >
              <ConceptLine concept={concept} />
            </button>
          </li>
        ))}
        {trained?.length === 0 && (
          <li className="px-2 py-6 text-center text-sm text-muted">
            {search ? 'No trained concept is found.' : 'No concept is trained yet.'}{' '}
            <Link href={linkTo.newConcept()} className="text-accent underline">
              Train one
            </Link>
          </li>
        )}
      </ul>
    </div>
  );
}
