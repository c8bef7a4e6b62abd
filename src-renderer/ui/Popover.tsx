import { Popover as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { focusSheet } from './focusSheet.ts';

interface PopoverProps {
  /** One element that takes a ref: the button that opens it. */
  trigger: ReactNode;
  /** What it is; read aloud. */
  label: string;
  children: ReactNode;
  align?: 'start' | 'center' | 'end';
  side?: 'top' | 'right' | 'bottom' | 'left';
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  className?: string;
}

/** A small sheet beside the button that opens it. */
export function Popover(props: PopoverProps) {
  const { trigger, label, children, align = 'start', side = 'bottom', className, ...rest } = props;
  return (
    <Radix.Root {...rest}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          {...{ align, side }}
          aria-label={label}
          sideOffset={6}
          collisionPadding={8}
          onOpenAutoFocus={focusSheet}
          className={classes(
            'z-50 animate-enter rounded-lg border border-line bg-raised p-4 shadow-floating outline-none',
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
