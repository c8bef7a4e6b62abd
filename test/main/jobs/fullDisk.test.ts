import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawPhotos } from '../../support/drawPhotos.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { openJobStudio, smallTraining } from './jobStudio.ts';

const { path } = temporaryFolder();
const script = join(import.meta.dirname, 'fullDisk.ts');

/** Runs a command that sees a small, empty file system at the folder, where the system lets a user make one. */
function onSmallDisk(folder: string, command: string) {
  mkdirSync(folder, { recursive: true });
  const mounting = `mount -t tmpfs -o size=12m none "${folder}" && ${command}`;
  return spawnSync('unshare', ['-rm', 'sh', '-c', mounting], { encoding: 'utf8' });
}

const canMount = onSmallDisk(path('trial'), 'true').status === 0;

test.skipIf(!canMount)(
  'a disk that fills up fails the job with what to do; with room again it ends with the same bytes',
  async () => {
    await drawPhotos(path('photos'), 2);
    const command = `"${process.execPath}" "${script}" "${path('disk')}" "${path('photos')}"`;
    const { status, stdout, stderr } = onSmallDisk(path('disk'), command);
    expect(status, stderr).toBe(0);
    const { told, resumed, ended, file } = JSON.parse(stdout);
    expect(told).toMatchObject({ state: 'failed' });
    expect(told.error.message).toMatch(/disk.* is full/i);
    expect(told.error.advice).toMatch(/Make room.*Resume/);
    expect(resumed).toMatchObject({ state: 'queued' });
    expect(ended).toMatchObject({ state: 'done' });

    const calm = await openJobStudio(path('calm'));
    const settings = { steps: 30, seed: 11, checkpointEvery: 1 };
    const request = await smallTraining(calm.library, path('photos'), { settings });
    const { jobId, conceptId } = await calm.jobs.startTraining(request, {});
    await calm.until(jobId, 'done', 'failed');
    expect(file).toBe(calm.library.concepts.detail(conceptId).versionList[0].file);
    await calm.close();
  },
  180_000,
);
