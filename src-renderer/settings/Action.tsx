import type { ReactNode } from 'react';

interface ActionProps {
  title: string;
  text: string;
  button: ReactNode;
  children?: ReactNode;
}

/** Something that can be done, what it does, and what came of it. */
export function Action({ title, text, button, children }: ActionProps) {
  return (
    <section aria-label={title} className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-6">
        <div>
          <h3 className="text-sm font-medium">{title}</h3>
          <p className="text-sm text-muted">{text}</p>
        </div>
        {button}
      </div>
      {children}
    </section>
  );
}
