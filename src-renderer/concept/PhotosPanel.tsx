import { Crop, ImagePlus, Paintbrush, Trash2 } from 'lucide-react';
import { type DragEvent, useCallback, useEffect, useRef, useState } from 'react';
import type { TrainingPhoto } from '../../src-shared/photo.ts';
import { blobUrl } from '../studioApi.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { takeFiles } from '../ui/droppedFiles.ts';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatCount } from '../ui/format.ts';
import { Panel } from '../ui/Panel.tsx';
import { Progress } from '../ui/Progress.tsx';
import { appearing } from '../ui/SelectBox.tsx';
import { useToast } from '../ui/Toast.tsx';
import { type DraftPhoto, mostPhotos } from './conceptDraft.ts';
import { changePhotos, draftStore } from './draftStore.ts';
import { importPhotos } from './importPhotos.ts';
import { PhotoEditor } from './PhotoEditor.tsx';

/** What the file dialog offers; whatever else is dropped is tried all the same. */
const accept =
  'image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif,image/gif,image/tiff';

interface PhotosPanelProps {
  photos: readonly DraftPhoto[];
  problem: string | undefined;
  /** Called with the files that come in, for a first guess at a name. */
  onFiles: (files: readonly File[]) => void;
}

/** The photos of a concept: dropped, pasted or chosen; each one cropped and masked. */
export function PhotosPanel({ photos, problem, onFiles }: PhotosPanelProps) {
  const limit = useStudioQuery('about', {}).data?.maximumUpload;
  const [openKey, setOpenKey] = useState<string>();
  const add = useCallback(
    (files: readonly File[]) => {
      if (files.length === 0) return;
      onFiles(files);
      importPhotos(files, limit);
    },
    [limit, onFiles],
  );
  useEffect(() => add(takeFiles()), [add]);
  usePastedFiles(add);
  const shown = photos.filter(({ reason }) => !reason);
  const refused = photos.filter(({ reason }) => reason);
  const remove = useRemoval();
  return (
    <Panel
      title="Photos"
      actions={
        <span className="text-sm text-muted">
          {shown.length > 0 && `${formatCount(shown.length, 'photo')} of at most ${mostPhotos}`}
        </span>
      }
    >
      <div className="flex flex-col gap-4">
        <DropZone empty={shown.length === 0} onFiles={add}>
          {shown.map((entry) => (
            <PhotoTile
              key={entry.key}
              entry={entry}
              onOpen={() => setOpenKey(entry.key)}
              onRemove={() => remove(entry.key)}
            />
          ))}
        </DropZone>
        {problem && <p className="text-sm text-danger">{problem}</p>}
        {refused.length > 0 && (
          <Refused
            photos={refused}
            onDismiss={() => changePhotos((all) => all.filter(({ reason }) => !reason))}
          />
        )}
      </div>
      <PhotoEditor
        {...{ photos, openKey, onOpen: setOpenKey }}
        onChange={(key, photo) =>
          changePhotos((all) =>
            all.map((entry) => (entry.key === key ? { ...entry, photo } : entry)),
          )
        }
      />
    </Panel>
  );
}

/** Takes a photo out, with a way back: it may have been cropped and masked by hand. */
function useRemoval(): (key: string) => void {
  const toast = useToast();
  return (key) => {
    const { draft, begun } = draftStore.get();
    const { photos } = draft;
    const index = photos.findIndex((photo) => photo.key === key);
    const removed = photos[index];
    if (!removed) return;
    changePhotos((all) => all.filter((photo) => photo.key !== key));
    // what was still on its way is of no use any more
    if (!removed.photo) return;
    const undo = () => {
      const isSameForm = draftStore.get().begun === begun;
      if (isSameForm) changePhotos((all) => all.toSpliced(index, 0, removed));
    };
    toast({ title: `${removed.name} was taken out`, action: { label: 'Undo', run: undo } });
  };
}

interface DropZoneProps {
  empty: boolean;
  onFiles: (files: readonly File[]) => void;
  children: React.ReactNode;
}

function DropZone({ empty, onFiles, children }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    setOver(false);
    const files = Array.from(event.dataTransfer.files);
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  };
  return (
    <section
      aria-label="Photos"
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={classes(
        'rounded-md border-2 border-dashed p-3 transition-colors',
        over ? 'border-accent bg-accent-soft' : 'border-edge',
      )}
    >
      {empty ? (
        <div className="flex flex-col items-center gap-3 py-10 text-center">
          <ImagePlus size={32} strokeWidth={1.5} className="text-accent" aria-hidden="true" />
          <p>
            Drop or paste 3 to 8 photos of one thing.
            <br />
            <span className="text-sm text-muted">
              Different backgrounds and angles help: what is in every photo becomes part of the
              word.
            </span>
          </p>
          <FileButton onFiles={onFiles}>Choose photos</FileButton>
        </div>
      ) : (
        <div className="grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-3">
          {children}
          <FileButton tile onFiles={onFiles}>
            Add
          </FileButton>
        </div>
      )}
    </section>
  );
}

interface FileButtonProps {
  tile?: boolean;
  onFiles: (files: readonly File[]) => void;
  children: string;
}

function FileButton({ tile = false, onFiles, children }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        accept={accept}
        aria-label="Photos"
        className="hidden"
        onChange={(event) => {
          const files = Array.from(event.target.files ?? []);
          event.target.value = '';
          onFiles(files);
        }}
      />
      <Button
        look={tile ? 'quiet' : 'primary'}
        icon={tile ? <ImagePlus size={18} aria-hidden="true" /> : undefined}
        className={tile ? 'aspect-square h-auto' : undefined}
        onClick={() => input.current?.click()}
      >
        {children}
      </Button>
    </>
  );
}

interface PhotoTileProps {
  entry: DraftPhoto;
  onOpen: () => void;
  onRemove: () => void;
}

function PhotoTile({ entry: { name, photo, share }, onOpen, onRemove }: PhotoTileProps) {
  return (
    <figure className="group relative m-0 aspect-square overflow-hidden rounded-md bg-sunken">
      {photo ? (
        <button
          type="button"
          onClick={onOpen}
          aria-label={`Crop and mask ${name}`}
          className="block size-full focus-visible:-outline-offset-2"
        >
          <CroppedPhoto photo={photo} />
        </button>
      ) : (
        <div className="flex size-full flex-col justify-center gap-2 p-3">
          <span className="truncate text-xs text-muted">{name}</span>
          <Progress
            compact
            label={`Reading ${name}`}
            {...(share < 1 && { step: Math.round(share * 100), total: 100 })}
          />
        </div>
      )}
      {photo && <PhotoBadges photo={photo} />}
      <IconButton
        label={`Remove ${name}`}
        size="small"
        icon={<Trash2 size={15} />}
        onClick={onRemove}
        className={classes('absolute top-1 right-1 bg-raised/90', appearing)}
      />
    </figure>
  );
}

/** Whether a photo has a mask, and whether only a part of it is trained on; over its picture. */
export function PhotoBadges({ photo }: { photo: TrainingPhoto }) {
  return (
    <div className="pointer-events-none absolute inset-x-1 bottom-1 flex gap-1">
      {photo.mask && <Badge icon={<Paintbrush size={12} />} text="mask" />}
      {isCropped(photo) && <Badge icon={<Crop size={12} />} text="crop" />}
    </div>
  );
}

function Badge({ icon, text }: { icon: React.ReactNode; text: string }) {
  return (
    <span className="inline-flex items-center gap-1 rounded-sm bg-raised/90 px-1.5 py-0.5 text-xs">
      {icon}
      {text}
    </span>
  );
}

function isCropped({ crop, width, height }: TrainingPhoto): boolean {
  return crop.side < Math.min(width, height) * 0.98;
}

/** The part of a photo that is trained on, from its small copy. */
export function CroppedPhoto({ photo, alt = '' }: { photo: TrainingPhoto; alt?: string }) {
  const { crop, width, height, thumbnail } = photo;
  return (
    <svg
      viewBox={`${crop.left} ${crop.top} ${crop.side} ${crop.side}`}
      className="block size-full"
      role="img"
      aria-label={alt || undefined}
      aria-hidden={alt === ''}
    >
      <image
        href={blobUrl(thumbnail)}
        {...{ width, height }}
        style={{ imageRendering: Math.max(width, height) <= 128 ? 'pixelated' : undefined }}
      />
    </svg>
  );
}

function Refused({ photos, onDismiss }: { photos: readonly DraftPhoto[]; onDismiss: () => void }) {
  return (
    <ErrorNote
      tone="warn"
      title={`${formatCount(photos.length, 'file')} could not be added`}
      nextStep="The other photos are not affected."
      cause={photos.map(refusalOf).join('\n')}
      actions={
        <Button size="small" onClick={onDismiss}>
          Dismiss
        </Button>
      }
    />
  );
}

/** A reason often begins with the file's name already. */
function refusalOf({ name, reason = '' }: DraftPhoto): string {
  return reason.startsWith(name) ? reason : `${name}: ${reason}`;
}

function usePastedFiles(onFiles: (files: readonly File[]) => void): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = Array.from(event.clipboardData?.files ?? []);
      if (files.length === 0) return;
      event.preventDefault();
      onFiles(files);
    };
    window.addEventListener('paste', paste);
    return () => window.removeEventListener('paste', paste);
  }, [onFiles]);
}
