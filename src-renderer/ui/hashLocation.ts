import { useSyncExternalStore } from 'react';
import type { BaseLocationHook } from 'wouter';

/**
 * The address of a screen lives behind the page's "#", its query too: "#/compose?versions=a". (The hook that comes with
 * wouter puts the query before the "#", where it stays when another screen is opened.)
 */

const subscribe = (listener: () => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};

function address(): string {
  return `/${window.location.hash.replace(/^#?\/?/, '')}`;
}

const path = () => address().split('?')[0] ?? '/';
const search = () => address().split('?').slice(1).join('?');

function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const before = window.location.href;
  const url = `#${to}`;
  if (replace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  window.dispatchEvent(
    new HashChangeEvent('hashchange', { oldURL: before, newURL: window.location.href }),
  );
}

export const useHashPath: BaseLocationHook & { hrefs: (href: string) => string } = Object.assign(
  (): ReturnType<BaseLocationHook> => [useSyncExternalStore(subscribe, path), navigate],
  { hrefs: (href: string) => `#${href}` },
);

/** Without the question mark. */
export function useHashSearch(): string {
  return useSyncExternalStore(subscribe, search);
}
