import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import { classes } from './classes.ts';
import { focusSheet } from './focusSheet.ts';
import { useFocusReturn } from './useFocusReturn.ts';

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the end. */
  actions?: ReactNode;
  width?: 'narrow' | 'medium' | 'wide';
}

const widths = { narrow: 'max-w-md', medium: 'max-w-2xl', wide: 'max-w-5xl' } as const;

export const overlayClasses = 'fixed inset-0 bg-veil';
export const sheetClasses =
  'fixed top-1/2 left-1/2 flex max-h-[calc(100vh-3rem)] w-[calc(100vw-3rem)] max-sm:w-[calc(100vw-1rem)] -translate-x-1/2 ' +
  '-translate-y-1/2 flex-col rounded-lg border border-line bg-surface shadow-floating outline-none';

/** A sheet over everything else. Escape and a click beside it close it. */
export function Dialog(props: DialogProps) {
  const { open, onClose, title, description, children, actions, width = 'medium' } = props;
  const { remember, onCloseAutoFocus } = useFocusReturn();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={classes(overlayClasses, 'z-40')} />
        <Radix.Content
          className={classes(sheetClasses, 'z-40', widths[width])}
          onOpenAutoFocus={(event) => {
            remember();
            focusSheet(event);
          }}
          onCloseAutoFocus={onCloseAutoFocus}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <header className="flex items-start justify-between gap-4 px-6 pt-5 pb-3">
            <div>
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-sm text-muted">
                  {description}
                </Radix.Description>
              )}
            </div>
            <IconButton
              label="Close"
              icon={<X size={18} />}
              size="small"
              onClick={() => onClose()}
            />
          </header>
          <div className="min-h-0 grow overflow-y-auto px-6 pb-5">{children}</div>
          {actions && (
            <footer className="flex justify-end gap-2 border-t border-line px-6 py-4">
              {actions}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
