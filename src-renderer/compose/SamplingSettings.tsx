import { samplerNames } from '../../src-shared/api.ts';
import { guidedStepsOf } from '../../src-shared/guidedSteps.ts';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { Disclosure } from '../ui/Disclosure.tsx';
import { NumberField } from '../ui/NumberField.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { SliderField } from '../ui/SliderField.tsx';
import { Switch } from '../ui/Switch.tsx';
import { TextArea } from '../ui/TextArea.tsx';
import { changeDraft } from './composeStore.ts';
import type { CompositionDraft } from './compositionDraft.ts';
import { SizeFields } from './SizeFields.tsx';

interface SamplingSettingsProps {
  draft: CompositionDraft;
  model: ModelRecord | undefined;
}

const samplerLabels: Readonly<Record<(typeof samplerNames)[number], string>> = {
  ddim: 'DDIM',
  lms: 'LMS',
  euler: 'Euler',
  'euler-ancestral': 'Euler ancestral',
  dpmpp2m: 'DPM++ 2M',
  pndm: 'PNDM (PLMS)',
};

/** Everything of a picture but its words and its boxes. */
export function SamplingSettings({ draft, model }: SamplingSettingsProps) {
  const summary = `${draft.steps} steps, guidance ${draft.guidance}`;
  return (
    <div className="flex flex-col gap-3">
      <Disclosure title="Negative prompt" summary={draft.negative || 'none'}>
        <TextArea
          label="Negative prompt"
          hideLabel
          rows={2}
          value={draft.negative}
          onChange={(negative) => changeDraft({ negative })}
          placeholder="what the picture should not show"
        />
      </Disclosure>
      <Disclosure title="Sampling" summary={summary}>
        <div className="flex flex-col gap-4">
          <Sampler draft={draft} />
          <SizeFields size={draft.size} model={model} />
        </div>
      </Disclosure>
      <Disclosure title="Layout guidance" summary={draft.spatial ? 'on' : 'off'}>
        <LayoutGuidance draft={draft} />
      </Disclosure>
    </div>
  );
}

function Sampler({ draft }: { draft: CompositionDraft }) {
  return (
    <>
      <SelectField
        label="Sampler"
        value={draft.sampler}
        options={samplerNames.map((value) => ({ value, label: samplerLabels[value] }))}
        onChange={(sampler) => changeDraft({ sampler })}
      />
      <SliderField
        label="Steps"
        value={draft.steps}
        min={1}
        max={100}
        step={1}
        onChange={(steps) => changeDraft({ steps })}
      />
      <SliderField
        label="Guidance"
        hint="How closely the picture follows the prompt."
        value={draft.guidance}
        min={0}
        max={20}
        step={0.5}
        onChange={(guidance) => changeDraft({ guidance })}
      />
      <Switch
        label="Karras noise levels"
        checked={draft.karras}
        onChange={(karras) => changeDraft({ karras })}
      />
    </>
  );
}

function LayoutGuidance({ draft }: { draft: CompositionDraft }) {
  const { spatial, official } = draft;
  const guidedSteps = guidedStepsOf(draft);
  return (
    <div className="flex flex-col gap-4">
      <Switch
        label="Let the boxes guide the picture"
        hint="Off: the boxes only measure where the attention lies."
        checked={spatial}
        onChange={(next) => changeDraft({ spatial: next })}
      />
      <SelectField
        label="Loss"
        value={draft.layoutLoss}
        disabled={!spatial || official}
        options={[
          { value: 'layout', label: 'Layout', detail: 'The share of attention inside the boxes.' },
          { value: 'box', label: 'Box', detail: 'The strongest attention inside and outside.' },
        ]}
        onChange={(layoutLoss) => changeDraft({ layoutLoss })}
      />
      <SliderField
        label="Guided steps"
        hint="The first ones, in which the picture finds its composition."
        value={guidedSteps}
        min={0}
        max={Math.max(draft.steps, guidedSteps)}
        step={1}
        disabled={!spatial}
        onChange={(next) => changeDraft({ guidedSteps: next })}
      />
      <div className="grid grid-cols-2 gap-3">
        <NumberField
          label="Updates per step"
          value={draft.layoutUpdates}
          min={1}
          max={100}
          step={1}
          disabled={!spatial}
          onChange={(value) => value && changeDraft({ layoutUpdates: clampWhole(value, 1, 100) })}
        />
        <NumberField
          label="Threshold"
          value={draft.layoutThreshold}
          min={0}
          max={4}
          step={0.05}
          disabled={!spatial}
          onChange={(value) =>
            value !== undefined && changeDraft({ layoutThreshold: Math.min(Math.max(value, 0), 4) })
          }
        />
      </div>
      <Switch
        label="As the paper's released code does it"
        checked={official}
        disabled={!spatial}
        onChange={(next) => changeDraft({ official: next, ...(next && { layoutLoss: 'layout' }) })}
      />
    </div>
  );
}

function clampWhole(value: number, least: number, most: number): number {
  return Math.min(Math.max(Math.round(value), least), most);
}
