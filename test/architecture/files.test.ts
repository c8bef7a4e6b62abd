import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles } from '../support/sourceFiles.ts';

const all = sourceFiles('src-main', 'src-shared', 'src-renderer', 'test', 'bench', 'tools');

function pathsWhere(predicate: (path: string, text: string) => boolean): string[] {
  return all.filter(({ path, text }) => predicate(path, text)).map(({ path }) => path);
}

test('no file gathers the exports of its folder', () => {
  expect(pathsWhere((path) => /^index\.\w+$/.test(basename(path)))).toEqual([]);
});

test('file names are in camelCase, of React components in PascalCase', () => {
  const wellNamed = (path: string) => {
    const name = basename(path).replace(/(\.test|\.d)?\.[cm]?tsx?$/, '');
    return /^[a-z][a-zA-Z0-9]*$/.test(name) || (/\.tsx$/.test(path) && /^[A-Z]\w*$/.test(name));
  };
  expect(pathsWhere((path) => !wellNamed(path))).toEqual([]);
});

test('folder names are in camelCase below the top level', () => {
  const wellNamed = (path: string) =>
    dirname(path)
      .split('/')
      .slice(1)
      .every((name) => /^[a-z][a-zA-Z0-9]*$/.test(name));
  expect(pathsWhere((path) => !wellNamed(path))).toEqual([]);
});

test('no source names a place on one machine', () => {
  const place = /['"`\s(](\/(?:work|home|root|Users|mnt)\/\w|[A-Z]:\\\\Users)/;
  expect(pathsWhere((_, text) => place.test(text))).toEqual([]);
});
