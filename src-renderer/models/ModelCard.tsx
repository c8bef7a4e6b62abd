import { Boxes, EllipsisVertical, Pencil, Star, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { useStudioMutation } from '../studioQueries.ts';
import { AlertDialog } from '../ui/AlertDialog.tsx';
import { IconButton } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { Disclosure } from '../ui/Disclosure.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatBytes, formatCount, formatWhen } from '../ui/format.ts';
import { Menu } from '../ui/Menu.tsx';
import { Tag } from '../ui/Tag.tsx';
import { useToast } from '../ui/Toast.tsx';
import { adviceFor, dtypesText, familyName, parametersText } from './modelWords.ts';
import { RenameModel } from './RenameModel.tsx';

interface ModelCardProps {
  model: ModelRecord;
  isDefault: boolean;
}

/** A checkpoint: what it is, whether it works, and what can be done with it. */
export function ModelCard({ model, isDefault }: ModelCardProps) {
  const { name, builtIn, problem, details, fileName, judged } = model;
  return (
    <li className="rounded-lg border border-line bg-surface p-5">
      <header className="flex items-start gap-4">
        <span
          className={classes(
            'flex size-10 shrink-0 items-center justify-center rounded-md',
            problem ? 'bg-danger-soft text-danger' : 'bg-accent-soft text-accent',
          )}
        >
          <Boxes size={20} aria-hidden="true" />
        </span>
        <div className="min-w-0 grow">
          <div className="flex flex-wrap items-center gap-2">
            <h2 className="truncate text-base font-semibold">{name}</h2>
            {isDefault && <Tag tone="accent">Default</Tag>}
            {builtIn && <Tag>Built in</Tag>}
            {judged && <Tag>Judges its pictures</Tag>}
          </div>
          <p className="truncate text-sm text-muted">
            {problem ? fileName : `${familyName(model.family)}, ${fileName}`}
          </p>
        </div>
        <ModelMenu {...{ model, isDefault }} />
      </header>
      {problem && (
        <ErrorNote
          className="mt-4"
          title="This model cannot be used"
          cause={problem}
          nextStep={adviceFor(problem)}
        />
      )}
      <Figures model={model} />
      {details.length > 0 && (
        <Disclosure
          className="mt-3"
          title="Remarks"
          summary={formatCount(details.length, 'remark')}
        >
          <ul className="list-disc pl-6 text-sm break-words text-muted">
            {details.map((detail) => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        </Disclosure>
      )}
    </li>
  );
}

function Figures({ model }: { model: ModelRecord }) {
  const { bytes, parameters, dtypes, nativeSize, sizeStep, addedAt } = model;
  const figures = [
    ['On disk', formatBytes(bytes)],
    ['Parameters', parametersText(parameters)],
    ['Numbers', dtypesText(dtypes)],
    ...(nativeSize ? [['Made for', `${nativeSize} x ${nativeSize} pixels`]] : []),
    ...(sizeStep ? [['Sizes', `multiples of ${sizeStep}`]] : []),
    ['Added', formatWhen(addedAt)],
  ];
  return (
    <dl className="mt-4 grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-x-6 gap-y-3">
      {figures.map(([label, value]) => (
        <div key={label} className="min-w-0">
          <dt className="text-xs text-muted">{label}</dt>
          <dd className="text-sm break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ModelMenu({ model, isDefault }: ModelCardProps) {
  const [asking, setAsking] = useState<'name' | 'removal'>();
  const close = () => setAsking(undefined);
  const makeDefault = useMakeDefault(model);
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${model.name}`} icon={<EllipsisVertical size={18} />} />
        }
        items={[
          {
            label: 'Make default',
            icon: <Star size={16} />,
            onSelect: makeDefault,
            disabled: isDefault || model.problem !== undefined,
          },
          {
            label: 'Rename',
            icon: <Pencil size={16} />,
            onSelect: () => setAsking('name'),
            disabled: model.builtIn,
          },
          {
            label: 'Remove',
            icon: <Trash2 size={16} />,
            onSelect: () => setAsking('removal'),
            disabled: model.builtIn,
            danger: true,
            separated: true,
          },
        ]}
      />
      {asking === 'name' && <RenameModel model={model} onClose={close} />}
      <RemoveModel model={model} open={asking === 'removal'} onClose={close} />
    </>
  );
}

function useMakeDefault({ id, name }: ModelRecord): () => void {
  const change = useStudioMutation('changeSettings');
  const toast = useToast();
  return () =>
    change.mutate(
      { modelId: id },
      {
        onSuccess: () => toast({ title: `New work begins with ${name}` }),
        onError: ({ message }) =>
          toast({ tone: 'bad', title: 'The default stays as it was', detail: message }),
      },
    );
}

interface RemoveModelProps {
  model: ModelRecord;
  open: boolean;
  onClose: () => void;
}

function RemoveModel({ model: { id, name }, open, onClose }: RemoveModelProps) {
  const removal = useStudioMutation('removeModel');
  const toast = useToast();
  const remove = () =>
    removal.mutate(
      { id },
      {
        onSuccess: () => toast({ title: `${name} was removed` }),
        onError: ({ message }) =>
          toast({ tone: 'bad', title: `${name} was not removed`, detail: message }),
      },
    );
  return (
    <AlertDialog
      danger
      {...{ open, onClose }}
      title={`Remove ${name}?`}
      description="Tessera forgets it. Its files stay where they are, and so do the concepts and pictures that were made with it; they can be used again once it is added again."
      confirm="Remove"
      onConfirm={remove}
    />
  );
}
