import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { drawPhotos } from '../support/drawPhotos.ts';
import { cliProgram, committedGolden, startCli } from '../support/runCli.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const { path, files } = temporaryFolder();

beforeAll(() => drawPhotos(path('photos'), 3));

/** A training that goes on until it is stopped, and writes a checkpoint only then. Resolves once it trains. */
async function startTraining(name: string): Promise<ChildProcess> {
  const model = ['--model', committedGolden('tiny-sd1'), '--threads', '1', '--size', '64'];
  const concept = ['--photos', path('photos'), '--class', 'cat', '--token', '<my-cat>'];
  const steps = ['--steps', '1000000', '--checkpoint-every', '1000000'];
  const args = ['train', ...model, ...concept, ...steps, '--out', path(`${name}.safetensors`)];
  const child = startCli([...args, '--json'], {}, { detached: true });
  for await (const line of createInterface(child.stdout!)) {
    const { phase, step } = JSON.parse(line);
    if (phase === 'training' && step >= 2) break;
  }
  child.stdout!.resume();
  return child;
}

/** The engine's process. */
function engineOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

/** Where nobody collects a process that has ended, it stays as a zombie. */
function isAlive(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, 'utf8'));
}

describe('a training stops with a checkpoint', () => {
  test.each<[string, string, (child: ChildProcess) => void]>([
    ['the system asks all its processes to end', 'SIGTERM', ({ pid }) => signal(pid, 'SIGTERM')],
    ['its terminal is closed', 'SIGHUP', ({ pid }) => signal(pid, 'SIGHUP')],
    ['nobody reads its output any longer', 'EPIPE', (child) => child.stdout!.destroy()],
    [
      'Ctrl-C comes from the terminal and from npm',
      'SIGINT',
      (child) => {
        signal(child.pid, 'SIGINT');
        setTimeout(() => child.kill('SIGINT'), 20);
      },
    ],
  ])('when %s', async (_, name, end) => {
    const child = await startTraining(name);
    end(child);
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(files().filter((file) => file.startsWith(name))).toEqual([
      `${name}.training.safetensors`,
    ]);
  });
}, 180_000);

/** To the process and its engine, as a terminal sends it. */
function signal(pid: number | undefined, name: NodeJS.Signals): void {
  process.kill(-pid!, name);
}

test('a second Ctrl-C ends at once, and the engine with it', async () => {
  const child = await startTraining('twice');
  const engine = engineOf(child);
  process.kill(engine, 'SIGSTOP'); // as in the middle of a long step
  child.kill('SIGINT');
  await wait(700);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
  await vi.waitFor(() => expect(isAlive(engine)).toBe(false));
}, 180_000);

test('a checkpoint that is stopped at once leaves nothing in the way of the next attempt', async () => {
  const child = startCli(['make-random', '--family', 'toybox', '--json', path('made/random')]);
  for await (const line of createInterface(child.stdout!)) {
    if (JSON.parse(line).step === 1) break;
  }
  child.stdout!.resume();
  process.kill(engineOf(child), 'SIGSTOP'); // as in the middle of a large file
  expect(existsSync(path('made/random'))).toBe(true);
  child.kill('SIGINT');
  await wait(700);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
  expect(existsSync(path('made'))).toBe(false);
}, 180_000);

test('a demo that is stopped leaves nothing, for it cannot be resumed', async () => {
  const options = ['--threads', '1', '--steps', '1000000', '--json'];
  const child = startCli(['demo', ...options, '--out', path('demo')]);
  const told: string[] = [];
  for await (const line of createInterface(child.stdout!)) {
    told.push(line);
    const { phase, step } = JSON.parse(line);
    if (phase === 'training (plain)' && step === 2) child.kill('SIGINT');
  }
  expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(130);
  expect(told.join('\n')).not.toContain('--resume');
  expect(existsSync(path('demo'))).toBe(false);
}, 180_000);

test('output that does not fit the disk is said to be lost', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [cliProgram, 'help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  expect(stderr).toBe('tessera: the output cannot be written (ENOSPC)\n');
  expect(status).toBe(1);
});

test('a reader of the first lines alone is no fault', async () => {
  const child = startCli(['inspect', committedGolden('tiny-sd1'), '--tensors']);
  child.stdout!.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
