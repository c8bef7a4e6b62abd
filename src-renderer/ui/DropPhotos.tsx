import { ImagePlus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { leaveFiles } from './droppedFiles.ts';
import { routes } from './routes.ts';

/** Photos that are dropped anywhere begin a concept, unless the screen under them takes them itself. */
export function DropPhotos() {
  const [location, navigate] = useLocation();
  const [over, setOver] = useState(false);
  const latest = useRef({ location, navigate });
  latest.current = { location, navigate };
  useEffect(() => {
    const stop = new AbortController();
    listen(stop.signal, setOver, (files) => {
      leaveFiles(files);
      latest.current.navigate(routes.newConcept);
    });
    return () => stop.abort();
  }, []);
  if (!over || location === routes.newConcept) return null;
  return (
    <div className="pointer-events-none fixed inset-0 z-50 bg-veil p-6">
      <div className="flex h-full flex-col items-center justify-center gap-3 rounded-lg border-2 border-dashed border-accent bg-surface/90 text-lg font-medium">
        <ImagePlus size={36} className="text-accent" aria-hidden="true" />
        Drop photos to begin a concept
      </div>
    </div>
  );
}

function listen(
  signal: AbortSignal,
  setOver: (over: boolean) => void,
  onPhotos: (files: File[]) => void,
): void {
  // pictures of the window itself that are dragged out are no photos that come in
  let ours = false;
  const options = { signal };
  window.addEventListener('dragstart', () => (ours = true), options);
  window.addEventListener('dragend', () => (ours = false), options);
  window.addEventListener(
    'dragover',
    (event) => {
      const wanted = !ours && !event.defaultPrevented && bringsPhotos(event.dataTransfer);
      setOver(wanted);
      if (wanted) event.preventDefault();
    },
    options,
  );
  window.addEventListener('dragleave', (event) => !event.relatedTarget && setOver(false), options);
  window.addEventListener(
    'drop',
    (event) => {
      setOver(false);
      if (ours || event.defaultPrevented) return;
      // whatever it is: a file must not replace the page
      event.preventDefault();
      if (!bringsPhotos(event.dataTransfer)) return;
      onPhotos(Array.from(event.dataTransfer?.files ?? []));
    },
    options,
  );
}

/** A system may not know the type of a HEIC photo; of a checkpoint it never does either, so names cannot help here. */
function bringsPhotos(transfer: DataTransfer | null): boolean {
  return Array.from(transfer?.items ?? []).some(
    ({ kind, type }) => kind === 'file' && type.startsWith('image/'),
  );
}
