import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cliProgram, runCli } from '../../support/runCli.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { send } from './httpClient.ts';

/** `tessera serve` as its owner sees it. */

const { path } = temporaryFolder();
// such a path is nothing special
const library = path('library of "Ünal" & 日本');
const serveOptions = ['serve', '--no-open', '--json', '--library', library, '--port', '0'];

let child: ChildProcess;
let lines: AsyncIterator<string>;
let reader: Interface;

beforeEach(() => {
  child = spawn(process.execPath, [cliProgram, ...serveOptions], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  reader = createInterface(child.stdout!);
  lines = reader[Symbol.asyncIterator]();
});

afterEach(() => child.kill('SIGKILL'));

/** The next link that is printed. */
async function printedLink(): Promise<URL> {
  const { value } = await lines.next();
  return new URL(JSON.parse(value).link);
}

/** @returns whether the browser is let in */
async function open({ port, pathname, search }: URL): Promise<boolean> {
  const { headers } = await send(Number(port), pathname + search);
  return headers['set-cookie'] !== undefined;
}

async function end(...signals: NodeJS.Signals[]): Promise<unknown> {
  const ended = once(child, 'exit');
  for (const signal of signals) child.kill(signal);
  const [code] = await ended;
  return { code, closed: !existsSync(`${library}/holder.json`) };
}

describe('a link', () => {
  test('that is opened again has another one printed, once', async () => {
    const first = await printedLink();
    expect(await open(first)).toBe(true);
    expect(await open(first)).toBe(false);
    const second = await printedLink();
    expect(await open(first)).toBe(false);
    expect(await open(new URL('/?key=guessed', first))).toBe(false);
    expect(await open(second)).toBe(true);
    expect(await open(second)).toBe(false);
    const third = await printedLink();
    expect(new Set([first, second, third].map(String)).size).toBe(3);
  });
});

describe('the library is closed', () => {
  test.each<[string, NodeJS.Signals[]]>([
    ['after Ctrl-C, though npm passes it on as well', ['SIGINT', 'SIGINT']],
    ['after the terminal was closed', ['SIGHUP']],
    ['after the system asked for it', ['SIGTERM']],
  ])('%s', async (_, signals) => {
    await printedLink();
    expect(await end(...signals)).toEqual({ code: 0, closed: true });
  });

  test('though nobody reads what it prints', async () => {
    const link = await printedLink();
    child.stdout!.destroy();
    expect(await open(link)).toBe(true);
    expect(await open(link)).toBe(false);
    expect((await send(Number(link.port), '/')).status).toBe(200);
    expect(await end('SIGTERM')).toEqual({ code: 0, closed: true });
  });
});

describe('it refuses', () => {
  const refused = (...options: string[]) => runCli([...serveOptions, ...options]);

  test('a library that is open, naming who has it', async () => {
    await printedLink();
    const { code, stdout } = await refused();
    expect(stdout).toContain(`process ${child.pid}`);
    expect(code).toBe(2);
  });

  test.each(['--host', '--library'])(
    '%s without a value, which would mean another',
    async (name) => {
      const { code, stdout } = await refused(name, '');
      expect(JSON.parse(stdout).message).toContain('it is empty');
      expect(code).toBe(2);
    },
  );

  // where Node's own way of making folders goes round for ever
  test.skipIf(process.platform !== 'linux')('a library where none can be', async () => {
    const { code, stdout } = await refused('--library', '/proc/tessera/library');
    expect(JSON.parse(stdout).message).toMatch(/folder \/proc\/tessera\/library cannot be made/);
    expect(code).toBe(2);
  });

  test('a port that is taken, and an address of another machine', async () => {
    const { port } = await printedLink();
    const elsewhere = ['--library', path('elsewhere')];
    const taken = await refused(...elsewhere, '--port', port);
    expect(JSON.parse(taken.stdout).message).toContain('choose another with --port');
    const foreign = await refused(...elsewhere, '--host', '192.0.2.1');
    expect(JSON.parse(foreign.stdout).message).toContain('give an address of this machine');
    expect([taken.code, foreign.code]).toEqual([2, 2]);
  });

  test.each([
    ['--port', '70000'],
    ['--port', '-1'],
    ['--port', '80.5'],
    ['--port', '4780x'],
  ])('%s %s', async (...option) => {
    const { code, stdout } = await refused(...option);
    expect(JSON.parse(stdout).message).toContain('a whole number from 0 to 65535');
    expect(code).toBe(2);
  });
});
