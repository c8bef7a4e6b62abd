import {
  Eraser,
  Eye,
  EyeOff,
  Flame,
  Magnet,
  Redo2,
  Shuffle,
  Undo2,
  WandSparkles,
} from 'lucide-react';
import { Button, IconButton } from '../ui/Button.tsx';
import { keyNames } from '../ui/keyNames.ts';
import { type CanvasView, type ComposeTask, changeView, editBoxes } from './composeStore.ts';
import type { EditorState } from './layoutEditor.ts';
import { PriorMenu } from './PriorMenu.tsx';

interface LayoutToolbarProps {
  editor: EditorState;
  view: CanvasView;
  task: ComposeTask | undefined;
  hasPrior: boolean;
  /** Absent while nothing can be suggested. */
  onSuggest: ((shuffle: boolean) => void) | undefined;
}

/** What can be done with all boxes. */
export function LayoutToolbar({ editor, view, task, hasPrior, onSuggest }: LayoutToolbarProps) {
  const suggesting = task?.kind === 'suggest';
  return (
    <div
      role="toolbar"
      aria-label="Layout"
      className="@container flex shrink-0 flex-wrap items-center gap-1"
    >
      <IconButton
        size="small"
        label={`Undo (${keyNames('Ctrl+Z')})`}
        icon={<Undo2 size={16} />}
        disabled={editor.past.length === 0}
        onClick={() => editBoxes({ type: 'undo' })}
      />
      <IconButton
        size="small"
        label={`Redo (${keyNames('Ctrl+Shift+Z')})`}
        icon={<Redo2 size={16} />}
        disabled={editor.future.length === 0}
        onClick={() => editBoxes({ type: 'redo' })}
      />
      <ViewButtons view={view} hasPrior={hasPrior} />
      <IconButton
        size="small"
        label="Clear all boxes"
        icon={<Eraser size={16} />}
        disabled={editor.boxes.length === 0}
        onClick={() => editBoxes({ type: 'replace', layout: undefined })}
      />
      <span className="ml-auto flex items-center gap-1">
        <Button
          size="small"
          icon={<WandSparkles size={14} aria-hidden="true" />}
          disabled={!onSuggest}
          busy={suggesting}
          onClick={() => onSuggest?.(false)}
        >
          <span>
            Suggest<span className="@max-[24rem]:sr-only"> layout</span>
          </span>
        </Button>
        <Button
          size="small"
          icon={<Shuffle size={14} aria-hidden="true" />}
          disabled={!onSuggest}
          busy={suggesting}
          title="Draw another layout at random"
          onClick={() => onSuggest?.(true)}
        >
          <span className="@max-[30rem]:sr-only">Shuffle</span>
        </Button>
        <PriorMenu />
      </span>
    </div>
  );
}

function ViewButtons({ view, hasPrior }: { view: CanvasView; hasPrior: boolean }) {
  return (
    <>
      <span className="mx-1 h-5 w-px bg-line" aria-hidden="true" />
      <IconButton
        size="small"
        label={`Catch on sides, middles and the grid (${keyNames('Ctrl')} held: not)`}
        icon={<Magnet size={16} />}
        pressed={view.snap}
        onClick={() => changeView({ snap: !view.snap })}
      />
      <IconButton
        size="small"
        label="Show the boxes"
        icon={view.boxes ? <Eye size={16} /> : <EyeOff size={16} />}
        pressed={view.boxes}
        onClick={() => changeView({ boxes: !view.boxes })}
      />
      <IconButton
        size="small"
        label="Show where the model puts things (after a suggestion)"
        icon={<Flame size={16} />}
        pressed={view.heat && hasPrior}
        disabled={!hasPrior}
        onClick={() => changeView({ heat: !view.heat })}
      />
      <span className="mx-1 h-5 w-px bg-line" aria-hidden="true" />
    </>
  );
}
