import { Command } from 'commander';
import type { CallInput } from '../../src-shared/api.ts';
import { addCommonOptions, type CommonOptions, number } from './options.ts';
import { formatDuration } from './reporter.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

type Options = CommonOptions & Omit<CallInput<'makeRandom'>, 'out'>;

const help = `
Time and memory of a checkpoint do not depend on the values of its weights: one of random weights tells what a machine
can do before gigabytes are downloaded. Its pictures are noise.

Examples:
  tessera make-random /data/random-sd15
  tessera make-random --family sd21 --half --seed 7 /data/random-sd21

Exit codes: 0 done, 2 the folder is not empty or cannot be written to.`;

export function makeRandomCommand(): Command {
  const command = new Command('make-random')
    .description('write a checkpoint of random weights, to measure with')
    .argument('<folder>', 'a folder that is empty or does not exist')
    .option('--family <name>', 'sd15, sd21 or toybox (default: sd15)')
    .option('--half', 'weights in half precision')
    .option('--seed <n>', 'the same seed gives the same bytes (default: 0)', number);
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((out: string, options: Options, command: Command) =>
      runCommand(command, (session) => makeRandom(out, options, session)),
    );
}

async function makeRandom(
  out: string,
  { json: _, ...options }: Options,
  { studio, reporter, options: jobOptions }: Session,
): Promise<number> {
  const output = await studio.call('makeRandom', { ...options, out }, jobOptions);
  const millions = Math.round(output.parameters / 1e6);
  const line = `${output.folder}: ${millions} million parameters in ${formatDuration(output.seconds)}`;
  reporter.result(output, [line]);
  return exitCodes.ok;
}
