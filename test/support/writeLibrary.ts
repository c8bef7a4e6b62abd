/**
 * Writes into a library until it is killed, and says after each step what must be there from then on: a line with JSON.
 *
 *   node writeLibrary.ts <folder> <seed>
 */
import { openLibrary } from '../../src-main/library/library.ts';
import { seededRandom } from './seededRandom.ts';
import { compositionNamed, createConcept, putText, versionNamed } from './testLibrary.ts';

const [folder, seed] = process.argv.slice(2);
const library = openLibrary(folder);
const random = seededRandom(Number(seed));
const say = (fact: object) => process.stdout.write(`${JSON.stringify(fact)}\n`);

const job = library.jobs.add({ kind: 'train', title: 'T', device: 'cpu', request: {} });
say({ job: job.id });
for (let turn = 0; ; turn++) {
  const tag = `${seed}-${turn}`;
  const { id } = createConcept(library, tag);
  const version = library.concepts.addVersion(id, await versionNamed(library, tag));
  say({ concept: id, version: version.id });
  say({ composition: library.compositions.keep(await compositionNamed(library, tag)).id });
  for (let step = 1; step <= 5; step++) {
    library.jobs.recordSteps(job.id, 'plain', [{ step: turn * 5 + step, figures: { loss: 1 } }]);
  }
  say({ steps: turn * 5 + 5 });
  await putText(library, `upload ${tag}`);
  if (random() < 0.3) await library.collectGarbage({ minimumAge: 0 });
  if (random() < 0.2) await library.backUp();
}
