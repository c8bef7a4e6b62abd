import { Plus } from 'lucide-react';
import { Link } from 'wouter';
import { Button, buttonClasses } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { linkTo } from '../ui/routes.ts';
import { SelectField } from '../ui/SelectField.tsx';
import { Tag } from '../ui/Tag.tsx';
import { ConceptPicker } from './ConceptPicker.tsx';
import { mostConcepts, toggledId, versionsToShow } from './mapChoice.ts';
import type { MapChoice } from './useMapChoice.ts';

/** Which model and which concepts the map shows. */
export function ConceptChoice({ choice }: { choice: MapChoice }) {
  const { models, modelId, concepts, ids, failed, chooseConcepts } = choice;
  return (
    <div className="mb-5 flex flex-col gap-4">
      <SelectField
        label="Model"
        value={modelId}
        onChange={choice.chooseModel}
        options={models.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <div>
        <h2 className="mb-1.5 text-sm font-medium">Concepts</h2>
        <div className="flex flex-wrap items-center gap-1.5">
          {concepts.map(({ id, token }) => (
            <Tag
              key={id}
              tone="accent"
              removeLabel={`Take ${token} off the map`}
              onRemove={() => chooseConcepts(toggledId(ids, id))}
            >
              {token}
            </Tag>
          ))}
          <ConceptPicker
            chosen={ids}
            onToggle={({ id }) => chooseConcepts(toggledId(ids, id))}
            full={
              ids.length >= mostConcepts ? `The map holds ${mostConcepts} concepts.` : undefined
            }
            trigger={
              <Button size="small" look="quiet" icon={<Plus size={14} aria-hidden="true" />}>
                Add a concept
              </Button>
            }
          />
        </div>
      </div>
      {failed && (
        <ErrorNote title="A concept could not be read" cause={failed} nextStep="Choose another." />
      )}
      {modelId && <Strangers {...{ choice, modelId }} />}
      {ids.length === 0 && (
        <Link
          href={linkTo.newConcept()}
          className={`${buttonClasses('quiet', 'small')} self-start`}
        >
          Train a concept of your own
        </Link>
      )}
    </div>
  );
}

/** Concepts that have no version for the model: they would just be missing. */
function Strangers({ choice, modelId }: { choice: MapChoice; modelId: string }) {
  const strangers = choice.concepts.filter((one) => versionsToShow(one, modelId).length === 0);
  return strangers.map(({ id, token, versionList }) => (
    <p key={id} className="text-sm text-warn">
      {versionList.length === 0
        ? `${token} is not trained yet.`
        : `${token} has no version for this model. Choose the model that it was made for.`}
    </p>
  ));
}
