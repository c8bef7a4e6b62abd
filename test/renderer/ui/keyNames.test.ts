import { expect, test } from 'vitest';
import { keyNames } from '../../../src-renderer/ui/keyNames.ts';

test.each([
  ['Ctrl+Z', '⌘Z'],
  ['Ctrl+Shift+Z', '⇧⌘Z'],
  ['Ctrl+Enter', '⌘Enter'],
  ['Shift+Arrows', '⇧Arrows'],
  ['Alt', '⌥'],
  ['[ and ]', '[ and ]'],
])('%s is %s on macOS', (keys, apple) => {
  expect(keyNames(keys, true)).toBe(apple);
  expect(keyNames(keys, false)).toBe(keys);
});
