import { useCallback, useEffect, useRef } from 'react';
import { call, StudioCallError, uploadBlob } from '../studioApi.ts';
import { formatBytes } from '../ui/format.ts';
import { type DraftPhoto, mostPhotos } from './conceptDraft.ts';

/** Files that are sent and read at a time. */
const lanes = 3;

export type ChangePhotos = (change: (photos: readonly DraftPhoto[]) => DraftPhoto[]) => void;

let nextKey = 0;

/**
 * Makes files photos of the draft. Each one says how far it is, and why where it cannot be used; none stops the others.
 *
 * @param limit bytes that may be sent; undefined while it is not known
 */
export function usePhotoImport(
  change: ChangePhotos,
  limit: number | undefined,
): (files: readonly File[]) => void {
  const stop = useRef<AbortController>(undefined);
  useEffect(() => {
    stop.current = new AbortController();
    return () => stop.current?.abort();
  }, []);
  return useCallback(
    (files) => {
      const signal = stop.current?.signal;
      const entries = files.map((file) => ({ file, key: `photo-${++nextKey}` }));
      change((photos) => [
        ...photos,
        ...entries.map(({ file, key }) => ({ key, name: file.name, share: 0 })),
      ]);
      const queue = [...entries];
      const work = async () => {
        for (let entry = queue.shift(); entry && !signal?.aborted; entry = queue.shift()) {
          await importOne(entry.file, entry.key, change, limit, signal);
        }
      };
      for (let lane = 0; lane < lanes; lane += 1) void work();
    },
    [change, limit],
  );
}

async function importOne(
  file: File,
  key: string,
  change: ChangePhotos,
  limit: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const update = (part: Partial<DraftPhoto>) =>
    change((photos) => photos.map((photo) => (photo.key === key ? { ...photo, ...part } : photo)));
  if (file.size === 0) return update({ reason: 'the file is empty' });
  if (limit !== undefined && file.size > limit) {
    const sizes = `${formatBytes(file.size)}, expected at most ${formatBytes(limit)}`;
    return update({ reason: `the file has ${sizes}` });
  }
  try {
    const onProgress = (share: number) => update({ share });
    const blob = await uploadBlob(file, { onProgress, ...(signal && { signal }) });
    const { photo, suggestedCrop } = await call('importPhoto', {
      blob,
      name: file.name.slice(-255) || 'photo',
    });
    change((photos) =>
      settle(photos, key, {
        share: 1,
        suggestedCrop,
        photo: { ...photo, crop: suggestedCrop, captionSuffix: '' },
      }),
    );
  } catch (error) {
    if (error instanceof StudioCallError && error.kind === 'cancelled') return;
    update({ reason: error instanceof Error ? error.message : String(error) });
  }
}

/** A photo that has arrived; refused where it is there already, or one too many. */
export function settle(
  photos: readonly DraftPhoto[],
  key: string,
  arrived: Partial<DraftPhoto>,
): DraftPhoto[] {
  const others = photos.filter((photo) => photo.key !== key);
  const twin = others.find(({ photo }) => photo && photo.blob === arrived.photo?.blob);
  const ready = others.filter(({ photo }) => photo).length;
  const refusal = twin
    ? `it is the same picture as ${twin.name}`
    : ready >= mostPhotos && `at most ${mostPhotos} photos can be trained on`;
  const part = refusal ? { reason: refusal } : arrived;
  return photos.map((photo) => (photo.key === key ? { ...photo, ...part } : photo));
}
