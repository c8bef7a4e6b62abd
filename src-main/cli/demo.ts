import { Command } from 'commander';
import type { CallInput } from '../../src-shared/api.ts';
import { demo as builtIn } from '../../src-shared/demo.ts';
import { comparisonLines } from './compose.ts';
import { addCommonOptions, addDeviceOptions, type CommonOptions, number } from './options.ts';
import { exitCodes, runCommand, type Session } from './run.ts';
import { summary } from './train.ts';

type DemoOptions = CommonOptions & CallInput<'runDemo'>;

const help = `
Toybox is a small model that comes with the program; its world holds animals, toys and household things. The demo
trains a sample concept twice, plainly and with anchors, and composes it with another object from one seed: plain,
semantic, spatial, both. The folder holds the sheet (demo.png), its figures (metrics.json), the two concepts and the
layout.

Examples:
  tessera demo
  tessera demo --sample pip --object umbrella --seed 3 --out pip-demo`;

export function demoCommand(): Command {
  const command = new Command('demo')
    .description('see the whole of it in a minute or two, with the built-in model')
    .option('--sample <name>', `a folder of assets/samples (default: ${builtIn.sample})`)
    .option('--object <word>', `what to compose it with (default: ${builtIn.object})`)
    .option('--steps <n>', 'of each training (default: as many as it needs)', number)
    .option('--seed <n>', `the same seed gives the same sheet (default: ${builtIn.seed})`, number)
    .option('--out <folder>', 'where the results go (default: out/demo)');
  addDeviceOptions(command);
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((options: DemoOptions, command: Command) =>
      runCommand(command, (session) => demo(options, session)),
    );
}

async function demo(
  { json: _, ...input }: DemoOptions,
  { studio, reporter, options }: Session,
): Promise<number> {
  const output = await studio.call('runDemo', input, options);
  const { sheet, pictures, seconds } = output;
  const lines = [...summary(output), ...comparisonLines({ picture: sheet, pictures, seconds })];
  reporter.result(output, lines);
  return exitCodes.ok;
}
