import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Progress } from '../ui/Progress.tsx';
import { cancelTask } from './composeActions.ts';
import type { ComposeTask, TaskFailure } from './composeStore.ts';

interface TaskLineProps {
  task: ComposeTask | undefined;
  failure: TaskFailure | undefined;
  /** What to say while nothing is done. */
  rest: string | undefined;
  /** What is known of the picture that is shown. */
  facts: string | undefined;
}

/** How the work is going. Its room is there all the time. */
export function TaskLine({ task, failure, rest, facts }: TaskLineProps) {
  if (failure && !task) {
    return (
      <ErrorNote
        title={failure.title}
        cause={failure.cause}
        nextStep="Change what it names, then compose again."
      />
    );
  }
  const beginning = task?.kind === 'suggest' ? 'Asking the model' : 'Composing';
  return (
    <div className="h-10" aria-live="polite">
      {task ? (
        <Progress
          label={task.progress?.phase ?? beginning}
          step={task.progress?.step}
          total={task.progress?.total}
          timeLeft={task.progress?.timeLeft}
          onCancel={cancelTask}
        />
      ) : (
        <p className="flex justify-between gap-3 pt-1 text-sm text-muted">
          <span className="truncate">{rest}</span>
          <span className="shrink-0">{facts}</span>
        </p>
      )}
    </div>
  );
}
