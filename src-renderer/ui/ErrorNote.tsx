import { CircleAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { errorText } from '../../src-shared/parseInput.ts';
import { classes } from './classes.ts';

interface ErrorNoteProps {
  /** What could not be done: "The photo was not added". */
  title: string;
  /** Why: an error, or a sentence. */
  cause?: unknown;
  /** What to do about it. */
  nextStep?: ReactNode;
  /** Buttons, such as "Try again". */
  actions?: ReactNode;
  tone?: 'danger' | 'warn';
  className?: string;
}

/** What went wrong, why, and what to do next. */
export function ErrorNote(props: ErrorNoteProps) {
  const { title, cause, nextStep, actions, tone = 'danger', className } = props;
  const Icon = tone === 'danger' ? CircleAlert : TriangleAlert;
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={classes(
        'flex gap-3 rounded-md border p-4',
        tone === 'danger' ? 'border-danger/40 bg-danger-soft' : 'border-warn/40 bg-warn-soft',
        className,
      )}
    >
      <Icon
        size={18}
        aria-hidden="true"
        className={classes('mt-0.5 shrink-0', tone === 'danger' ? 'text-danger' : 'text-warn')}
      />
      <div className="min-w-0 grow">
        <p className="font-medium">{title}</p>
        {cause !== undefined && (
          <p className="mt-0.5 text-sm break-words whitespace-pre-line">{causeText(cause)}</p>
        )}
        {nextStep && <p className="mt-1 text-sm text-muted">{nextStep}</p>}
        {actions && <div className="mt-3 flex gap-2">{actions}</div>}
      </div>
    </div>
  );
}

/** What an error says, without its stack. */
export const causeText = errorText;
