import { X } from 'lucide-react';
import { Progress as Radix } from 'radix-ui';
import { IconButton } from './Button.tsx';
import { classes } from './classes.ts';
import { formatEstimate } from './format.ts';

interface ProgressProps {
  /** What is being done: "picture 2 of 4". */
  label: string;
  /** Finished parts; absent while it is not known how far it is. */
  step?: number;
  total?: number;
  /** Seconds. */
  timeLeft?: number;
  onCancel?: () => void;
  /** A thin bar with the label for screen readers only. */
  compact?: boolean;
  className?: string;
}

/** How far long work is, when it will end, and a way to stop it. Keeps its height whatever it shows. */
export function Progress(props: ProgressProps) {
  const { label, step, total, timeLeft, onCancel, compact = false, className } = props;
  const known = step !== undefined && total !== undefined && total > 0;
  const share = known ? Math.min(1, step / total) : null;
  return (
    <div className={classes('min-w-0', className)}>
      {!compact && (
        <div className="mb-1.5 flex h-7 items-center justify-between gap-3 text-sm">
          <span className="truncate first-letter:uppercase">{label}</span>
          <span className="flex shrink-0 items-center gap-2 text-muted">
            {timeLeft !== undefined && `${formatEstimate(timeLeft)} left`}
            {onCancel && (
              <IconButton label="Cancel" icon={<X size={16} />} size="small" onClick={onCancel} />
            )}
          </span>
        </div>
      )}
      <Radix.Root
        aria-label={label}
        value={share === null ? null : Math.round(share * 100)}
        className="relative h-1.5 w-full overflow-hidden rounded-full bg-line"
      >
        <Radix.Indicator
          className={classes(
            'h-full origin-left rounded-full bg-accent',
            share === null ? 'w-1/3 animate-sweep' : 'w-full transition-transform duration-300',
          )}
          {...(share !== null && { style: { transform: `scaleX(${share})` } })}
        />
      </Radix.Root>
    </div>
  );
}
