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
    if (this.state.error === undefined) return this.props.children;
    return (
      <div className="p-8">
        <ErrorNote
          title="This screen stopped working"
          cause={this.state.error}
          nextStep="Nothing in the library is lost. If it happens again, copy the diagnostics in Settings into a bug report."
          actions={<Button onClick={() => this.setState({ error: undefined })}>Try again</Button>}
        />
      </div>
    );
  }
}
