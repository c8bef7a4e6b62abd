import { RadioGroup } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import type { TrainingMethod } from '../../src-shared/concept.ts';
import { classes } from '../ui/classes.ts';
import { Panel } from '../ui/Panel.tsx';
import type { ConceptDraft } from './conceptDraft.ts';
import type { ChangeDraft } from './draftStore.ts';
import { methodWords, offeredMethods } from './methodWords.ts';
import { type Preset, presetSettings, presets, presetWords } from './presets.ts';

interface MethodPanelProps {
  draft: ConceptDraft;
  change: ChangeDraft;
  builtIn: boolean;
}

/** What is trained, and how long. */
export function MethodPanel({ draft, change, builtIn }: MethodPanelProps) {
  const { own, preset } = draft;
  const method: TrainingMethod = own.method ?? 'textual-inversion';
  const methods = method === 'dreambooth' ? [...offeredMethods, method] : offeredMethods;
  const stepsOf = (value: Preset) => presetSettings(method, value, builtIn).steps;
  // steps of one's own are nobody's preset, unless they are the same
  const chosen =
    own.steps === undefined ? preset : presets.find((one) => stepsOf(one) === own.steps);
  return (
    <Panel title="Method">
      <div className="flex flex-col gap-5">
        <Choices
          label="What is trained"
          value={method}
          onChange={(next) => change({ own: { ...own, method: next } })}
          options={methods.map((value) => ({
            value,
            name: methodWords[value].name,
            sentence: methodWords[value].sentence,
          }))}
        />
        <Choices
          label={chosen ? 'How long' : `How long: ${own.steps} steps, as set under Advanced`}
          value={chosen}
          onChange={(next) => change({ preset: next, own: { ...own, steps: undefined } })}
          options={presets.map((value) => ({
            value,
            name: presetWords[value].name,
            sentence: presetWords[value].sentence,
            aside: `${stepsOf(value)} steps`,
          }))}
        />
      </div>
    </Panel>
  );
}

interface ChoicesProps<Value extends string> {
  label: string;
  /** Undefined for none of them. */
  value: Value | undefined;
  onChange: (value: Value) => void;
  options: readonly { value: Value; name: string; sentence: string; aside?: ReactNode }[];
}

/** A few things to choose from, each with a sentence. */
function Choices<Value extends string>({ label, value, onChange, options }: ChoicesProps<Value>) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <span id={id} className="text-sm font-medium">
        {label}
      </span>
      <RadioGroup.Root
        aria-labelledby={id}
        value={value ?? ''}
        onValueChange={(next) => onChange(next as Value)}
        className="grid grid-cols-3 gap-3 max-sm:grid-cols-1"
      >
        {options.map((option) => (
          <RadioGroup.Item
            key={option.value}
            value={option.value}
            className={classes(
              'flex flex-col items-start gap-1 rounded-md border p-3 text-left transition-colors',
              'border-edge hover:border-muted',
              'data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft data-[state=checked]:ring-1 data-[state=checked]:ring-accent',
            )}
          >
            <span className="flex w-full items-baseline justify-between gap-2">
              <span className="font-medium">{option.name}</span>
              {option.aside && <span className="text-xs text-muted">{option.aside}</span>}
            </span>
            <span className="text-sm text-muted">{option.sentence}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </div>
  );
}
