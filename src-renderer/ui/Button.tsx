import { type ButtonHTMLAttributes, forwardRef, type MouseEvent, type ReactNode } from 'react';
import { classes } from './classes.ts';
import { Spinner } from './Spinner.tsx';
import { Tooltip } from './Tooltip.tsx';

type Look = 'primary' | 'secondary' | 'quiet' | 'danger';
type Size = 'small' | 'medium' | 'large';

const looks: Readonly<Record<Look, string>> = {
  primary: 'border-transparent bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'bg-surface text-ink border-edge hover:border-muted hover:bg-raised shadow-xs',
  quiet: 'border-transparent text-ink hover:bg-sunken',
  danger: 'border-transparent bg-danger text-on-danger hover:brightness-95',
};

const sizes: Readonly<Record<Size, string>> = {
  small: 'h-7 px-2.5 text-sm gap-1.5 rounded-sm',
  medium: 'h-9 px-3.5 text-base gap-2 rounded-md',
  large: 'h-11 px-5 text-base gap-2.5 rounded-md',
};

const squares: Readonly<Record<Size, string>> = {
  small: 'size-7 rounded-sm',
  medium: 'size-9 rounded-md',
  large: 'size-11 rounded-md',
};

const common =
  'inline-flex shrink-0 items-center justify-center border font-medium whitespace-nowrap ' +
  'transition-colors select-none disabled:opacity-50 aria-disabled:opacity-50';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  size?: Size;
  /** A lucide icon before the words. */
  icon?: ReactNode;
  /** Shows that it is at work and takes no clicks, but keeps the focus; its width stays. */
  busy?: boolean;
}

/** A disabled button would lose the focus. */
const atWork = {
  'aria-busy': true,
  'aria-disabled': true,
  onClick: (event: MouseEvent) => event.preventDefault(),
} as const;

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { look = 'secondary', size = 'medium', icon, busy = false, className, children, ...rest },
  ref,
) {
  return (
    <button
      type="button"
      {...rest}
      ref={ref}
      {...(busy && atWork)}
      className={classes(common, looks[look], sizes[size], className)}
    >
      {busy ? <Spinner size={size === 'small' ? 14 : 16} /> : icon}
      {children}
    </button>
  );
});

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  /** What it does: read aloud, and shown as a tooltip. */
  label: string;
  icon: ReactNode;
  /** For buttons that stay pressed. */
  pressed?: boolean;
}

/** A button of one icon. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { label, icon, pressed, look = 'quiet', size = 'medium', busy = false, className, ...rest },
  ref,
) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        {...rest}
        ref={ref}
        aria-label={label}
        aria-pressed={pressed}
        {...(busy && atWork)}
        className={classes(
          ...[common, looks[look], squares[size]],
          pressed && 'bg-accent-soft text-accent',
          className,
        )}
      >
        {busy ? <Spinner size={16} /> : icon}
      </button>
    </Tooltip>
  );
});

/** Classes of a button for links that look like one. */
export function buttonClasses(look: Look = 'secondary', size: Size = 'medium'): string {
  return classes(common, looks[look], sizes[size]);
}
