import { SelectField } from '../ui/SelectField.tsx';
import { changeDraft } from './composeStore.ts';
import type { Composition } from './useComposition.ts';

/** The model that composes. */
export function ModelField({ composition: { models, model } }: { composition: Composition }) {
  return (
    <SelectField
      label="Model"
      hideLabel
      className="w-64 max-xl:w-48"
      value={model?.id}
      options={models.map(({ id, name, problem }) => ({
        value: id,
        label: name,
        detail: problem,
        disabled: problem !== undefined,
      }))}
      onChange={(modelId) => changeDraft({ modelId, size: undefined })}
    />
  );
}
