import type { JobEnd } from './jobWords.ts';

/** Notices of the system, for windows that are not seen: only where the user has allowed them. */

/** @param open called when the notice is clicked */
export function systemNotice({ id, title, detail }: JobEnd, open: () => void): void {
  if (!document.hidden || !('Notification' in window)) return;
  if (Notification.permission !== 'granted') return;
  // one for all windows
  const notice = new Notification(title, { tag: id, ...(detail && { body: detail }) });
  notice.onclick = () => {
    window.focus();
    open();
  };
}

/** Whether the user can still be asked. */
export function canAskForNotices(): boolean {
  return (
    'Notification' in window && window.isSecureContext && Notification.permission === 'default'
  );
}
