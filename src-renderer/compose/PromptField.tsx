import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import { classes } from '../ui/classes.ts';
import { inputClasses } from '../ui/Field.tsx';
import { ConceptMenu } from './ConceptMenu.tsx';
import { ConceptPicker } from './ConceptPicker.tsx';
import { PromptMirror } from './PromptMirror.tsx';
import {
  deleteChip,
  insertConcept,
  type MenuQuery,
  menuQueryAt,
  outsideChip,
  promptPieces,
} from './promptPieces.ts';
import { typeInto } from './textEdits.ts';
import { useConceptMenu } from './useConceptMenu.ts';

interface PromptFieldProps {
  value: string;
  onChange: (value: string) => void;
  /** Tokens that are concepts. */
  chips: readonly string[];
  /** The end of the prompt that the model does not see. */
  overflow: string;
  /** How long the prompt is, in words. */
  lengthText: string;
  /** At the right below the field. */
  aside: ReactNode;
  /** Told when a concept is brought in, so that its token is known whatever it looks like. */
  onInsert: (concept: ConceptSummary) => void;
  /** Told what is marked, so that boxes can be drawn for it. */
  onMark: (start: number, end: number) => void;
}

/** A text field in which concepts look like chips and are taken away whole. It is plain text to copy and paste. */
export function PromptField(props: PromptFieldProps) {
  const { value, chips, overflow, lengthText, onInsert } = props;
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [query, setQuery] = useState<MenuQuery>();
  const pieces = useMemo(() => promptPieces(value, chips, overflow), [value, chips, overflow]);
  const insert = (concept: ConceptSummary, range?: MenuQuery) => {
    const element = field.current;
    if (!element) return;
    onInsert(concept);
    const place = range ?? { start: element.selectionStart, end: element.selectionEnd };
    const { text, caret } = insertConcept(element.value, place, concept);
    typeInto(element, text, caret);
    setQuery(undefined);
  };
  const menu = useConceptMenu(
    query,
    (concept) => insert(concept, query),
    () => setQuery(undefined),
  );
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-center justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          Prompt
        </label>
        <ConceptPicker onPick={(concept) => insert(concept)} />
      </div>
      <div className="relative rounded-md bg-surface">
        <PromptMirror pieces={pieces} caretMark={query?.start}>
          {query && <ConceptMenu menu={menu} listId={`${id}-menu`} />}
        </PromptMirror>
        <textarea
          ref={field}
          id={id}
          rows={3}
          value={value}
          spellCheck={false}
          placeholder='a photo of a … and a backpack; "/" brings in a concept'
          aria-describedby={`${id}-length`}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={query ? `${id}-menu` : undefined}
          aria-activedescendant={query && menu.activeId(`${id}-menu`)}
          onChange={(event) => {
            props.onChange(event.target.value);
            setQuery(menuQueryAt(event.target.value, event.target.selectionStart));
          }}
          onKeyDown={(event) => {
            if (!menu.onKeyDown(event)) handleChipKeys(event, field, chips);
          }}
          onBlur={() => setQuery(undefined)}
          onSelect={(event) => {
            const { selectionStart, selectionEnd } = event.currentTarget;
            keepOutOfChips(event.currentTarget, chips);
            props.onMark(selectionStart, selectionEnd);
            if (selectionStart !== selectionEnd) setQuery(undefined);
          }}
          className={classes(
            inputClasses,
            'relative block min-h-24 resize-none field-sizing-content overflow-hidden bg-transparent! py-2 break-words',
          )}
        />
      </div>
      <div className="flex min-h-4.5 justify-between gap-3 text-xs">
        <p id={`${id}-length`} className={overflow ? 'text-danger' : 'text-muted'}>
          {lengthText}
        </p>
        {props.aside}
      </div>
    </div>
  );
}

/** Chips are stepped over and taken away as one letter would be. */
function handleChipKeys(
  event: KeyboardEvent<HTMLTextAreaElement>,
  field: RefObject<HTMLTextAreaElement | null>,
  chips: readonly string[],
): void {
  const element = field.current;
  const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
  if (!element || element.selectionStart !== element.selectionEnd) return;
  if (shiftKey || ctrlKey || altKey || metaKey) return;
  const caret = element.selectionStart;
  if (key === 'Backspace' || key === 'Delete') {
    const direction = key === 'Backspace' ? 'back' : 'forward';
    const edited = deleteChip(element.value, caret, direction, chips);
    if (!edited) return;
    event.preventDefault();
    typeInto(element, edited.text, edited.caret);
  } else if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const next = caret + (key === 'ArrowLeft' ? -1 : 1);
    const out = outsideChip(element.value, next, chips, key === 'ArrowLeft' ? 'back' : 'forward');
    if (out === next) return;
    event.preventDefault();
    element.setSelectionRange(out, out);
  }
}

function keepOutOfChips(element: HTMLTextAreaElement, chips: readonly string[]): void {
  const { selectionStart, selectionEnd, value } = element;
  if (selectionStart !== selectionEnd) return;
  const out = outsideChip(value, selectionStart, chips);
  if (out !== selectionStart) element.setSelectionRange(out, out);
}
