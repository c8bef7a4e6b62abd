import { Play } from 'lucide-react';
import { useDeferredValue } from 'react';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatBytes, formatEstimate } from '../ui/format.ts';
import { Panel } from '../ui/Panel.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { type ConceptDraft, readyPhotos, settingsOf, trainsBothWays } from './conceptDraft.ts';
import type { ChangeDraft } from './draftStore.ts';

interface StartPanelProps {
  draft: ConceptDraft;
  change: ChangeDraft;
  models: readonly ModelRecord[];
  modelId: string | undefined;
  builtIn: boolean;
  /** How many things must be put right first; shown once the user has tried. */
  problemCount: number;
  failure: Error | null;
  starting: boolean;
  onStart: () => void;
}

/** On which model, how long it will take, and off. */
export function StartPanel(props: StartPanelProps) {
  const { draft, change, models, modelId, problemCount, failure, starting, onStart } = props;
  return (
    <Panel className="flex flex-col gap-5">
      <SelectField
        label="Model"
        value={modelId}
        options={models.map(({ id, name, problem, family }) => ({
          value: id,
          label: name,
          disabled: problem !== undefined || family === undefined,
          ...(problem && { detail: problem }),
        }))}
        onChange={(next) => change({ modelId: next })}
      />
      <Estimate {...props} />
      <div className="flex flex-col gap-3">
        {failure && <ErrorNote title="The training did not start" cause={failure} />}
        <Button
          look="primary"
          size="large"
          busy={starting}
          icon={<Play size={18} aria-hidden="true" />}
          onClick={onStart}
        >
          Start training
        </Button>
        <p role="status" className="text-xs text-danger empty:-mt-3">
          {problemCount > 0 &&
            (problemCount === 1
              ? 'One field needs a look.'
              : `${problemCount} fields need a look.`)}
        </p>
        <p className="text-xs text-muted">
          It can be paused, stopped at any step, and goes on after a restart.
          {trainsBothWays(draft) && ' A plain twin is trained first, to compare with.'}
        </p>
      </div>
    </Panel>
  );
}

/** Measured on this machine; the form never waits for it. */
function Estimate({ draft, modelId, builtIn }: StartPanelProps) {
  const photos = readyPhotos(draft).length;
  const settings = useDeferredValue(settingsOf(draft, builtIn));
  const enabled = modelId !== undefined && photos > 0;
  const { data, error } = useStudioQuery(
    'estimateTraining',
    { modelId: modelId ?? '', settings, photos: Math.min(50, Math.max(1, photos)) },
    { enabled },
  );
  const trainings = trainsBothWays(draft) ? 2 : 1;
  const time = data && formatEstimate(data.seconds * trainings);
  return (
    <dl className="grid content-start gap-x-4 gap-y-1.5 text-sm">
      <Row name="Photos">{photos}</Row>
      <Row name="Steps">
        {settings.steps ?? 'as the method has it'}
        {trainings === 2 && ', twice'}
      </Row>
      <Row name="Time">
        {enabled && error && `not known: ${error.message}`}
        {enabled && !data && !error && <Spinner size={14} label="measuring on this device" />}
        {time ?? (!enabled && '-')}
      </Row>
      <Row name="Memory">{data ? formatBytes(data.memory) : '-'}</Row>
    </dl>
  );
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-muted">{name}</dt>
      <dd className="m-0 text-right">{children}</dd>
    </div>
  );
}
