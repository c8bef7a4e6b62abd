import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { prepareLibrary } from '../support/testSettings.ts';

const program = resolve(import.meta.dirname, '../../src-main/cli.ts');

/** A studio as a user starts it: `tessera serve`, with the real engine and a library of its own. */
export interface Studio {
  readonly origin: string;
  /** Lets one browser in. */
  readonly link: string;
  readonly library: string;
  readonly process: ChildProcess;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>;
  /** Ends it as a power cut does: engine and all. */
  kill(): Promise<void>;
}

export interface StudioOptions {
  readonly library?: string;
  readonly port?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

export async function startStudio(options: StudioOptions = {}): Promise<Studio> {
  const library = options.library ?? (await newLibrary());
  const port = options.port ?? (await freePort());
  const started = spawn(
    process.execPath,
    [program, 'serve', '--no-open', '--json', '--library', library, '--port', String(port)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      // a process group, so that a kill reaches the engine as well
      detached: true,
      env: { ...process.env, ...options.environment },
    },
  );
  process.once('exit', () => started.kill('SIGKILL'));
  const link = await readLink(started);
  const end = async (signal: NodeJS.Signals) => {
    if (started.exitCode !== null || started.signalCode !== null) return;
    const ended = once(started, 'exit');
    process.kill(signal === 'SIGKILL' ? -started.pid! : started.pid!, signal);
    await ended;
  };
  return {
    ...{ link, library, process: started, origin: new URL(link).origin },
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
  };
}

async function newLibrary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-e2e-'));
  prepareLibrary(folder);
  return folder;
}

async function readLink(started: ChildProcess): Promise<string> {
  const printed: string[] = [];
  for await (const line of createInterface(started.stdout!)) {
    printed.push(line);
    const { event, link } = JSON.parse(line);
    if (event === 'result') {
      started.stdout!.resume();
      return link;
    }
  }
  throw new Error(`tessera serve has ended: ${printed.join('\n')}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (!address || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
