import { useEffect } from 'react';

/**
 * Where what had the focus goes away, with its screen or out of a list, the screen gets it: otherwise the next Tab would
 * begin at the top of the window.
 *
 * @param location address of the screen
 */
export function useKeptFocus(location: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each address
  useEffect(() => {
    const frame = requestAnimationFrame(focusScreenIfLost);
    return () => cancelAnimationFrame(frame);
  }, [location]);
  useEffect(() => {
    const onFocusOut = ({ target }: FocusEvent) =>
      requestAnimationFrame(() => {
        if (target instanceof Node && !target.isConnected) focusScreenIfLost();
      });
    document.addEventListener('focusout', onFocusOut);
    return () => document.removeEventListener('focusout', onFocusOut);
  }, []);
}

function focusScreenIfLost(): void {
  if (document.activeElement !== document.body) return;
  document.getElementById('screen')?.focus({ preventScroll: true });
}
