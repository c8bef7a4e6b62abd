import { AlertDialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { Button } from './Button.tsx';
import { classes } from './classes.ts';
import { overlayClasses, sheetClasses } from './Dialog.tsx';
import { useFocusReturn } from './useFocusReturn.ts';

interface AlertDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, and whether it can be undone. */
  description: ReactNode;
  /** What the button does, as a verb: "Delete for good". */
  confirm: string;
  /** What the other button says; "Cancel" by default. */
  cancel?: string;
  onConfirm: () => void;
  danger?: boolean;
}

/** Asks before something that cannot be undone. */
export function AlertDialog(props: AlertDialogProps) {
  const {
    open,
    onClose,
    title,
    description,
    confirm,
    cancel = 'Cancel',
    onConfirm,
    danger = false,
  } = props;
  const { remember, onCloseAutoFocus } = useFocusReturn();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        {/* over the popover, too, that it was opened from */}
        <Radix.Overlay className={classes(overlayClasses, 'z-60')} />
        <Radix.Content
          className={classes(sheetClasses, 'z-60 max-w-md p-6')}
          onOpenAutoFocus={remember}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
          <Radix.Description className="mt-2 text-base text-muted">{description}</Radix.Description>
          <div className="mt-6 flex justify-end gap-2">
            <Radix.Cancel asChild>
              <Button>{cancel}</Button>
            </Radix.Cancel>
            <Radix.Action asChild>
              <Button look={danger ? 'danger' : 'primary'} onClick={onConfirm}>
                {confirm}
              </Button>
            </Radix.Action>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
