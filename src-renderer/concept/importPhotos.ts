import { call, StudioCallError, uploadBlob } from '../studioApi.ts';
import { fileRefusal } from '../ui/fileRefusal.ts';
import { type DraftPhoto, mostPhotos } from './conceptDraft.ts';
import { changePhotos, draftStore } from './draftStore.ts';

/** Files that are sent and read at a time. */
const lanes = 3;

let nextKey = 0;

/**
 * Makes files photos of the draft, whichever screen is shown meanwhile. Each one says how far it is, and why where it
 * cannot be used; none stops the others. One that is taken out of the draft is given up.
 *
 * @param limit bytes that may be sent; undefined while it is not known
 */
export function importPhotos(files: readonly File[], limit: number | undefined): void {
  const entries = files.map((file) => ({ file, key: newKey() }));
  changePhotos((photos) => [
    ...photos,
    ...entries.map(({ file, key }) => ({ key, name: file.name, share: 0 })),
  ]);
  const queue = [...entries];
  const work = async () => {
    for (let entry = queue.shift(); entry; entry = queue.shift()) {
      if (isWanted(entry.key)) await importOne(entry.file, entry.key, limit);
    }
  };
  for (let lane = 0; lane < lanes; lane += 1) void work();
}

/** Unlike those that the window remembers from before it was loaded anew. */
function newKey(): string {
  nextKey += 1;
  return `photo-${Date.now()}-${nextKey}`;
}

async function importOne(file: File, key: string, limit: number | undefined): Promise<void> {
  const update = (part: Partial<DraftPhoto>) =>
    changePhotos((photos) =>
      photos.map((photo) => (photo.key === key ? { ...photo, ...part } : photo)),
    );
  const refusal = fileRefusal(file, limit);
  if (refusal) return update({ reason: refusal });
  const stop = new AbortController();
  const unsubscribe = draftStore.subscribe(() => !isWanted(key) && stop.abort());
  const options = { signal: stop.signal };
  try {
    const blob = await uploadBlob(file, { ...options, onProgress: (share) => update({ share }) });
    const name = file.name.slice(-255) || 'photo';
    const { photo, suggestedCrop } = await call('importPhoto', { blob, name }, options);
    const ready = { ...photo, crop: suggestedCrop, captionSuffix: '' };
    changePhotos((photos) => settle(photos, key, { share: 1, suggestedCrop, photo: ready }));
  } catch (error) {
    if (error instanceof StudioCallError && error.kind === 'cancelled') return;
    update({ reason: error instanceof Error ? error.message : String(error) });
  } finally {
    unsubscribe();
  }
}

function isWanted(key: string): boolean {
  return draftStore.get().draft.photos.some((photo) => photo.key === key);
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
