/** Apple's names of the keys that change others. Its programs take the command key where others take Ctrl. */
const appleKeys: Readonly<Record<string, string>> = { Ctrl: '⌘', Shift: '⇧', Alt: '⌥' };

/** The order in which they are written there. */
const appleOrder = '⌥⇧⌘';

/** Keys as the system calls them: "Ctrl+Shift+Z" is "⇧⌘Z" on macOS. */
export function keyNames(keys: string, isApple = onApple()): string {
  if (!isApple) return keys;
  const names = keys.split('+').map((key) => appleKeys[key] ?? key);
  const modifiers = [...appleOrder].filter((name) => names.includes(name));
  return [...modifiers, ...names.filter((name) => !appleOrder.includes(name))].join('');
}

function onApple(): boolean {
  return /^(Mac|iP)/.test(navigator.platform);
}
