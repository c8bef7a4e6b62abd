import { ClipboardCopy } from 'lucide-react';
import { useStudioQuery } from '../studioQueries.ts';
import { Button } from '../ui/Button.tsx';
import { copyText } from '../ui/copyText.ts';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Panel } from '../ui/Panel.tsx';
import { useToast } from '../ui/Toast.tsx';

/** What belongs into a bug report. It is shown before it is copied, so that one sees what one gives away. */
export function DiagnosticsPanel() {
  const { data, error, refetch, isFetching } = useStudioQuery('diagnostics', {}, { staleTime: 0 });
  const copy = useCopy();
  return (
    <Panel
      title="Diagnostics"
      actions={
        <Button
          size="small"
          disabled={!data}
          icon={<ClipboardCopy size={15} aria-hidden="true" />}
          onClick={() => data && copy(data.text)}
        >
          Copy
        </Button>
      }
    >
      <p className="mb-3 text-sm text-muted">
        For bug reports: versions, devices, counts and the last errors. No prompts, no names, no
        personal paths.
      </p>
      {error ? (
        <ErrorNote
          title="The diagnostics could not be gathered"
          cause={error}
          actions={
            <Button busy={isFetching} onClick={() => void refetch()}>
              Try again
            </Button>
          }
        />
      ) : (
        <textarea
          readOnly
          aria-label="Diagnostics"
          value={data?.text ?? 'Gathering'}
          className="block h-64 w-full resize-none rounded-md bg-sunken p-4 font-mono text-xs"
        />
      )}
    </Panel>
  );
}

function useCopy(): (text: string) => void {
  const toast = useToast();
  return (text) =>
    void copyText(text).then(
      () => toast({ tone: 'good', title: 'Diagnostics copied' }),
      ({ message }: Error) =>
        toast({
          tone: 'bad',
          title: 'Not copied',
          detail: `${message}. Select the text and copy it by hand.`,
        }),
    );
}
