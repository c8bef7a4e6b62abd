import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

const tones = {
  plain: 'bg-sunken text-muted',
  accent: 'bg-accent-soft text-accent',
  second: 'bg-second-soft text-second',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
} as const;

interface TagProps {
  children: ReactNode;
  tone?: keyof typeof tones;
  /** Shows a cross that takes it away; with the name of what is taken away. */
  onRemove?: () => void;
  removeLabel?: string;
  icon?: ReactNode;
  className?: string;
}

/** A word about something, in a small frame. */
export function Tag(props: TagProps) {
  const { children, tone = 'plain', onRemove, removeLabel, icon, className } = props;
  return (
    <span
      className={classes(
        'inline-flex h-6 max-w-full items-center gap-1 rounded-full px-2.5 text-xs font-medium',
        tones[tone],
        className,
      )}
    >
      {icon}
      <span className="truncate">{children}</span>
      {onRemove && (
        <button
          type="button"
          aria-label={removeLabel ?? `Remove ${typeof children === 'string' ? children : ''}`}
          onClick={onRemove}
          className="-mr-1.5 rounded-full p-0.5 hover:bg-line"
        >
          <X size={12} aria-hidden="true" />
        </button>
      )}
    </span>
  );
}

interface ChipProps {
  children: ReactNode;
  selected: boolean;
  onToggle: () => void;
  /** How many there are of it. */
  count?: number;
}

/** A filter that is on or off. */
export function Chip({ children, selected, onToggle, count }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={selected}
      onClick={onToggle}
      className={classes(
        'inline-flex h-7 items-center gap-1.5 rounded-full border px-3 text-sm transition-colors',
        selected
          ? 'border-accent bg-accent-soft text-accent'
          : 'border-edge text-muted hover:border-muted hover:text-ink',
      )}
    >
      {children}
      {count !== undefined && <span className="text-xs">{count}</span>}
    </button>
  );
}
