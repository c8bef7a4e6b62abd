import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line's program. */
export const cliProgram = resolve(import.meta.dirname, '../../src-main/cli.ts');

/**
 * Starts `tessera` as a user would.
 *
 * @param detached with its engine in a process group of its own, as a shell starts what it runs
 */
export function startCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  { detached = false } = {},
): ChildProcess {
  return spawn(process.execPath, [cliProgram, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached,
  });
}

/** Runs `tessera` to its end. */
export async function runCli(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CliResult> {
  const child = startCli(args, env);
  const [stdout, stderr] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  if (!stream) throw new Error('internal: the command line has no output');
  return text(stream);
}

/** The objects that `--json` printed. @throws SyntaxError where a line is none */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Reference files that are part of the repository. */
export function committedGolden(name: string): string {
  return resolve(import.meta.dirname, '../golden', name);
}
