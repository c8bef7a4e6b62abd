import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import { classes } from '../ui/classes.ts';
import { Picture } from '../ui/Picture.tsx';
import type { ConceptMenuState } from './useConceptMenu.ts';

interface ConceptMenuProps {
  menu: ConceptMenuState;
  listId: string;
}

/** The concepts that can be brought in, under the words that ask for them. The keys stay with the text field. */
export function ConceptMenu({ menu, listId }: ConceptMenuProps) {
  const { concepts, active, isLooking } = menu;
  return (
    <div className="animate-enter rounded-md border border-line bg-raised p-1 shadow-floating">
      <div id={listId} role="listbox" aria-label="Concepts" className="max-h-64 overflow-y-auto">
        {concepts.map((concept, index) => (
          <div
            key={concept.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            // The text field must keep the focus, or the menu would close before the click arrives.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => menu.take(concept)}
            onKeyDown={() => undefined}
            onMouseMove={() => menu.setActive(index)}
            className={classes(
              'flex cursor-pointer items-center gap-2.5 rounded-sm px-2 py-1.5',
              index === active && 'bg-accent-soft',
            )}
          >
            <ConceptLine concept={concept} />
          </div>
        ))}
      </div>
      {concepts.length === 0 && (
        <p className="px-2 py-1.5 text-sm text-muted">
          {isLooking ? 'Looking…' : 'No trained concept is called so.'}
        </p>
      )}
    </div>
  );
}

/** A concept on one line: cover, token, name. */
export function ConceptLine({ concept }: { concept: ConceptSummary }) {
  return (
    <>
      <Picture blob={concept.cover} alt="" className="size-8 shrink-0 rounded-sm" />
      <span className="min-w-0 text-left">
        <span className="block truncate font-medium">{concept.token}</span>
        <span className="block truncate text-xs text-muted">
          <bdi>{concept.name}</bdi>, <bdi>{concept.classWord}</bdi>
        </span>
      </span>
    </>
  );
}
