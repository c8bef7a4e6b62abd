import { Command } from 'commander';
import type { CallInput } from '../../src-shared/api.ts';
import { addCommonOptions, addDeviceOptions, type CommonOptions, list } from './options.ts';
import { formatDuration } from './reporter.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

type VerifyOptions = CommonOptions & Omit<CallInput<'verifyModel'>, 'model' | 'golden'>;

const help = `
Each line is a case: passed, failed or unsupported, its name, its error and its tolerance. The error is
||ours - reference|| / ||reference|| unless the line says otherwise. With --precision float16 an error of 3 % passes.

Examples:
  tessera verify golden/tiny-sd1 golden/tiny-sd1-golden
  tessera verify golden/tiny-sd1 golden/tiny-sd1-golden --only text,unet,train

Exit codes: 0 all supported cases pass, 1 a case fails, 2 something given cannot be used.`;

export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('compare the engine with stored numbers of the reference implementation')
    .argument('<model>', 'diffusers folder or single-file .safetensors checkpoint')
    .argument('<golden-folder>', 'folder with index.json and the numbers of that model')
    .option('--model-config <path>', 'configuration of a single file: a diffusers folder or JSON')
    .option('--only <groups>', 'groups of cases, divided by commas', list);
  addDeviceOptions(command);
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((model: string, golden: string, options: VerifyOptions, command: Command) =>
      runCommand(command, (session) => verify({ ...options, model, golden }, session)),
    );
}

async function verify(
  { json: _, ...input }: CommonOptions & CallInput<'verifyModel'>,
  { studio, reporter, options }: Session,
): Promise<number> {
  const output = await studio.call('verifyModel', input, options);
  const { passed, failed, unsupported, seconds } = output;
  const line = `${passed} passed, ${failed} failed, ${unsupported} unsupported in ${formatDuration(seconds)}`;
  reporter.result(output, [line]);
  return failed > 0 ? exitCodes.failure : exitCodes.ok;
}
