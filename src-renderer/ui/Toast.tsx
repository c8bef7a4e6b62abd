import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { IconButton } from './Button.tsx';
import { classes } from './classes.ts';

export interface ToastMessage {
  title: string;
  detail?: string;
  tone?: 'plain' | 'good' | 'bad';
  /** One thing to do about it, such as undoing what was done. */
  action?: { label: string; run: () => void };
  /** Milliseconds that it stays; longer where there is something to do. */
  duration?: number;
}

type ShowToast = (message: ToastMessage) => void;

const ToastContext = createContext<ShowToast>(() => {
  throw new Error('internal: a toast outside of ToastProvider');
});

/** A function that shows a short message in the corner; for what went wrong in a form see ErrorNote. */
export function useToast(): ShowToast {
  return useContext(ToastContext);
}

let nextKey = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<{ key: number; message: ToastMessage }[]>([]);
  const show = useCallback((message: ToastMessage) => {
    nextKey += 1;
    const toast = { key: nextKey, message };
    setToasts((all) => [...all.slice(-3), toast]);
  }, []);
  const remove = (key: number) => setToasts((all) => all.filter((toast) => toast.key !== key));
  return (
    <ToastContext value={show}>
      <Radix.Provider swipeDirection="right" label="Message">
        {children}
        {toasts.map(({ key, message }) => (
          <OneToast key={key} message={message} onGone={() => remove(key)} />
        ))}
        {/* over what is least needed; the card of the tour has its place */}
        <Radix.Viewport
          className={classes(
            'fixed right-4 bottom-4 z-60 flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-none',
            'max-sm:bottom-18 in-[body:has([data-tour=right])]:right-auto in-[body:has([data-tour=right])]:left-4',
          )}
        />
      </Radix.Provider>
    </ToastContext>
  );
}

function OneToast({ message, onGone }: { message: ToastMessage; onGone: () => void }) {
  const { title, detail, tone = 'plain', action } = message;
  return (
    <Radix.Root
      type={tone === 'bad' ? 'foreground' : 'background'}
      duration={message.duration ?? (action || tone === 'bad' ? 10_000 : 5_000)}
      onOpenChange={(open) => !open && onGone()}
      className="flex animate-enter items-start gap-3 rounded-md border border-line bg-raised p-3 pl-4 shadow-floating"
    >
      {tone === 'good' && (
        <CircleCheck size={18} className="mt-0.5 shrink-0 text-accent" aria-hidden />
      )}
      {tone === 'bad' && (
        <CircleAlert size={18} className="mt-0.5 shrink-0 text-danger" aria-hidden />
      )}
      <div className="min-w-0 grow self-center">
        <Radix.Title className="font-medium">{title}</Radix.Title>
        {detail && (
          <Radix.Description className="text-sm break-words text-muted">{detail}</Radix.Description>
        )}
      </div>
      {action && (
        <Radix.Action
          altText={action.label}
          onClick={action.run}
          className="h-7 shrink-0 rounded-sm px-2.5 text-sm font-medium text-accent hover:bg-accent-soft"
        >
          {action.label}
        </Radix.Action>
      )}
      <Radix.Close asChild>
        <IconButton label="Dismiss" icon={<X size={16} />} size="small" />
      </Radix.Close>
    </Radix.Root>
  );
}
