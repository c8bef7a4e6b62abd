import { type ReactNode, useId } from 'react';
import { classes } from './classes.ts';

/** What every field of a form can say. */
export interface FieldWords {
  label: ReactNode;
  /** What to enter, in a sentence. */
  hint?: ReactNode;
  /** Why the value cannot be used; replaces the hint. */
  error?: string;
  /** For labels that stand elsewhere in plain sight; it is read aloud all the same. */
  hideLabel?: boolean;
  className?: string;
}

/** What ties a control to the words of its field. */
export interface ControlIds {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps extends FieldWords {
  children: (ids: ControlIds) => ReactNode;
  /** At the right of the label: a value, an action. */
  aside?: ReactNode;
}

/** A label, a control, and a hint or what is wrong. */
export function Field({ label, hint, error, hideLabel, className, aside, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  const noteId = note ? `${id}-note` : undefined;
  return (
    <div className={classes('flex min-w-0 flex-col gap-1.5', className)}>
      <div
        className={hideLabel && !aside ? 'sr-only' : 'flex items-baseline justify-between gap-3'}
      >
        <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-sm font-medium'}>
          {label}
        </label>
        {aside}
      </div>
      {children({ id, 'aria-describedby': noteId, 'aria-invalid': error ? true : undefined })}
      {note && (
        <p id={noteId} className={classes('text-xs', error ? 'text-danger' : 'text-muted')}>
          {note}
        </p>
      )}
    </div>
  );
}

/** The look of a box that is written in. */
export const inputClasses =
  'w-full min-w-0 rounded-md border border-edge bg-surface px-3 text-base text-ink transition-colors ' +
  'hover:border-muted focus-visible:border-accent focus-visible:outline-offset-0 aria-invalid:border-danger ' +
  'disabled:opacity-50';
