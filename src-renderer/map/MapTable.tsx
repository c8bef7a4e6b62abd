import type { ReactNode } from 'react';
import { markedPoints } from './conceptPath.ts';
import type { MapScene, NamedPath } from './mapScene.ts';
import { reach } from './mapView.ts';
import { Swatch } from './PathList.tsx';

/** Rows of a path at most. */
const rows = 40;

/** The map in numbers, for those who cannot see it or want to know exactly. */
export function MapTable({ scene }: { scene: MapScene }) {
  if (scene.paths.length === 0)
    return (
      <p className="text-muted">Choose a concept, and its way through the training is here.</p>
    );
  return (
    <div className="flex flex-wrap gap-x-10 gap-y-8">
      {scene.paths.map((path) => (
        <PathTable key={path.versionId} {...{ path, scene }} />
      ))}
    </div>
  );
}

function PathTable({ path, scene }: { path: NamedPath; scene: MapScene }) {
  return (
    <table className="w-72 text-sm">
      <caption className="pb-2 text-left font-medium">
        <span className="flex items-center gap-2">
          <Swatch variant={path.variant} />
          {path.title} {path.variant}
        </span>
      </caption>
      <thead>
        <tr className="border-b border-line text-muted">
          <Head>Step</Head>
          <Head>
            Distance <span className="font-normal">(1 = edge of the core)</span>
          </Head>
        </tr>
      </thead>
      <tbody>
        {thinned(path).map((point) => (
          <tr key={point.step} className="border-b border-line/60">
            <td className="py-1 text-right">{point.step}</td>
            <td className="py-1 text-right">{reach(scene.core, point).toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Head({ children }: { children: ReactNode }) {
  return (
    <th scope="col" className="py-1.5 text-right font-medium first:w-16">
      {children}
    </th>
  );
}

/** Steps at even distances, the last one among them. */
function thinned({ points }: NamedPath): NamedPath['points'] {
  const stride = Math.max(1, Math.ceil(points.length / rows));
  const inLine = points.map((point, x) => ({ x, y: 0, point }));
  return markedPoints(inLine, stride).map(({ point }) => point);
}
