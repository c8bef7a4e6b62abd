import type { ConceptDetail, ConceptVersion } from '../../src-shared/conceptRecord.ts';
import { Disclosure } from '../ui/Disclosure.tsx';
import { formatBytes, formatDuration, formatNumber } from '../ui/format.ts';
import { Panel } from '../ui/Panel.tsx';
import { CroppedPhoto, PhotoBadges } from './PhotosPanel.tsx';
import { PreviewStrip } from './PreviewStrip.tsx';
import { previewPrompts } from './previewPrompts.ts';
import { settingsInWords } from './settingsWords.ts';
import { TrainingCharts } from './TrainingCharts.tsx';
import { pairOf } from './versionLineage.ts';
import { WayOnMap } from './WayOnMap.tsx';

interface VersionPanelsProps {
  concept: ConceptDetail;
  version: ConceptVersion;
}

/** How a version was made and what it drew on its way, beside its twin where there is one. */
export function VersionPanels({ concept, version }: VersionPanelsProps) {
  const { token, classWord, versionList } = concept;
  const pair = pairOf(version, versionList);
  const runs = pair.filter(({ previews }) => previews.length > 0);
  const curves = pair.flatMap(({ variant, history }) => (history ? [{ variant, history }] : []));
  return (
    <>
      {runs.length > 0 && (
        <Panel title="Previews">
          <PreviewStrip
            // another version begins at its own last step
            key={version.id}
            {...{ runs, following: false }}
            prompts={previewPrompts(token, classWord, version.previewObject)}
          />
        </Panel>
      )}
      {curves.length > 0 && (
        <Panel title="Progress of learning">
          <TrainingCharts curves={curves} height={130} />
        </Panel>
      )}
      <WayOnMap {...{ concept, versions: pair }} />
      {version.photos.length > 0 && (
        <Panel title={`Photos (${version.photos.length})`}>
          <ul className="m-0 grid list-none grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))] gap-3 p-0">
            {version.photos.map((photo) => (
              <li
                key={photo.blob}
                title={[photo.name, photo.captionSuffix].filter(Boolean).join(', ')}
                className="relative aspect-square overflow-hidden rounded-md bg-sunken"
              >
                <CroppedPhoto photo={photo} alt={photo.name} />
                <PhotoBadges photo={photo} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel>
        <Disclosure title="How it was made" summary={summaryOf(version)}>
          <Facts version={version} />
        </Disclosure>
      </Panel>
    </>
  );
}

function summaryOf({ variant, modelName, steps, seconds }: ConceptVersion): string {
  const time = seconds === undefined ? '' : ` in ${formatDuration(seconds)}`;
  const length = steps === undefined ? '' : `${steps} steps${time}`;
  return variant === 'foreign'
    ? [`Imported for ${modelName}`, length].filter(Boolean).join(', ')
    : `${length} on ${modelName}`;
}

function Facts({ version }: { version: ConceptVersion }) {
  const { modelName, family, engineVersion, bytes, vectors, loss, settings } = version;
  const facts: [string, string][] = [
    ['Model', `${modelName} (${family === 'sd1' ? 'SD 1' : 'SD 2'})`],
    ['Vectors', String(vectors)],
    ...(loss === undefined ? [] : [['Last loss', formatNumber(loss)] as [string, string]]),
    ['File', formatBytes(bytes)],
    ['Made by', engineVersion === 'unknown' ? 'unknown' : `Tessera ${engineVersion}`],
    ...(settings ? settingsInWords(settings) : []),
  ];
  return (
    <dl className="m-0 grid grid-cols-2 gap-x-8 gap-y-1.5 text-sm max-sm:grid-cols-1 lg:grid-cols-3">
      {facts.map(([name, value]) => (
        <div key={name} className="flex justify-between gap-3 border-b border-line pb-1">
          <dt className="text-muted">{name}</dt>
          <dd className="m-0 text-right">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
