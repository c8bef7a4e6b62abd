import type { StudioSettings } from '../../src-shared/settings.ts';

/** Light or dark: an attribute of the document's root that the style sheet reads. */

export type ThemeChoice = StudioSettings['theme'];

const storageKey = 'tessera.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
let choice: ThemeChoice = rememberedChoice();

/** Shows a theme from now on; 'system' follows the system as it changes. */
export function applyTheme(next: ThemeChoice): void {
  choice = next;
  localStorage.setItem(storageKey, next);
  paint();
}

/** Before the settings have arrived: what was shown last, so that a window does not open in the wrong colours. */
export function startTheme(): void {
  dark.addEventListener('change', paint);
  paint();
}

function paint(): void {
  const theme = choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice;
  if (document.documentElement.dataset.theme === theme) return;
  document.documentElement.dataset.theme = theme;
  window.dispatchEvent(new Event(themeChanged));
}

/** Told to the window after the colours have changed: canvases are drawn anew. */
export const themeChanged = 'tessera:theme';

/** The value of a colour such as "accent" now, for canvases. */
export function themeColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--color-${name}`).trim();
}

function rememberedChoice(): ThemeChoice {
  const stored = localStorage.getItem(storageKey);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}
