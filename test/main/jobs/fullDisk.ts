/** Trains on a disk that fills up in the middle, and tells what happened; its folder is a small file system of its own. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openJobStudio, smallTraining } from './jobStudio.ts';

const [disk, photos] = process.argv.slice(2);
const studio = await openJobStudio(join(disk, 'library'));
const { jobs, library } = studio;
const settings = { steps: 30, seed: 11, checkpointEvery: 1 };
const changes = { previewEvery: 10, settings };
const request = await smallTraining(library, photos, changes);
const { jobId, conceptId } = await jobs.startTraining(request, {});
await studio.heard((event) => event.type === 'trainingStep' && event.step === 5);
fill(join(disk, 'filler'));
await studio.heard((event) => event.type === 'job' && event.job.state === 'failed');
const told = studio.events.filter((event) => event.type === 'job').at(-1)?.job;
rmSync(join(disk, 'filler'));
const resumed = await jobs.resumeJob({ id: jobId }, {});
const ended = await studio.until(jobId, 'done', 'failed');
const [version] = library.concepts.detail(conceptId).versionList;
const first = studio.events.findLast((event) => event.type === 'trainingStep');
process.stdout.write(JSON.stringify({ told, resumed, ended, file: version?.file, first }));
await studio.close();

/** Writes until nothing more fits. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 1 << 20; size >= 1; size = size / 16) writeWhile(file, Buffer.alloc(size));
  } finally {
    closeSync(file);
  }
}

function writeWhile(file: number, bytes: Buffer): void {
  try {
    while (writeSync(file, bytes) === bytes.length);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
