import { ArrowLeft, ChevronDown, Trash2, X } from 'lucide-react';
import { comparisonWays } from '../../src-shared/composition.ts';
import { wayNames } from '../compare/ways.ts';
import { ConceptPicker } from '../map/ConceptPicker.tsx';
import { useStudioQuery } from '../studioQueries.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { SearchField } from '../ui/SearchField.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { EmptyTrash } from '../ui/SelectionBar.tsx';
import type { Trash } from '../ui/useTrash.ts';
import { type GalleryFilter, isFiltered, noFilter } from './galleryFilter.ts';

interface GalleryToolbarProps {
  filter: GalleryFilter;
  total: number;
  trash: Trash;
  onChange: (change: Partial<GalleryFilter>) => void;
}

/** Search and filters. */
export function GalleryToolbar({ filter, total, trash, onChange }: GalleryToolbarProps) {
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-2">
      <SearchField
        label="Search prompts"
        className="w-52"
        value={filter.search}
        onChange={(search) => onChange({ search })}
      />
      <ConceptFilter {...{ filter, onChange }} />
      <ModelFilter {...{ filter, onChange }} />
      <SelectField
        hideLabel
        label="Rating"
        className="w-34"
        value={String(filter.minimumRating)}
        options={[0, 1, 2, 3, 4, 5].map((rating) => ({
          value: String(rating),
          label: rating === 0 ? 'Any rating' : rating === 5 ? '5 stars' : `${rating} or more stars`,
        }))}
        onChange={(rating) => onChange({ minimumRating: Number(rating) })}
      />
      <WayFilter {...{ filter, onChange }} />
      {isFiltered(filter) && (
        <Button
          look="quiet"
          icon={<X size={16} aria-hidden="true" />}
          onClick={() => onChange({ ...noFilter, trash: filter.trash })}
        >
          Clear
        </Button>
      )}
      <div className="ml-auto flex gap-2">
        {filter.trash && !isFiltered(filter) && <EmptyTrash {...{ total, trash }} />}
        <Button
          look="quiet"
          icon={filter.trash ? <ArrowLeft size={16} /> : <Trash2 size={16} />}
          onClick={() => onChange({ trash: !filter.trash })}
        >
          {filter.trash ? 'Gallery' : 'Trash'}
        </Button>
      </div>
    </div>
  );
}

type PartProps = Pick<GalleryToolbarProps, 'filter' | 'onChange'>;

function ConceptFilter({ filter: { conceptId }, onChange }: PartProps) {
  const { data } = useStudioQuery(
    'getConcept',
    { id: conceptId ?? '' },
    { enabled: conceptId !== undefined },
  );
  return (
    <div className="flex items-center">
      <ConceptPicker
        single
        chosen={conceptId ? [conceptId] : []}
        onToggle={({ id }) => onChange({ conceptId: id === conceptId ? undefined : id })}
        trigger={
          <Button>
            <span className="max-w-32 truncate font-normal">
              {conceptId ? (data?.name ?? 'A concept') : 'Any concept'}
            </span>
            <ChevronDown size={16} aria-hidden="true" className="text-muted" />
          </Button>
        }
      />
      {conceptId && (
        <IconButton
          label="Show pictures of any concept"
          icon={<X size={16} />}
          onClick={() => onChange({ conceptId: undefined })}
        />
      )}
    </div>
  );
}

/** Stands for no choice: a list cannot hold an empty value. */
const any = 'any';

function ModelFilter({ filter: { modelId }, onChange }: PartProps) {
  const { data } = useStudioQuery('listModels', {});
  const models = data?.models.map(({ id, name }) => ({ value: id, label: name })) ?? [];
  return (
    <SelectField
      hideLabel
      label="Model"
      className="w-36"
      value={modelId ?? any}
      options={[{ value: any, label: 'Any model' }, ...models]}
      onChange={(id) => onChange({ modelId: id === any ? undefined : id })}
    />
  );
}

function WayFilter({ filter: { way }, onChange }: PartProps) {
  return (
    <SelectField
      hideLabel
      label="Way of inversion"
      className="w-40"
      value={way ?? any}
      options={[
        { value: any, label: 'Any way' },
        ...comparisonWays.map((one) => ({ value: one, label: wayNames[one] })),
      ]}
      onChange={(next) => onChange({ way: comparisonWays.find((one) => one === next) })}
    />
  );
}
