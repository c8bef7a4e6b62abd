import { useConnectionState } from '../studioQueries.ts';
import { Spinner } from './Spinner.tsx';

const words = {
  lost: 'The connection to Tessera was lost; nothing of yours is. It comes back by itself. If the program was stopped, start it again.',
  refused:
    'Tessera does not know this browser. Open the newest link that the program has printed, and this page goes on. A link works once: opening a used one makes it print another.',
} as const;

/** A line at the top of the screen as long as the studio cannot be reached. */
export function ConnectionBanner() {
  const state = useConnectionState();
  if (state === 'connected' || state === 'connecting') return null;
  return (
    <div
      role="alert"
      className="flex shrink-0 items-center gap-3 border-b border-warn/40 bg-warn-soft px-8 py-2 text-sm"
    >
      {state === 'lost' && <Spinner size={14} />}
      {words[state]}
    </div>
  );
}
