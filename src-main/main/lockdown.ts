import { app, type Session, type WebContents } from 'electron';
import { isOurs } from './origin.ts';

/** What a page may not do, whatever gets into it. */

/** Of the clipboard only writing, which copies diagnostics. */
const permissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** Schemes of requests that never leave the program. The tools for developers do not exist in a packaged one. */
const inner = /^(tessera|blob|data|devtools):/;

export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    answer(permissions.has(permission) && isOurs(contents.getURL()));
  });
  session.setPermissionCheckHandler(
    (_, permission, origin) => permissions.has(permission) && isOurs(origin),
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !inner.test(url) }));
  session.on('will-download', (event, item) => {
    if (!item.getURLChain().every((url) => isOurs(url) || url.startsWith('blob:tessera:'))) {
      event.preventDefault();
    }
  });
}

/** For every page, also one that something in the program makes by mistake. */
export function lockContents(): void {
  app.on('web-contents-created', (_, contents) => lock(contents));
}

function lock(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => {
    if (!isOurs(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isOurs(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
