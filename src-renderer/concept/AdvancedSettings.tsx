import type { AnchorChoice } from '../../src-shared/api.ts';
import { Button } from '../ui/Button.tsx';
import { NumberField } from '../ui/NumberField.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { Switch } from '../ui/Switch.tsx';
import { TextField } from '../ui/TextField.tsx';
import { AnchorsPanel } from './AnchorsPanel.tsx';
import type { ConceptDraft, DraftProblems } from './conceptDraft.ts';
import type { ChangeDraft } from './draftStore.ts';
import { methodWords } from './methodWords.ts';
import { engineDefaults, presetSettings, type SettingsInput } from './presets.ts';
import { scheduleSettings, schedules } from './schedules.ts';

interface AdvancedSettingsProps {
  draft: ConceptDraft;
  change: ChangeDraft;
  problems: DraftProblems;
  modelId: string | undefined;
  builtIn: boolean;
  previewEvery: number;
}

/** Everything a training can be told, by the names of the field. Empty boxes show in grey what is taken then. */
export function AdvancedSettings(props: AdvancedSettingsProps) {
  const { draft, change, modelId } = props;
  const { own, classWord } = draft;
  const set = (part: SettingsInput) => change((old) => ({ ...old, own: { ...old.own, ...part } }));
  return (
    <div className="flex flex-col gap-6">
      <AnchorsPanel
        {...{ classWord, modelId, anchors: own.anchors }}
        onChange={(anchors: AnchorChoice | undefined) => set({ anchors })}
      />
      <Group title="Optimisation">
        <Optimisation {...props} set={set} />
      </Group>
      <Group title="Regularisation">
        <Regularisation {...props} set={set} />
      </Group>
      <Group title="Pictures and previews">
        <Pictures {...props} set={set} />
      </Group>
      <div>
        <Button onClick={() => change({ own: { method: own.method } })}>Back to the preset</Button>
      </div>
    </div>
  );
}

function Group({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <fieldset className="m-0 border-0 p-0">
      <legend className="mb-3 text-sm font-semibold">{title}</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-4 max-sm:grid-cols-1 lg:grid-cols-3">
        {children}
      </div>
    </fieldset>
  );
}

type PartProps = AdvancedSettingsProps & { set: (part: SettingsInput) => void };

/** Fields of the settings that are numbers. */
type NumberName = {
  [Name in keyof SettingsInput]-?: number extends SettingsInput[Name] ? Name : never;
}[keyof SettingsInput];

interface OwnNumberProps extends PartProps {
  name: NumberName;
  label: string;
  hint?: string;
  placeholder?: number | string;
  step?: number | 'any';
}

function OwnNumber({ draft, set, problems, name, label, hint, placeholder, step }: OwnNumberProps) {
  return (
    <NumberField
      {...{ label, hint }}
      step={step ?? 1}
      min={0}
      placeholder={placeholder === undefined ? '' : String(placeholder)}
      value={draft.own[name] as number | undefined}
      error={problems[`settings.${name}`]}
      onChange={(value) => set({ [name]: value })}
    />
  );
}

function Optimisation(props: PartProps) {
  const { draft, builtIn, set } = props;
  const { method = 'textual-inversion', official } = draft.own;
  const preset = presetSettings(method, draft.preset, builtIn);
  const defaults = engineDefaults[method];
  const lora = method === 'lora-dreambooth';
  return (
    <>
      <SelectField
        label="Method"
        value={method}
        options={Object.entries(methodWords).map(([value, { name }]) => ({
          value: value as typeof method,
          label: name,
        }))}
        onChange={(next) => set({ method: next })}
      />
      <OwnNumber
        {...props}
        name="vectors"
        label="Vectors"
        placeholder={preset.vectors ?? defaults.vectors}
      />
      <OwnNumber {...props} name="steps" label="Steps" placeholder={preset.steps} />
      <OwnNumber
        {...props}
        name="learningRate"
        label="Learning rate"
        step="any"
        placeholder={preset.learningRate ?? defaults.rate}
      />
      <Schedule {...props} />
      <OwnNumber
        {...props}
        name="batch"
        label="Batch"
        placeholder={preset.batch ?? defaults.batch}
      />
      <OwnNumber
        {...props}
        name="accumulate"
        label="Gradient accumulation"
        placeholder={defaults.accumulate}
      />
      <Initializer {...props} />
      {lora && <OwnNumber {...props} name="rank" label="LoRA rank" placeholder={4} />}
      {lora && (
        <OwnNumber
          {...props}
          name="alpha"
          label="LoRA alpha"
          step="any"
          placeholder={draft.own.rank ?? 4}
        />
      )}
      <OwnNumber {...props} name="seed" label="Seed" placeholder={0} />
      <Switch
        className="self-center"
        label="As the published scripts"
        hint="Their settings, where nothing else is said."
        checked={official ?? false}
        onChange={(next) => set({ official: next })}
      />
    </>
  );
}

/** How the learning rate goes, with the numbers that the chosen way takes. */
function Schedule(props: PartProps) {
  const { draft, set } = props;
  const { schedule = 'constant' } = draft.own;
  return (
    <>
      <SelectField
        label="Schedule"
        value={schedule}
        options={schedules}
        onChange={(next) => set(scheduleSettings(next))}
      />
      {schedule !== 'constant' && (
        <OwnNumber {...props} name="warmupSteps" label="Warm-up steps" placeholder={0} />
      )}
      {schedule === 'cosine_with_restarts' && (
        <OwnNumber
          {...props}
          name="scheduleCycles"
          label="Cycles"
          hint="Falls of the rate; one is Cosine."
          placeholder={1}
        />
      )}
      {schedule === 'polynomial' && (
        <OwnNumber
          {...props}
          name="schedulePower"
          label="Power"
          hint="Higher falls earlier; 1 is Linear."
          step="any"
          placeholder={1}
        />
      )}
    </>
  );
}

function Initializer({ draft, set }: PartProps) {
  const initializer = draft.own.initializer ?? { kind: 'class-word' };
  const words = initializer.kind === 'words' ? initializer.words.join(', ') : '';
  return (
    <div className="flex flex-col gap-2">
      <SelectField
        label="Initialiser"
        value={initializer.kind}
        options={[
          { value: 'class-word', label: 'Class word' },
          {
            value: 'cross',
            label: 'Cross initialisation',
            detail: 'The text encoder’s output for the class word',
          },
          { value: 'words', label: 'Other words' },
        ]}
        onChange={(kind) =>
          set({
            initializer:
              kind === 'words' ? { kind, words: [draft.classWord || 'thing'] } : { kind },
          })
        }
      />
      {initializer.kind === 'words' && (
        <TextField
          hideLabel
          label="Initialiser words"
          placeholder="fluffy, cat"
          value={words}
          onChange={(text) => {
            const list = text.split(',').map((word) => word.trimStart());
            set({ initializer: { kind: 'words', words: list } });
          }}
        />
      )}
    </div>
  );
}

function Regularisation(props: PartProps) {
  const { draft, builtIn, change, set } = props;
  const preset = presetSettings(draft.own.method ?? 'textual-inversion', draft.preset, builtIn);
  const masked = draft.photos.some(({ photo }) => photo?.mask);
  return (
    <>
      <OwnNumber
        {...props}
        name="anchorWeight"
        label="Anchor weight"
        hint="Share of the loss, below 1; by method where empty."
        placeholder={preset.anchorWeight}
        step="any"
      />
      <OwnNumber
        {...props}
        name="priorImages"
        label="Prior images"
        hint="Class pictures of prior preservation."
        placeholder={0}
      />
      <OwnNumber {...props} name="priorWeight" label="Prior weight" step="any" placeholder={1} />
      <OwnNumber
        {...props}
        name="classPreserving"
        label="Class-preserving weight"
        hint="ClassDiffusion; empty for none."
        step="any"
      />
      <OwnNumber
        {...props}
        name="maskedAttention"
        label="Masked attention weight"
        hint={masked ? 'Break-A-Scene has 0.01.' : 'Needs a painted mask.'}
        step="any"
      />
      <Switch
        label="Directional"
        hint="Trains the direction of the rows alone."
        checked={draft.own.directional ?? false}
        onChange={(directional) => set({ directional })}
      />
      <Switch
        label="Train a plain twin too"
        hint="From the same seed, to compare with."
        checked={draft.bothWays && draft.own.anchors?.kind !== 'none'}
        disabled={draft.own.anchors?.kind === 'none'}
        onChange={(bothWays) => change({ bothWays })}
      />
    </>
  );
}

function Pictures(props: PartProps) {
  const { draft, change, problems, previewEvery, set } = props;
  return (
    <>
      <NumberField
        label="Training size"
        hint="Empty for the model’s own."
        unit="px"
        step={8}
        value={draft.own.size?.width}
        error={problems['settings.size']}
        onChange={(side) => set({ size: sizeOf(side) })}
      />
      <OwnNumber {...props} name="checkpointEvery" label="Checkpoint every" placeholder={100} />
      <NumberField
        label="Preview every"
        hint="Steps; 0 for no previews."
        min={0}
        disabled={draft.previewMinutes !== undefined}
        value={draft.previewEvery}
        placeholder={String(previewEvery)}
        onChange={(value) => change({ previewEvery: value })}
      />
      <NumberField
        label="Or every"
        hint="Of training; steps do not count then."
        unit="min"
        step="any"
        min={0}
        value={draft.previewMinutes}
        error={problems.previewMinutes}
        onChange={(previewMinutes) => change({ previewMinutes })}
      />
      <TextField
        label="Beside it in previews"
        hint="What the composition preview shows."
        maxLength={60}
        value={draft.previewObject}
        error={problems.previewObject}
        onChange={(previewObject) => change({ previewObject })}
      />
      <Switch
        className="self-center"
        label="Flip photos at random"
        hint="Off for text and one-sided things."
        checked={draft.own.flip ?? true}
        onChange={(flip) => set({ flip })}
      />
    </>
  );
}

/** The contract's sizes carry a brand that only its parser gives; the settings are parsed before they are used. */
function sizeOf(side: number | undefined): SettingsInput['size'] {
  return side === undefined ? undefined : { width: side, height: side };
}
