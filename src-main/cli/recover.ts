import { Command } from 'commander';
import type { CallInput } from '../../src-shared/api.ts';
import {
  addCommonOptions,
  addDeviceOptions,
  addModelOptions,
  type CommonOptions,
  collect,
  number,
} from './options.ts';
import { formatDuration, formatNumber } from './reporter.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

interface RecoverOptions
  extends CommonOptions,
    Omit<CallInput<'recoverLocations'>, 'priors' | 'concepts'> {
  readonly prior: string[];
  readonly concept?: string[];
}

const help = `
A small network learns from harvested layouts where the things of a prompt stand, and then proposes places for prompts
that were never harvested. All of them must place the same number of things.

Example:
  tessera harvest --model sd15 --prompt "a cat and a backpack" --objects cat,backpack --samples 16 --out one.json
  tessera harvest --model sd15 --prompt "a dog and a chair" --objects dog,chair --samples 16 --out two.json
  tessera recover --model sd15 --prior one.json --prior two.json --out places.safetensors
  tessera compose --model sd15 --prompt "a fox and a table" --objects fox,table --layout places.safetensors --out fox.png`;

export function recoverCommand(): Command {
  const command = new Command('recover').description(
    'learn from harvested layouts to place the things of new prompts',
  );
  addModelOptions(command)
    .requiredOption(
      '--prior <file>',
      'a file that harvest wrote; may be given several times',
      collect,
    )
    .option('--concept <file>', 'a concept that they name; may be given several times', collect)
    .requiredOption('--out <file>', 'the network, a .safetensors file')
    .option('--steps <n>', 'optimiser steps (default: 500)', number)
    .option('--learning-rate <rate>', 'of AdamW (default: 0.001)', number)
    .option('--seed <n>', 'the same seed gives the same network (default: 0)', number);
  addDeviceOptions(command);
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((options: RecoverOptions, command: Command) =>
      runCommand(command, (session) => recover(options, session)),
    );
}

async function recover(
  { json: _, prior, concept, ...rest }: RecoverOptions,
  { studio, reporter, options }: Session,
): Promise<number> {
  const output = await studio.call(
    'recoverLocations',
    { ...rest, priors: prior, concepts: concept ?? [] },
    options,
  );
  const { recovery, objects, examples, loss, seconds } = output;
  reporter.result(output, [
    `${recovery}: places ${objects} things, learned from ${examples} pictures, loss ${formatNumber(loss)}, ${formatDuration(seconds)}`,
  ]);
  return exitCodes.ok;
}
