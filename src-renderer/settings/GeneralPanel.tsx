import { useCallback } from 'react';
import type { StudioSettings } from '../../src-shared/settings.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Panel } from '../ui/Panel.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { Switch } from '../ui/Switch.tsx';
import { SettledNumber } from './SettledNumber.tsx';
import { useChangeSettings } from './useChangeSettings.ts';
import { useNotices } from './useNotices.ts';

const themes = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

/** How the window looks, and what new work begins with. */
export function GeneralPanel({ settings }: { settings: StudioSettings }) {
  const change = useChangeSettings();
  const { data } = useStudioQuery('listModels', {});
  const models = data?.models ?? [];
  const standard = settings.modelId ?? models.find(({ builtIn }) => builtIn)?.id;
  return (
    <Panel title="General">
      <div className="flex flex-col gap-5">
        <Segmented
          label="Theme"
          value={settings.theme}
          options={themes}
          onChange={(theme) => change({ theme })}
        />
        <SelectField
          label="Model for new work"
          className="max-w-xs"
          hint="New concepts and compositions begin with it."
          value={standard}
          options={models.map(({ id, name, problem }) => ({
            value: id,
            label: name,
            disabled: problem !== undefined,
          }))}
          onChange={(modelId) => change({ modelId })}
        />
        <PreviewInterval settings={settings} />
        <TellEnds />
      </div>
    </Panel>
  );
}

function TellEnds() {
  const { on, possible, turn } = useNotices();
  return (
    <Switch
      label="Tell me when a training ends"
      hint={
        possible
          ? 'By a notice of the system, while Tessera is not at the front.'
          : 'This browser shows no notices of Tessera: allow them in what it calls site settings, then reload.'
      }
      checked={on}
      disabled={!possible}
      onChange={turn}
    />
  );
}

function PreviewInterval({ settings }: { settings: StudioSettings }) {
  const change = useChangeSettings();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it does the same, however often it is made
  const settle = useCallback((previewEvery: number) => change({ previewEvery }), []);
  return (
    <SettledNumber
      label="Previews of a training"
      hint="Steps between two previews; 0 for none."
      unit="steps"
      value={settings.previewEvery}
      max={100_000}
      onSettle={settle}
    />
  );
}
