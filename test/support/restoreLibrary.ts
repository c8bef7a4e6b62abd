/**
 * Restores two backups in turn until it is killed; says when each turn begins.
 *
 *   node restoreLibrary.ts <folder> <hash of one backup in the library> <hash of another>
 */
import { openLibrary } from '../../src-main/library/library.ts';
import { blobHash } from '../../src-shared/ids.ts';

const [folder, ...hashes] = process.argv.slice(2);
const library = openLibrary(folder);
for (let turn = 0; ; turn++) {
  process.stdout.write(`${turn}\n`);
  await library.restore(blobHash.parse(hashes[turn % 2]));
}
