import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { openLibrary } from '../../../src-main/library/library.ts';
import type { ConceptVersion } from '../../../src-shared/conceptRecord.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import type { JobAppMessage } from './jobApp.ts';
import { openJobStudio, smallTraining } from './jobStudio.ts';

const { path } = temporaryFolder();
const kills = 24;
/** More than all lives of the program before the last can reach together. */
const steps = 60;
const seed = Number(process.env.TESSERA_KILL_SEED ?? Date.now() % 1_000_000);
const random = RandomStream.create(seed, 'kills');

/** Queues the training in a library of its own. */
async function queue(name: string): Promise<{ folder: string; conceptId: string; jobId: string }> {
  const folder = path(name);
  const studio = await openJobStudio(folder, { start: false });
  const settings = { steps, seed: 11, checkpointEvery: 2 };
  const changes = { bothWays: true, previewEvery: 20, settings };
  const request = await smallTraining(studio.library, path('photos'), changes);
  const started = await studio.jobs.startTraining(request, {});
  await studio.close();
  return { folder, ...started };
}

function startApp(folder: string): ChildProcess {
  return fork(join(import.meta.dirname, 'jobApp.ts'), [folder], { execArgv: [] });
}

interface Life {
  /** How many steps it may live to see. */
  readonly steps: number;
  /** Milliseconds from then, or from its beginning, to its end. */
  readonly delay: number;
  readonly victim: 'app' | 'engine';
}

function drawLife(): Life {
  const victim = random.integer(3) === 0 ? 'engine' : 'app';
  const early = random.integer(4) === 0;
  return early
    ? { victim, steps: 0, delay: random.integer(3000) }
    : { victim, steps: 1 + random.integer(4), delay: random.integer(80) };
}

/** Lets the program live so long. @returns how many of its processes were killed */
async function live(folder: string, { steps: most, delay, victim }: Life): Promise<number> {
  const app = startApp(folder);
  const exit = once(app, 'exit');
  let seen = 0;
  let engine: number | undefined;
  await new Promise<void>((reached) => {
    app.on('message', (message: JobAppMessage) => {
      engine = message.engine ?? engine;
      if (message.kind === 'step') seen++;
      if (seen >= most) reached();
    });
    app.on('exit', () => reached());
  });
  await sleep(delay);
  const struckEngine = victim === 'engine' && engine !== undefined && kill(engine);
  // the engine's death alone must be survived too, for a while
  if (struckEngine) await sleep(random.integer(1500));
  const struckApp = app.kill('SIGKILL');
  await exit;
  return Number(struckEngine) + Number(struckApp);
}

function kill(processId: number): boolean {
  try {
    return process.kill(processId, 'SIGKILL');
  } catch {
    return false;
  }
}

function versionsIn(folder: string, conceptId: string): ConceptVersion[] {
  const library = openLibrary(folder);
  try {
    return library.concepts.detail(conceptId).versionList;
  } finally {
    library.close();
  }
}

test(`${kills} kills of program and engine at random moments (seed ${seed}) change no byte`, async () => {
  const calm = await queue('calm');
  expect(await once(startApp(calm.folder), 'exit')).toEqual([0, null]);
  const wild = await queue('wild');
  let struck = 0;
  while (struck < kills) struck += await live(wild.folder, drawLife());
  expect(await once(startApp(wild.folder), 'exit')).toEqual([0, null]);

  const [expected, found] = [calm, wild].map((each) => versionsIn(each.folder, each.conceptId));
  expect(found.map(({ variant }) => variant)).toEqual(['semantic', 'plain']);
  for (const [index, version] of found.entries()) {
    const { file, previews, drift, loss, anchors } = expected[index];
    expect(version).toMatchObject({ file, previews, drift, loss, anchors });
    expectSameHistory(version, expected[index]);
  }
  expect(readdirSync(join(wild.folder, 'trainings'))).toEqual([]);
  expect(existsSync(join(wild.folder, 'trainings', wild.jobId))).toBe(false);
}, 600_000);

/** A step whose news was under way when the program was killed may lack; no figure may differ. */
function expectSameHistory(found: ConceptVersion, expected: ConceptVersion): void {
  const [own, other] = [found, expected].map(({ history }) => history!);
  expect(other.step).toHaveLength(steps);
  expect(own.step.length).toBeGreaterThanOrEqual(steps - kills);
  for (const [name, values] of Object.entries(own.figures)) {
    if (name === 'seconds') continue; // of a clock
    expect(values).toEqual(own.step.map((step) => other.figures[name][other.step.indexOf(step)]));
  }
}
