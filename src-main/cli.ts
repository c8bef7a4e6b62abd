#!/usr/bin/env node
/** The command-line shell. */
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { codeOf } from '../src-shared/caught.ts';
import { composeCommand } from './cli/compose.ts';
import { demoCommand } from './cli/demo.ts';
import { devicesCommand } from './cli/devices.ts';
import { exportCommand } from './cli/export.ts';
import { harvestCommand } from './cli/harvest.ts';
import { importCommand } from './cli/import.ts';
import { inspectCommand } from './cli/inspect.ts';
import { makeRandomCommand } from './cli/makeRandom.ts';
import { recoverCommand } from './cli/recover.ts';
import { createReporter } from './cli/reporter.ts';
import { exitCodes, reportError } from './cli/run.ts';
import { serveCommand } from './cli/serve.ts';
import { trainCommand } from './cli/train.ts';
import { verifyCommand } from './cli/verify.ts';

const help = `
See it work, with the small model that comes with the program:
  tessera demo
Then take a checkpoint of Stable Diffusion 1.x or 2.x and a folder of photos:
  tessera train --model MODEL --photos FOLDER --class cat --token "<my-cat>" --out my-cat.safetensors --compare

"tessera help train" and the like explain each command. TESSERA_DEBUG=1 shows where an error comes from.`;

const program = new Command('tessera')
  .description(
    'Personal concepts for Stable Diffusion, composed: compositional inversion, offline.',
  )
  .version(packageJson.version)
  .addHelpText('after', help);

for (const command of [
  serveCommand(),
  demoCommand(),
  trainCommand(),
  composeCommand(),
  importCommand(),
  exportCommand(),
  harvestCommand(),
  recoverCommand(),
  verifyCommand(),
  inspectCommand(),
  devicesCommand(),
  makeRandomCommand(),
]) {
  program.addCommand(command);
}

for (const command of [program, ...program.commands]) {
  command.exitOverride().configureOutput({ outputError: () => {} });
}

let unwritable = false;
process.stdout.on('error', tellUnwritable);
process.stderr.on('error', () => {});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = endOf(error);
}

/** A reader that has seen enough, such as head, and a terminal that was closed are no fault; a full disk is one. */
function tellUnwritable(error: Error): void {
  const code = codeOf(error);
  if (code === 'EPIPE' || code === 'EIO' || unwritable) return;
  unwritable = true;
  console.error(`tessera: the output cannot be written (${code ?? error.message})`);
  process.once('exit', (exitCode) => {
    process.exitCode = exitCode || exitCodes.failure;
  });
}

/** Commander ends by throwing: after help and version, and where the command line makes no sense. */
function endOf(error: unknown): number {
  const reporter = createReporter(process.argv.includes('--json'));
  if (!(error instanceof CommanderError)) return reportError(error, reporter);
  if (error.exitCode === 0) return exitCodes.ok;
  if (!error.code.startsWith('commander.help')) {
    reporter.error('input', error.message.replace(/^error: /, ''));
  }
  return exitCodes.badInput;
}
