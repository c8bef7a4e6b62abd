import { Command } from 'commander';
import type { CallOutput, DeviceReport } from '../../src-shared/api.ts';
import { addCommonOptions, type CommonOptions } from './options.ts';
import { formatBytes } from './reporter.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

const help = `
Each device is tried out: a product that can be checked, then a piece of work like a UNet's, whose speed is shown in
GFLOP/s (10^9 multiplications and additions a second). --device takes the names; auto takes the fastest. Pictures are
made in half precision where it is faster; --precision float16 asks for it in trainings as well.`;

export function devicesCommand(): Command {
  const command = new Command('devices').description('list what this machine can compute on');
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((_: CommonOptions, command: Command) => runCommand(command, devices));
}

async function devices({ studio, reporter, options }: Session): Promise<number> {
  const output = await studio.call('listDevices', {}, options);
  reporter.result(output, describe(output));
  return exitCodes.ok;
}

function describe({
  devices,
  processor,
  threads,
  memory,
  freeMemory,
  runtime,
}: CallOutput<'listDevices'>): string[] {
  return [
    ...devices.map(describeDevice),
    `processor: ${processor}, ${threads} threads`,
    `memory: ${formatBytes(memory)}, ${formatBytes(freeMemory)} free`,
    `runtime: ${runtime}`,
  ];
}

function describeDevice({ name, works, reason, gigaflops, halfGigaflops }: DeviceReport): string {
  if (!works) return `${name}: does not work: ${reason}`;
  const half = halfGigaflops === undefined ? '' : `, ${halfGigaflops} in half precision`;
  return `${name}: works, ${gigaflops} GFLOP/s${half}`;
}
