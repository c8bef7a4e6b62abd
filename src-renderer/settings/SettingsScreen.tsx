import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Screen } from '../ui/Panel.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { AboutPanel } from './AboutPanel.tsx';
import { DevicesPanel } from './DevicesPanel.tsx';
import { DiagnosticsPanel } from './DiagnosticsPanel.tsx';
import { GeneralPanel } from './GeneralPanel.tsx';
import { StoragePanel } from './StoragePanel.tsx';

/** What holds for the whole studio. Every change holds at once. */
export function SettingsScreen() {
  const { data: settings, error, refetch } = useStudioQuery('getSettings', {});
  return (
    <Screen title="Settings" subtitle="Every change holds at once.">
      {error && (
        <ErrorNote
          className="mb-6"
          title="The settings could not be read"
          cause={error}
          actions={<Button onClick={() => void refetch()}>Try again</Button>}
        />
      )}
      {!settings && !error && <Spinner label="Reading the settings" />}
      {settings && (
        <div className="grid max-w-7xl items-start gap-6 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-6">
            <GeneralPanel settings={settings} />
            <DevicesPanel settings={settings} />
          </div>
          <div className="flex min-w-0 flex-col gap-6">
            <StoragePanel />
            <DiagnosticsPanel />
            <AboutPanel />
          </div>
        </div>
      )}
    </Screen>
  );
}
