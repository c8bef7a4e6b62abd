import { Command } from 'commander';
import type { FileInspection } from '../../src-shared/fileInspection.ts';
import { addCommonOptions, type CommonOptions } from './options.ts';
import { formatBytes } from './reporter.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

interface InspectOptions extends CommonOptions {
  readonly tensors?: boolean;
}

const help = `
Only headers are read, and of a pickle only what it says of its tensors: nothing in a file is run, so that any can be
looked at safely.

Examples:
  tessera inspect my-cat.safetensors
  tessera inspect v1-5-pruned-emaonly.safetensors --tensors

Exit codes: 0 done, 2 there is no such file or it is damaged.`;

export function inspectCommand(): Command {
  const command = new Command('inspect')
    .description('say what a file or folder is: checkpoint, concept, LoRA')
    .argument('<path>', 'file or diffusers folder')
    .option('--tensors', 'list every tensor with its type and shape');
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((path: string, options: InspectOptions, command: Command) =>
      runCommand(command, (session) => inspect(path, options, session)),
    );
}

async function inspect(
  path: string,
  { tensors = false }: InspectOptions,
  { studio, reporter, options }: Session,
): Promise<number> {
  const output = await studio.call('inspectFile', { path }, options);
  reporter.result(output, describe(output, tensors));
  return exitCodes.ok;
}

function describe(file: FileInspection, withTensors: boolean): string[] {
  const dtypes = Object.entries(file.dtypes).map(([name, count]) => `${count} ${name}`);
  const tensors = file.tensors.map(
    ({ key, dtype, shape, file: name }) =>
      `  ${key}  ${dtype} [${shape.join(', ')}]${name ? `  ${name}` : ''}`,
  );
  return [
    `${file.path}: ${file.description}`,
    ...file.details.map((detail) => `  ${detail}`),
    `  ${formatBytes(file.bytes)}, ${formatCount(file.parameters)} numbers, tensors: ${dtypes.join(', ') || 'none'}`,
    ...file.groups.map(
      (group) =>
        `  ${group.prefix}: ${group.tensors} tensors, ${formatCount(group.parameters)} numbers`,
    ),
    ...Object.entries(file.metadata).map(([key, value]) => `  ${key} = ${shorten(value)}`),
    ...(withTensors ? tensors : []),
  ];
}

function formatCount(count: number): string {
  return count.toLocaleString('en');
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
