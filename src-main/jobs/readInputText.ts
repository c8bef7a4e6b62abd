import { readFile } from 'node:fs/promises';
import { refusalOf } from '../../src-shared/fileRefusal.ts';
import { InputError } from '../../src-shared/inputError.ts';

/**
 * The text of a file that the user names.
 *
 * @param kind what it should be: "a layout"
 * @throws InputError where it cannot be read
 */
export function readInputText(path: string, kind: string): Promise<string> {
  return readFile(path, 'utf8').catch((error) => {
    throw new InputError(
      `${path} cannot be read as ${kind}: ${refusalOf(error)}; name another file`,
    );
  });
}
