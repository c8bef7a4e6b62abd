import { useSyncExternalStore } from 'react';
import { themeChanged } from './theme.ts';

/** The theme's name; a component that draws with {@link themeColor} draws again when it changes. */
export function useThemeName(): string {
  return useSyncExternalStore(subscribe, () => document.documentElement.dataset.theme ?? 'light');
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(themeChanged, listener);
  return () => window.removeEventListener(themeChanged, listener);
}
