/** Focuses a sheet that opens, and not its first button: that would show the button's tooltip. */
export function focusSheet(event: Event): void {
  event.preventDefault();
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
}
