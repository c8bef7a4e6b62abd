import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import { IconButton } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { NumberField } from '../ui/NumberField.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { describeRect, type Rect } from './boxGeometry.ts';
import { editBoxes } from './composeStore.ts';
import type { EditorState } from './layoutEditor.ts';
import type { PlacedBox } from './placedBoxes.ts';

interface BoxRowProps {
  box: PlacedBox;
  name: string;
  editor: EditorState;
  /** All words that boxes can be for. */
  phrases: readonly string[];
}

/** A box in the list: where it is, and while it is selected its numbers. */
export function BoxRow({ box, name, editor, phrases }: BoxRowProps) {
  const selected = editor.selected === box.id;
  return (
    <li className={classes('rounded-sm', selected && 'bg-sunken')}>
      <div className="flex items-center gap-0.5">
        <button
          type="button"
          aria-pressed={selected}
          onClick={() => editBoxes({ type: 'select', id: selected ? undefined : box.id })}
          className="min-w-0 grow rounded-sm px-1.5 py-1 text-left text-xs font-medium"
        >
          {name}
        </button>
        <IconButton
          label={`${name} up in the stack`}
          size="small"
          icon={<ArrowUp size={14} />}
          disabled={editor.boxes.at(-1)?.id === box.id}
          onClick={() => editBoxes({ type: 'raise', id: box.id })}
        />
        <IconButton
          label={`${name} down in the stack`}
          size="small"
          icon={<ArrowDown size={14} />}
          disabled={editor.boxes[0]?.id === box.id}
          onClick={() => editBoxes({ type: 'lower', id: box.id })}
        />
        <IconButton
          label={`Remove ${name.toLowerCase()} of ${box.phrase}`}
          size="small"
          icon={<Trash2 size={14} />}
          onClick={() => editBoxes({ type: 'remove', id: box.id })}
        />
      </div>
      {selected ? (
        <>
          {phrases.length > 1 && <Words {...{ box, phrases }} />}
          <Numbers box={box} />
        </>
      ) : (
        <p className="px-1.5 pb-1 text-xs text-muted">{describeRect(box.rect)}</p>
      )}
    </li>
  );
}

/** What the box is for: it keeps its place under other words. */
function Words({ box, phrases }: { box: PlacedBox; phrases: readonly string[] }) {
  return (
    <SelectField
      className="px-1.5 pt-1"
      label="Words"
      value={box.phrase}
      options={phrases.map((phrase) => ({ value: phrase, label: phrase }))}
      onChange={(phrase) => {
        editBoxes({ type: 'rename', id: box.id, phrase });
        // this row goes, and the list with it: the box itself has its keys
        setTimeout(() => document.querySelector<SVGElement>(`[data-box="${box.id}"]`)?.focus());
      }}
    />
  );
}

const sides = ['Left', 'Top', 'Right', 'Bottom'] as const;

function Numbers({ box }: { box: PlacedBox }) {
  return (
    <div className="grid grid-cols-2 gap-2 p-1.5">
      {sides.map((label, side) => (
        <NumberField
          key={label}
          label={`${label}, %`}
          min={0}
          max={100}
          step={1}
          value={Math.round(box.rect[side] * 1000) / 10}
          onChange={(percent) => {
            if (percent === undefined || percent < 0 || percent > 100) return;
            const [x0, y0, x1, y1] = box.rect.with(side, percent / 100);
            const rect: Rect = [x0, y0, x1, y1];
            editBoxes({ type: 'setRect', id: box.id, rect });
          }}
        />
      ))}
    </div>
  );
}
