import { ChevronRight } from 'lucide-react';
import { Collapsible } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { classes } from './classes.ts';

interface DisclosureProps {
  title: ReactNode;
  /** Beside the title, while it is closed: what is inside. */
  summary?: ReactNode;
  children: ReactNode;
  startOpen?: boolean;
  className?: string;
}

/** A part that is shown on demand. */
export function Disclosure(props: DisclosureProps) {
  const { title, summary, children, startOpen = false, className } = props;
  const [open, setOpen] = useState(startOpen);
  return (
    <Collapsible.Root {...{ open }} onOpenChange={setOpen} className={className}>
      <Collapsible.Trigger className="-mx-2 flex max-w-full items-center gap-2 rounded-sm px-2 py-1.5 text-left hover:bg-sunken">
        <ChevronRight
          size={16}
          aria-hidden="true"
          className={classes('shrink-0 text-muted transition-transform', open && 'rotate-90')}
        />
        <span className="shrink-0 font-medium">{title}</span>
        {summary && !open && <span className="truncate text-sm text-muted">{summary}</span>}
      </Collapsible.Trigger>
      <Collapsible.Content className="pt-3">{children}</Collapsible.Content>
    </Collapsible.Root>
  );
}
