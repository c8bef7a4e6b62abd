import { TriangleAlert } from 'lucide-react';
import { classes } from './classes.ts';

/** What is worth knowing about something that was done: in short lines, read out when they come. */
export function Notes({ notes, className }: { notes: readonly string[]; className?: string }) {
  return (
    <div role="status" className={classes('flex flex-col gap-1', className)}>
      {notes.map((text) => (
        <p key={text} className="flex gap-2 text-sm">
          <TriangleAlert size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-warn" />
          <span className="min-w-0 wrap-anywhere">{capitalised(text)}</span>
        </p>
      ))}
    </div>
  );
}

/** The engine's sentences begin small, behind a command's name. */
function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
