import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { InputError } from '../../src-shared/inputError.ts';

/** The first bytes of a SQLite database, https://www.sqlite.org/fileformat2.html section 1.3. */

const headerBytes = 100;
const magic = 'SQLite format 3\0';
/** "TESS" */
export const applicationId = 0x54455353;

/**
 * Looks at a library's database without opening it: SQLite would make files beside it.
 *
 * @throws InputError where it is damaged, is not a library, or was written by a newer version
 */
export function checkHeader(path: string, newest: number): void {
  const { header, size } = readHeader(path);
  if (size === 0) return; // none yet, or one that was being made
  if (header.length < headerBytes || header.toString('latin1', 0, magic.length) !== magic) {
    throw damaged(path, 'it does not begin as a database does');
  }
  const version = header.readUInt32BE(60);
  if (version === 0 && header.readUInt32BE(68) === 0) return; // made, but not filled
  if (header.readUInt32BE(68) !== applicationId) {
    throw new InputError(`${path} is a database of another program; choose another folder`);
  }
  if (version > newest) {
    throw new InputError(
      `${path} was written by a newer version of Tessera (its format is ${version}, this program knows up to ${newest}). Nothing was changed; install the newer version, or choose another folder with TESSERA_LIBRARY`,
    );
  }
  checkSize(path, header, size);
}

/** Pages that are not in the log must be in the file. */
function checkSize(path: string, header: Buffer, size: number): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log && log.size > 0) return;
  const pageSize = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16);
  const pages = header.readUInt32BE(28);
  if (size < pageSize * pages) {
    throw damaged(path, `it has ${size} bytes of ${pageSize * pages}`);
  }
}

function readHeader(path: string): { header: Buffer; size: number } {
  if (!statSync(path, { throwIfNoEntry: false })) return { header: Buffer.alloc(0), size: 0 };
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(headerBytes);
    const read = readSync(file, buffer, 0, headerBytes, 0);
    return { header: buffer.subarray(0, read), size: fstatSync(file).size };
  } finally {
    closeSync(file);
  }
}

export function damaged(path: string, reason: string): InputError {
  return new InputError(
    `The library's database ${path} is damaged: ${reason}. Nothing was changed; rename its folder, start again and restore a backup`,
  );
}
