import type { ConceptVersion } from '../../src-shared/conceptRecord.ts';
import { classes } from '../ui/classes.ts';
import { formatWhen } from '../ui/format.ts';
import { DriftBar } from '../ui/Gauge.tsx';
import { Picture } from '../ui/Picture.tsx';
import { methodWords, variantWords } from './methodWords.ts';
import { parentNumber } from './versionLineage.ts';

interface VersionListProps {
  versions: readonly ConceptVersion[];
  chosen: string;
  onChoose: (id: string) => void;
}

/** The versions of a concept, the newest first, and what each was made from. */
export function VersionList({ versions, chosen, onChoose }: VersionListProps) {
  return (
    <section aria-label="Versions">
      <ol className="m-0 flex list-none gap-3 overflow-x-auto p-1">
        {versions.map((version) => (
          <li key={version.id}>
            <button
              type="button"
              aria-pressed={version.id === chosen}
              onClick={() => onChoose(version.id)}
              className={classes(
                'flex w-76 items-center gap-3 rounded-lg border bg-surface p-2 text-left transition-shadow hover:shadow-raised',
                version.id === chosen ? 'border-accent ring-1 ring-accent' : 'border-line',
              )}
            >
              <Picture
                {...(version.cover && { blob: version.cover })}
                alt=""
                className="size-16 shrink-0 rounded-md"
              />
              <VersionLines version={version} parent={parentNumber(version, versions)} />
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function VersionLines({
  version,
  parent,
}: {
  version: ConceptVersion;
  parent: number | undefined;
}) {
  const { number, variant, method, steps, createdAt, drift } = version;
  return (
    <span className="flex min-w-0 grow flex-col gap-0.5">
      <span className="flex items-baseline justify-between gap-2">
        <span className="shrink-0 font-medium">
          Version {number}
          <span className={variant === 'plain' ? 'text-second' : 'text-accent'}>
            {' '}
            {variantWords[variant].name.toLowerCase()}
          </span>
        </span>
        <span className="min-w-0 truncate text-xs text-muted">{formatWhen(createdAt)}</span>
      </span>
      <span className="truncate text-xs text-muted">
        {steps !== undefined && `${steps} steps, `}
        {methodWords[method].short}
      </span>
      <span className="flex items-center justify-between gap-2 text-xs text-muted">
        {drift && <DriftBar drift={drift} />}
        {parent !== undefined && (
          <span title={`Made from version ${parent}`}>from version {parent}</span>
        )}
      </span>
    </span>
  );
}
