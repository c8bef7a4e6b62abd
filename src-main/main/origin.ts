/** Where the window's page lives in Electron: a protocol of our own, so that no page is ever a file. */

export const scheme = 'tessera';
export const origin = `${scheme}://app`;

/** Whether a page, or a frame, is ours. A page that has no address yet is not. */
export function isOurs(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === `${scheme}:` && url.host === 'app';
}
