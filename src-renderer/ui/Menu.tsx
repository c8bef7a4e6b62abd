import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** A line above it. */
  separated?: boolean;
  /** A key that does the same, such as "Ctrl+D". */
  shortcut?: string;
}

interface MenuProps {
  /** One element that takes a ref: the button that opens it. */
  trigger: ReactNode;
  items: readonly MenuItem[];
  align?: 'start' | 'center' | 'end';
}

/** A list of actions behind a button. */
export function Menu({ trigger, items, align = 'end' }: MenuProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-48 animate-enter rounded-md border border-line bg-raised p-1 shadow-floating"
        >
          {items.map((item) => (
            <Entry key={item.label} item={item} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Entry({ item }: { item: MenuItem }) {
  return (
    <>
      {item.separated && <DropdownMenu.Separator className="my-1 h-px bg-line" />}
      <DropdownMenu.Item
        disabled={item.disabled}
        onSelect={item.onSelect}
        className={classes(
          'flex h-8 cursor-default items-center gap-2.5 rounded-sm px-2.5 outline-none select-none',
          'data-disabled:opacity-50 data-highlighted:bg-accent-soft',
          item.danger && 'text-danger data-highlighted:bg-danger-soft',
        )}
      >
        <span className="flex size-4 items-center justify-center">{item.icon}</span>
        <span className="grow">{item.label}</span>
        {item.shortcut && <kbd className="font-sans text-xs text-muted">{item.shortcut}</kbd>}
      </DropdownMenu.Item>
    </>
  );
}
