import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { defaultFolder } from '../../../src-main/library/defaultFolder.ts';

const home = resolve('/people/ada');

test.each([
  ['linux', {}, join(home, '.local', 'share', 'tessera')],
  ['linux', { XDG_DATA_HOME: '/data' }, join('/data', 'tessera')],
  ['linux', { XDG_DATA_HOME: 'relative' }, join(home, '.local', 'share', 'tessera')],
  ['darwin', {}, join(home, 'Library', 'Application Support', 'Tessera')],
  ['win32', { LOCALAPPDATA: '/local' }, join('/local', 'Tessera')],
  ['win32', {}, join(home, 'AppData', 'Local', 'Tessera')],
  ['linux', { TESSERA_LIBRARY: '/elsewhere', XDG_DATA_HOME: '/data' }, resolve('/elsewhere')],
] as const)('on %s with %j it is %s', (platform, environment, expected) => {
  expect(defaultFolder({ platform, environment, home })).toBe(expected);
});

test('here it is an absolute path', () => {
  expect(defaultFolder()).toBe(resolve(defaultFolder()));
});
