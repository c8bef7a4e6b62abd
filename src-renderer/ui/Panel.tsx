import type { ReactNode } from 'react';
import { classes } from './classes.ts';

interface PanelProps {
  title?: ReactNode;
  /** At the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A part of a screen, with a title of its own. */
export function Panel({ title, actions, children, className }: PanelProps) {
  return (
    <section
      className={classes(
        'min-w-0 rounded-lg border border-line bg-surface p-5 max-sm:p-4',
        className,
      )}
    >
      {(title || actions) && (
        <header className="mb-3 flex min-h-7 items-center justify-between gap-3">
          {title && <h2 className="text-base font-semibold">{title}</h2>}
          {actions && <div className="flex items-center gap-1">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

interface ScreenProps {
  title: ReactNode;
  /** A line under the title. */
  subtitle?: ReactNode;
  /** At the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
  /** Lets the content fill the height and scroll by itself. */
  filled?: boolean;
}

/** On very wide windows what is read stays in the middle. */
const readableWidth = 'mx-auto w-full max-w-[110rem]';

/** The frame of a screen: its title, its actions, and what it shows. */
export function Screen({ title, subtitle, actions, children, filled = false }: ScreenProps) {
  return (
    <div className={classes('flex h-full flex-col', !filled && 'overflow-y-auto')}>
      <header
        className={classes(
          !filled && readableWidth,
          'flex shrink-0 flex-wrap items-center justify-between gap-x-6 gap-y-3 px-8 pt-6 pb-4 max-sm:px-4 max-sm:pt-4',
        )}
      >
        <div className="min-w-0">
          <h1 dir="auto" className="truncate text-left text-xl font-semibold tracking-tight">
            {title}
          </h1>
          {subtitle && <div className="mt-0.5 text-sm text-muted">{subtitle}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div
        className={filled ? 'min-h-0 grow' : classes(readableWidth, 'grow px-8 pb-10 max-sm:px-4')}
      >
        {children}
      </div>
    </div>
  );
}
