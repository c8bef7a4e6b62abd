import { Ban, Pause, Play, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type JobAction, type JobStatus, jobActions } from '../../src-shared/jobRecord.ts';
import { useStudioMutation } from '../studioQueries.ts';
import { AlertDialog } from './AlertDialog.tsx';
import { Button, IconButton } from './Button.tsx';
import { useToast } from './Toast.tsx';

interface JobActionsProps {
  job: JobStatus;
  /** Buttons of one icon each. */
  compact?: boolean;
}

/** What can be done to a job now: pause it or let it go on, and end it for good, once asked. */
export function JobActions({ job, compact = false }: JobActionsProps) {
  const { kind, state } = job;
  const { run, isBusy } = useJobActions(job);
  const [asking, setAsking] = useState(false);
  const hasFailed = state === 'failed';
  const start = (action: JobAction) => {
    // only of a training something is lost
    if (action === 'cancel' && kind === 'train') setAsking(true);
    else run(action);
  };
  return (
    <>
      {jobActions[state].map((action) => (
        <ActionButton
          key={action}
          {...{ compact, ...(hasFailed && action === 'cancel' ? discard : looks[action]) }}
          busy={isBusy(action)}
          onClick={() => start(action)}
        />
      ))}
      <AlertDialog
        danger
        open={asking}
        onClose={() => setAsking(false)}
        {...(hasFailed ? discarding : cancelling)}
        cancel="Leave it"
        onConfirm={() => run('cancel')}
      />
    </>
  );
}

const failures: Readonly<Record<JobAction, string>> = {
  pause: 'was not paused',
  resume: 'did not go on',
  cancel: 'was not cancelled',
};

/** Does what is offered; what the queue refuses is told in the corner. */
function useJobActions({ id, title }: JobStatus) {
  const toast = useToast();
  const mutations = {
    pause: useStudioMutation('pauseJob'),
    resume: useStudioMutation('resumeJob'),
    cancel: useStudioMutation('cancelJob'),
  };
  return {
    isBusy: (action: JobAction) => mutations[action].isPending,
    run: (action: JobAction) =>
      mutations[action].mutate(
        { id },
        {
          onError: ({ message }) =>
            toast({ tone: 'bad', title: `${title} ${failures[action]}`, detail: message }),
        },
      ),
  };
}

interface Look {
  readonly label: string;
  readonly icon: ReactNode;
}

const looks: Readonly<Record<JobAction, Look>> = {
  pause: { label: 'Pause', icon: <Pause size={16} aria-hidden="true" /> },
  resume: { label: 'Resume', icon: <Play size={16} aria-hidden="true" /> },
  cancel: { label: 'Cancel', icon: <Ban size={16} aria-hidden="true" /> },
};

const discard = { label: 'Discard', icon: <Trash2 size={16} aria-hidden="true" /> };

const keepInstead =
  'What it has learned so far is given up. To keep it as it was after some step, choose the step on its screen and keep it.';

const cancelling = {
  title: 'Cancel this training?',
  description: keepInstead,
  confirm: 'Cancel the training',
};

const discarding = {
  title: 'Discard this training?',
  description: keepInstead,
  confirm: 'Discard the training',
};

interface ActionButtonProps extends Look {
  compact: boolean;
  busy: boolean;
  onClick: () => void;
}

function ActionButton({ compact, label, ...button }: ActionButtonProps) {
  return compact ? <IconButton {...button} label={label} /> : <Button {...button}>{label}</Button>;
}
