import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useRef, useState } from 'react';
import type { TrainingPhoto } from '../../src-shared/photo.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import { TextField } from '../ui/TextField.tsx';
import { CropEditor } from './CropEditor.tsx';
import type { DraftPhoto } from './conceptDraft.ts';
import { middleCrop } from './cropGeometry.ts';
import { MaskEditor, type MaskEditorHandle } from './MaskEditor.tsx';

interface PhotoEditorProps {
  photos: readonly DraftPhoto[];
  /** The one that is edited. */
  openKey: string | undefined;
  onOpen: (key: string | undefined) => void;
  onChange: (key: string, photo: TrainingPhoto) => void;
}

/** One photo at a time: what of it is trained on, what of that counts, and what else is to be seen. */
export function PhotoEditor({ photos, openKey, onOpen, onChange }: PhotoEditorProps) {
  const ready = photos.filter(({ photo }) => photo);
  const index = ready.findIndex(({ key }) => key === openKey);
  const entry = ready[index];
  if (!entry?.photo) return null;
  return (
    <OnePhoto
      key={entry.key}
      entry={entry}
      photo={entry.photo}
      place={{ index, of: ready.length }}
      onGo={(by) => onOpen(ready[(index + by + ready.length) % ready.length]?.key)}
      onClose={() => onOpen(undefined)}
      onChange={(photo) => onChange(entry.key, photo)}
    />
  );
}

interface OnePhotoProps {
  entry: DraftPhoto;
  photo: TrainingPhoto;
  place: { index: number; of: number };
  onGo: (by: number) => void;
  onClose: () => void;
  onChange: (photo: TrainingPhoto) => void;
}

function OnePhoto({ entry, photo, place, onGo, onClose, onChange }: OnePhotoProps) {
  const [tool, setTool] = useState<'crop' | 'mask'>('crop');
  const mask = useRef<MaskEditorHandle>(null);
  const [saving, setSaving] = useState(false);
  const [failure, setFailure] = useState<{ cause: unknown; discard: () => void }>();

  /** A mask is stored when it is left, whichever way; one that cannot be stored holds nobody. */
  async function leave(then: () => void): Promise<void> {
    if (!mask.current) return then();
    setSaving(true);
    setFailure(undefined);
    try {
      const { mask: former, ...rest } = photo;
      const stored = await mask.current.store();
      if (stored !== former) onChange(stored ? { ...rest, mask: stored } : rest);
      then();
    } catch (cause) {
      setFailure({
        cause,
        discard: () => {
          setFailure(undefined);
          then();
        },
      });
    } finally {
      setSaving(false);
    }
  }

  return (
    <Dialog
      open
      width="wide"
      title={photo.name}
      description={`Photo ${place.index + 1} of ${place.of}, ${photo.width} × ${photo.height} pixels`}
      onClose={() => void leave(onClose)}
      actions={
        <>
          <div className="mr-auto flex gap-1">
            <IconButton
              {...{ label: 'Photo before', icon: <ChevronLeft size={18} />, disabled: saving }}
              onClick={() => void leave(() => onGo(-1))}
            />
            <IconButton
              {...{ label: 'Next photo', icon: <ChevronRight size={18} />, disabled: saving }}
              onClick={() => void leave(() => onGo(1))}
            />
          </div>
          <Button look="primary" busy={saving} onClick={() => void leave(onClose)}>
            Done
          </Button>
        </>
      }
    >
      <div className="flex h-[min(70vh,44rem)] flex-col gap-4">
        {failure && (
          <ErrorNote
            title="The mask was not stored"
            cause={failure.cause}
            actions={
              <Button size="small" onClick={failure.discard}>
                Discard what was painted
              </Button>
            }
          />
        )}
        <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
          <Segmented
            label="Edit"
            value={tool}
            options={[
              { value: 'crop', label: 'Crop' },
              { value: 'mask', label: photo.mask ? 'Mask (painted)' : 'Mask' },
            ]}
            onChange={(next) => void leave(() => setTool(next))}
          />
          <TextField
            label="Also in this photo"
            hint="Kept out of the word, such as “on a red sofa”."
            className="min-w-64 grow"
            maxLength={200}
            value={photo.captionSuffix}
            onChange={(captionSuffix) => onChange({ ...photo, captionSuffix })}
          />
          {tool === 'crop' && <CropButtons {...{ entry, photo, onChange }} />}
        </div>
        <div className="min-h-0 grow px-3 py-2">
          {tool === 'crop' ? (
            <CropEditor photo={photo} onChange={(crop) => onChange({ ...photo, crop })} />
          ) : (
            <MaskEditor ref={mask} photo={photo} />
          )}
        </div>
        <p className="text-sm text-muted">
          {tool === 'crop'
            ? 'The square is trained on. Drag it, pull its corners, or use the arrow keys, plus and minus.'
            : 'Paint what counts; the rest of the photo is left out. Without paint, everything counts.'}
        </p>
      </div>
    </Dialog>
  );
}

function CropButtons({
  entry,
  photo,
  onChange,
}: Pick<OnePhotoProps, 'entry' | 'photo' | 'onChange'>) {
  const { suggestedCrop } = entry;
  return (
    <div className="flex gap-2 pb-5.5">
      {suggestedCrop && (
        <Button onClick={() => onChange({ ...photo, crop: suggestedCrop })}>Suggested crop</Button>
      )}
      <Button onClick={() => onChange({ ...photo, crop: middleCrop(photo) })}>Largest</Button>
    </div>
  );
}
