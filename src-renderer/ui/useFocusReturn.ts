import { useRef } from 'react';

/**
 * For sheets that open by state: gives the focus back, at their end, to what had it before. Radix knows triggers of its
 * own only, and would leave the focus nowhere.
 */
export function useFocusReturn() {
  const before = useRef<HTMLElement>(null);
  return {
    /** When the sheet has opened and the focus is still outside. */
    remember: () => {
      before.current = originOf(document.activeElement);
    },
    /** Takes the place of what Radix does when the sheet has closed. */
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      // What was deleted cannot take the focus any more: then the next Tab begins at the top of the screen.
      const target = before.current?.isConnected
        ? before.current
        : document.getElementById('screen');
      target?.focus();
    },
  };
}

/** The entry of a menu is gone once it was chosen: then the button that opens the menu. */
function originOf(active: Element | null): HTMLElement | null {
  const trigger = active?.closest('[role="menu"]')?.getAttribute('aria-labelledby');
  const origin = trigger ? document.getElementById(trigger) : active;
  return origin instanceof HTMLElement && origin !== document.body ? origin : null;
}
