import { RadioGroup } from 'radix-ui';
import { useCallback } from 'react';
import { type DeviceName, deviceNames } from '../../src-shared/api.ts';
import type { DeviceStatus } from '../../src-shared/modelRecord.ts';
import type { StudioSettings } from '../../src-shared/settings.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Panel } from '../ui/Panel.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { DeviceTest } from './DeviceTest.tsx';
import { deviceStanding, deviceTitle } from './deviceWords.ts';
import { SettledNumber } from './SettledNumber.tsx';
import { useChangeSettings } from './useChangeSettings.ts';

const precisions = [
  { value: 'auto', label: 'Automatic' },
  { value: 'float32', label: 'Full (float32)' },
  { value: 'float16', label: 'Half (float16)' },
] as const;

/** Where the studio computes, and how well. */
export function DevicesPanel({ settings }: { settings: StudioSettings }) {
  const { data, error, refetch, isFetching } = useStudioQuery('listDevices', {});
  const change = useChangeSettings();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it does the same, however often it is made
  const settle = useCallback((threads: number) => change({ threads }), []);
  return (
    <Panel title="Computing">
      <div className="flex flex-col gap-5">
        {error && (
          <ErrorNote
            title="The devices could not be tried out"
            cause={error}
            nextStep="The processor always works."
            actions={
              <Button busy={isFetching} onClick={() => void refetch()}>
                Try again
              </Button>
            }
          />
        )}
        {!data && !error && <Spinner label="Trying out the devices of this machine" />}
        {data && <DeviceList devices={data.devices} settings={settings} />}
        <SelectField
          label="Precision"
          className="max-w-xs"
          hint="Automatic makes pictures in half precision where a device is faster so, and trains in full. Half is for trainings as well: less memory, rounded gradients. The processor gains nothing by it."
          value={settings.precision}
          options={precisions}
          onChange={(precision) => change({ precision })}
        />
        <SettledNumber
          label="Threads"
          hint="Of the processor; 0 for as many as the machine has."
          value={settings.threads}
          max={1024}
          onSettle={settle}
        />
      </div>
    </Panel>
  );
}

interface DeviceListProps {
  devices: readonly DeviceStatus[];
  settings: StudioSettings;
}

function DeviceList({ devices, settings }: DeviceListProps) {
  const change = useChangeSettings();
  return (
    <RadioGroup.Root
      aria-label="Device"
      value={settings.device}
      onValueChange={(next) => {
        const device = deviceNames.find((name) => name === next);
        if (device) change({ device });
      }}
      className="flex flex-col divide-y divide-line rounded-md border border-line"
    >
      <DeviceRow name="auto" standing="The fastest that works." works />
      {devices.map((device) => {
        const name = deviceNames.find((known) => known === device.name);
        return (
          name && (
            <DeviceRow
              key={name}
              {...{ name, device }}
              works={device.works}
              standing={deviceStanding(device)}
            />
          )
        );
      })}
    </RadioGroup.Root>
  );
}

interface DeviceRowProps {
  name: DeviceName;
  works: boolean;
  standing: string;
  /** Absent for the automatic choice. */
  device?: DeviceStatus;
}

function DeviceRow({ name, works, standing, device }: DeviceRowProps) {
  const id = `device-${name}`;
  return (
    <div className="flex items-start gap-3 p-4">
      <RadioGroup.Item
        id={id}
        value={name}
        disabled={!works}
        aria-describedby={`${id}-standing`}
        className="mt-0.5 flex size-4.5 shrink-0 items-center justify-center rounded-full border border-edge bg-surface disabled:opacity-50 data-[state=checked]:border-accent"
      >
        <RadioGroup.Indicator className="size-2.5 rounded-full bg-accent" />
      </RadioGroup.Item>
      <div className="min-w-0 grow">
        <label htmlFor={id} className={works ? 'font-medium' : 'font-medium text-muted'}>
          {deviceTitle(name)}
        </label>
        <p id={`${id}-standing`} className="text-sm break-words text-muted">
          {standing}
        </p>
        {device?.works && <DeviceTest device={device} name={name} />}
      </div>
    </div>
  );
}
