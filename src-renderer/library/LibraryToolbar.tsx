import { ArrowLeft, ListFilter, Trash2 } from 'lucide-react';
import { trainingMethods } from '../../src-shared/concept.ts';
import { methodWords } from '../concept/methodWords.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { Popover } from '../ui/Popover.tsx';
import { SearchField } from '../ui/SearchField.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { EmptyTrash } from '../ui/SelectionBar.tsx';
import { Chip, Tag } from '../ui/Tag.tsx';
import type { Trash } from '../ui/useTrash.ts';
import { type ConceptOrder, type LibraryFilter, orderWords, toggledIn } from './libraryFilter.ts';

interface LibraryToolbarProps {
  filter: LibraryFilter;
  total: number;
  trash: Trash;
  onChange: (filter: LibraryFilter) => void;
}

/** Search, filters and order. */
export function LibraryToolbar({ filter, total, trash, onChange }: LibraryToolbarProps) {
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-2">
      <SearchField
        label="Search concepts"
        placeholder="Search"
        className="w-64"
        value={filter.search}
        onChange={(search) => onChange({ ...filter, search })}
      />
      <Filters {...{ filter, onChange }} />
      <SelectField
        hideLabel
        label="Order"
        className="w-44"
        value={filter.order}
        options={Object.entries(orderWords).map(([value, label]) => ({
          value: value as ConceptOrder,
          label,
        }))}
        onChange={(order) => onChange({ ...filter, order })}
      />
      <ActiveFilters {...{ filter, onChange }} />
      <div className="ml-auto flex gap-2">
        {filter.trash && <EmptyTrash {...{ total, trash }} />}
        <Button
          look="quiet"
          icon={filter.trash ? <ArrowLeft size={16} /> : <Trash2 size={16} />}
          onClick={() => onChange({ ...filter, trash: !filter.trash })}
        >
          {filter.trash ? 'Library' : 'Trash'}
        </Button>
      </div>
    </div>
  );
}

type PartProps = Pick<LibraryToolbarProps, 'filter' | 'onChange'>;

function Filters({ filter, onChange }: PartProps) {
  const { data } = useStudioQuery('listTags', {});
  const count = filter.tags.length + filter.methods.length + Number(filter.favourite);
  return (
    <Popover
      label="Filters"
      className="w-80"
      trigger={
        <Button icon={<ListFilter size={16} />}>Filter{count > 0 ? ` (${count})` : ''}</Button>
      }
    >
      <div className="flex flex-col gap-4">
        <FilterGroup title="Show">
          <Chip
            selected={filter.favourite}
            onToggle={() => onChange({ ...filter, favourite: !filter.favourite })}
          >
            Favourites only
          </Chip>
        </FilterGroup>
        <FilterGroup title="Method">
          {trainingMethods.map((method) => (
            <Chip
              key={method}
              selected={filter.methods.includes(method)}
              onToggle={() => onChange({ ...filter, methods: toggledIn(filter.methods, method) })}
            >
              {methodWords[method].name}
            </Chip>
          ))}
        </FilterGroup>
        <FilterGroup title="Tags">
          {data?.tags.map(({ tag, count }) => (
            <Chip
              key={tag}
              count={count}
              selected={filter.tags.includes(tag)}
              onToggle={() => onChange({ ...filter, tags: toggledIn(filter.tags, tag) })}
            >
              {tag}
            </Chip>
          ))}
          {data?.tags.length === 0 && (
            <p className="text-sm text-muted">No concept has a tag yet.</p>
          )}
        </FilterGroup>
      </div>
    </Popover>
  );
}

function FilterGroup({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <fieldset className="m-0 border-0 p-0">
      <legend className="mb-1.5 text-sm font-medium">{title}</legend>
      <div className="flex max-h-48 flex-wrap gap-1.5 overflow-y-auto">{children}</div>
    </fieldset>
  );
}

function ActiveFilters({ filter, onChange }: PartProps) {
  const { tags, methods, favourite } = filter;
  return (
    <>
      {favourite && (
        <Tag tone="accent" onRemove={() => onChange({ ...filter, favourite: false })}>
          Favourites
        </Tag>
      )}
      {methods.map((method) => (
        <Tag
          key={method}
          tone="accent"
          onRemove={() => onChange({ ...filter, methods: toggledIn(methods, method) })}
        >
          {methodWords[method].short}
        </Tag>
      ))}
      {tags.map((tag) => (
        <Tag
          key={tag}
          tone="accent"
          onRemove={() => onChange({ ...filter, tags: toggledIn(tags, tag) })}
        >
          {tag}
        </Tag>
      ))}
    </>
  );
}
