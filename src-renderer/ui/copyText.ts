/**
 * Puts text on the clipboard. Pages of other machines that come without encryption, as those of `tessera serve --host` do,
 * have no clipboard of their own: there the text is copied as a user would.
 *
 * @throws Error where the browser allows neither
 */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else if (!copySelected(text)) throw new Error('The browser does not let this page copy');
}

function copySelected(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'sr-only';
  // beside what has the focus: a sheet takes the focus back from everything outside of it
  (before?.parentElement ?? document.body).append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}
