import { Component, type ReactNode } from 'react';
import { Button } from './Button.tsx';
import { ErrorNote } from './ErrorNote.tsx';

interface State {
  error?: unknown;
}

/** Keeps a fault in one screen from taking the window down. */
export class ScreenBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = {};

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <div className="p-8">
        {isMissingPart(error) ? (
          <ErrorNote
            tone="warn"
            title="This screen could not be loaded"
            cause="Tessera was updated while this window was open, or its program has stopped."
            nextStep="Load the window again to go on. Trainings are not affected."
            actions={<Button onClick={() => window.location.reload()}>Load again</Button>}
          />
        ) : (
          <ErrorNote
            title="This screen stopped working"
            cause={error}
            nextStep="Nothing in the library is lost. If it happens again, copy the diagnostics in Settings into a bug report."
            actions={<Button onClick={() => this.setState({ error: undefined })}>Try again</Button>}
          />
        )}
      </div>
    );
  }
}

/** Whether a screen's file is not there any more: another build took the place of the one that is open. */
function isMissingPart(error: unknown): boolean {
  return error instanceof TypeError && /dynamically imported module/i.test(error.message);
}
