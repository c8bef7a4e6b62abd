import { Copy, Download, Repeat2, Shuffle, Trash2, Undo2 } from 'lucide-react';
import { Link } from 'wouter';
import type { KeptComposition } from '../../src-shared/composition.ts';
import { blobUrl } from '../studioApi.ts';
import { buttonClasses, IconButton } from '../ui/Button.tsx';
import { copyText } from '../ui/copyText.ts';
import { formatWhen } from '../ui/format.ts';
import { PictureFigures } from '../ui/PictureFigures.tsx';
import { figuresOf } from '../ui/pictureFigureList.ts';
import { linkTo } from '../ui/routes.ts';
import { useToast } from '../ui/Toast.tsx';
import { AttentionPanel, type Overlay } from './AttentionPanel.tsx';
import { pictureName } from './pictureName.ts';
import { RatingStars } from './RatingStars.tsx';
import { type SettingsRow, settingsRows } from './settingsRows.ts';

interface ViewerDetailsProps {
  composition: KeptComposition;
  overlay: Overlay;
  onOverlay: (overlay: Overlay) => void;
  onRate: (rating: number) => void;
  /** Into the trash, or out of it. */
  onTrash: () => void;
}

/** What made a picture and what is seen in it, and what can be done with it. */
export function ViewerDetails(props: ViewerDetailsProps) {
  const { composition, overlay, onOverlay, onRate } = props;
  return (
    <div className="flex flex-col gap-5">
      <Actions {...props} />
      <div className="flex items-center justify-between">
        <RatingStars rating={composition.rating} onRate={onRate} />
        <span className="text-sm text-muted">{formatWhen(composition.createdAt)}</span>
      </div>
      <Prompt text={composition.settings.prompt} />
      <AttentionPanel {...{ composition, overlay }} onChange={onOverlay} />
      <Metrics composition={composition} />
      <Rows title="Settings" rows={settingsRows(composition)} />
    </div>
  );
}

function Actions({ composition, onTrash }: ViewerDetailsProps) {
  const { id, picture, trashedAt } = composition;
  const name = pictureName(composition);
  return (
    <div className="flex items-center gap-2">
      <Link href={linkTo.repeat(id)} className={buttonClasses('primary')}>
        <Repeat2 size={16} aria-hidden="true" />
        Repeat
      </Link>
      <Link href={linkTo.repeat(id, true)} className={buttonClasses()}>
        <Shuffle size={16} aria-hidden="true" />
        Vary
      </Link>
      <span className="grow" />
      <a
        href={blobUrl(picture, name)}
        download={name}
        aria-label="Download as PNG with its parameters inside"
        title="Download as PNG with its parameters inside"
        className={buttonClasses('quiet', 'medium')}
      >
        <Download size={18} aria-hidden="true" />
      </a>
      <IconButton
        label={trashedAt === undefined ? 'Move to trash' : 'Put back'}
        icon={trashedAt === undefined ? <Trash2 size={18} /> : <Undo2 size={18} />}
        onClick={onTrash}
      />
    </div>
  );
}

function Prompt({ text }: { text: string }) {
  const toast = useToast();
  const copy = () =>
    copyText(text).then(
      () => toast({ title: 'Prompt copied' }),
      ({ message }: Error) => toast({ tone: 'bad', title: 'Not copied', detail: message }),
    );
  return (
    <section>
      <header className="flex items-center justify-between">
        <h3 className="text-sm font-medium">Prompt</h3>
        <IconButton
          label="Copy the prompt"
          size="small"
          icon={<Copy size={15} />}
          onClick={() => void copy()}
        />
      </header>
      <p className="break-words">{text || <span className="text-muted">empty</span>}</p>
    </section>
  );
}

function Rows({ title, rows }: { title: string; rows: readonly SettingsRow[] }) {
  return (
    <section>
      <h3 className="mb-1 text-sm font-medium">{title}</h3>
      <dl className="grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-4 gap-y-1 text-sm">
        {rows.map(({ label, value }) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Metrics({ composition }: Pick<ViewerDetailsProps, 'composition'>) {
  if (figuresOf(composition).length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 text-sm font-medium">Metrics</h3>
      <PictureFigures picture={composition} />
    </section>
  );
}
