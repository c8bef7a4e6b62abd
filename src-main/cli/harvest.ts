import { Command } from 'commander';
import type { CallInput } from '../../src-shared/api.ts';
import {
  addCommonOptions,
  addDeviceOptions,
  addModelOptions,
  addSamplingOptions,
  type CommonOptions,
  collect,
  filled,
  list,
  number,
} from './options.ts';
import { formatDuration } from './reporter.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

interface HarvestOptions extends CommonOptions, Omit<CallInput<'harvestLayouts'>, 'concepts'> {
  readonly concept?: string[];
}

const help = `
Concepts are not needed for it: their class words stand for them, and the model knows where it puts those.

Example:
  tessera harvest --model stable-diffusion-v1-5 --prompt "a cat and a backpack" --objects cat,backpack \\
    --samples 16 --out cat-and-backpack.json`;

export function harvestCommand(): Command {
  const command = new Command('harvest').description(
    'sample where the model puts the things of a prompt',
  );
  addModelOptions(command)
    .requiredOption('--prompt <text>', 'what the pictures show', filled)
    .requiredOption('--out <file>', 'the places, a .json file')
    .option(
      '--concept <file>',
      'a concept that the prompt names; may be given several times',
      collect,
    )
    .option('--objects <words>', 'things to find, divided by commas (default: guessed)', list)
    .option('--samples <n>', 'pictures (default: 4)', number);
  addSamplingOptions(command);
  addDeviceOptions(command);
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((options: HarvestOptions, command: Command) =>
      runCommand(command, (session) => harvest(options, session)),
    );
}

async function harvest(
  { json: _, concept, ...rest }: HarvestOptions,
  { studio, reporter, options }: Session,
): Promise<number> {
  const input = { ...rest, concepts: concept ?? [] };
  const output = await studio.call('harvestLayouts', input, options);
  const { prior, objects, samples, seconds } = output;
  const names = objects.join(', ');
  reporter.result(output, [
    `${prior}: ${names} in ${samples} pictures, ${formatDuration(seconds)}`,
  ]);
  return exitCodes.ok;
}
