import type { JobEnd } from '../../src-shared/jobEnd.ts';

/**
 * Notices of the system, where the window is one of a browser: of nothing that is at the front, and only where the user
 * has allowed them. Electron's main process has its own.
 */

/** @param open called when the notice is clicked */
export function systemNotice({ id, title, detail }: JobEnd, open: () => void): void {
  if (window.tessera || document.hasFocus() || noticePermission() !== 'granted') return;
  // one for all windows
  const notice = new Notification(title, { tag: id, ...(detail && { body: detail }) });
  notice.onclick = () => {
    window.focus();
    open();
  };
}

/** What the browser says of notices; undefined where it has none for this page. */
export function noticePermission(): NotificationPermission | undefined {
  if (!('Notification' in window) || !window.isSecureContext) return undefined;
  return Notification.permission;
}
