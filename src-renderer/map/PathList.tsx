import { describePath } from './conceptPath.ts';
import type { MapScene, NamedPath } from './mapScene.ts';

interface PathListProps {
  scene: MapScene;
  onSeek: (word: string) => void;
}

/** What became of each version, and the words that it ended among. */
export function PathList({ scene, onSeek }: PathListProps) {
  return scene.paths.map((path) => (
    <section key={path.versionId} className="border-t border-line py-4 first:border-t-0 first:pt-0">
      <h3 className="flex items-center gap-2 font-medium">
        <Swatch variant={path.variant} />
        {path.title} <span className="font-normal text-muted">{path.variant}</span>
      </h3>
      <p className="mt-1 text-sm text-muted">{describePath(path.points, scene.core)}</p>
      <NearestWords {...{ path, scene, onSeek }} />
    </section>
  ));
}

export function Swatch({ variant }: { variant: string }) {
  const colour = variant === 'plain' ? 'bg-second' : 'bg-accent';
  return <span aria-hidden="true" className={`size-3 shrink-0 rounded-full ${colour}`} />;
}

function NearestWords({ path, scene, onSeek }: PathListProps & { path: NamedPath }) {
  if (path.nearest.length === 0) return null;
  return (
    <>
      <h4 className="mt-3 mb-1 flex justify-between text-xs font-medium text-muted">
        <span>Nearest words</span>
        <span>Cosine</span>
      </h4>
      <ul>
        {path.nearest.map(({ word, cosine }) => (
          <li key={word}>
            <NearestWord
              {...{ word, cosine }}
              variant={path.variant}
              onSeek={scene.byWord.has(word) ? () => onSeek(word) : undefined}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

interface NearestWordProps {
  word: string;
  cosine: number;
  variant: string;
  /** Absent for words that are not on the map. */
  onSeek?: () => void;
}

function NearestWord({ word, cosine, variant, onSeek }: NearestWordProps) {
  return (
    <button
      type="button"
      disabled={!onSeek}
      onClick={onSeek}
      aria-label={`${word}, cosine ${cosine.toFixed(2)}${onSeek ? '; show it on the map' : ''}`}
      className="-mx-1.5 flex min-h-7 w-[calc(100%+0.75rem)] items-center gap-3 rounded-sm px-1.5 py-1 text-left text-sm hover:bg-sunken disabled:hover:bg-transparent"
    >
      <span className="w-24 truncate">{word}</span>
      <span className="h-1.5 grow overflow-hidden rounded-full bg-line" aria-hidden="true">
        <span
          className={`block h-full rounded-full ${variant === 'plain' ? 'bg-second' : 'bg-accent'}`}
          style={{ width: `${Math.max(0, Math.min(1, cosine)) * 100}%` }}
        />
      </span>
      <span className="w-9 text-right text-muted">{cosine.toFixed(2)}</span>
    </button>
  );
}
