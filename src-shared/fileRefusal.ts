import { codeOf, messageOf } from './caught.ts';

const noSpace = 'no space is left here; make room, or choose another place';
const denied = 'no permission to read or write here';
const absent = 'no such file or folder';

/** What the system answers where a file cannot be read or written, for people. */
const refusals: Readonly<Record<string, string>> = {
  ENOENT: absent,
  ENOTDIR: absent,
  EACCES: denied,
  EPERM: denied,
  EISDIR: 'this is a folder, expected a file',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'the symbolic links go in a circle',
  EROFS: 'this place is read-only',
  ENOSPC: noSpace,
  EDQUOT: noSpace,
};

/** Why a file operation failed, in our words; undefined where the user cannot mend it. */
export function knownRefusal(error: unknown): string | undefined {
  return refusals[codeOf(error) ?? ''];
}

/** Why a file operation failed: in our words where the user can mend it, else in the system's. */
export function refusalOf(error: unknown): string {
  return knownRefusal(error) ?? messageOf(error);
}
