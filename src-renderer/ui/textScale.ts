import { useSyncExternalStore } from 'react';

/** How large text is, for what is laid out or drawn in pixels: the style sheet enlarges it on very wide windows. */

/** Pixels of the root's text where nothing enlarges it. */
const usualPixels = 16;

/** 1 at the usual size, 1.375 on a window of 4K. */
export function textScale(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / usualPixels;
}

/** The same for components: they are drawn again when it changes. */
export function useTextScale(): number {
  return useSyncExternalStore(subscribe, textScale);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('resize', listener);
  return () => window.removeEventListener('resize', listener);
}
