import { useSyncExternalStore } from 'react';

/** How large text is, for what is laid out or drawn in pixels: the style sheet enlarges it on very wide windows. */

/** Pixels of the root's text where nothing enlarges it. */
const usualPixels = 16;
let known: number | undefined;

/** 1 at the usual size, 1.375 on a window of 4K. */
export function textScale(): number {
  known ??= measured();
  return known;
}

/** The same for components: they are drawn again when it changes. */
export function useTextScale(): number {
  return useSyncExternalStore(subscribe, textScale);
}

function measured(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / usualPixels;
}

function subscribe(listener: () => void): () => void {
  const look = () => {
    known = measured();
    listener();
  };
  window.addEventListener('resize', look);
  return () => window.removeEventListener('resize', look);
}
