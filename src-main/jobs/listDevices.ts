import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import type { CallOutput, CallRequest, DeviceReport } from '../../src-shared/api.ts';
import { type DeviceName, deviceNames } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import { createEngine, type Engine, EngineStoppedError } from '../engine/host.ts';

/**
 * What the engine can compute on, each device tried out.
 *
 * @param makeEngine for the trials: a failing driver may take an engine's process down
 */
export async function listDevices(
  engine: Engine,
  _: CallRequest<'listDevices'>,
  options: JobOptions,
  makeEngine: () => Engine = createEngine,
): Promise<CallOutput<'listDevices'>> {
  const { runtime, devices } = await engine.call('describeRuntime', {}, options);
  const reports: DeviceReport[] = [];
  for (const device of devices) {
    reports.push(
      isOurs(device.name) ? await probe(device.name, options, makeEngine) : notOurs(device),
    );
  }
  return {
    devices: reports,
    threads: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memory: totalmem(),
    freeMemory: freemem(),
    runtime,
  };
}

function isOurs(name: string): name is DeviceName {
  return deviceNames.some((known) => known === name);
}

function notOurs({ name, bundled }: { name: string; bundled: boolean }): DeviceReport {
  return { name, bundled, works: false, reason: 'Tessera does not use it' };
}

async function probe(
  device: DeviceName,
  options: JobOptions,
  makeEngine: () => Engine,
): Promise<DeviceReport> {
  const engine = makeEngine();
  try {
    return await engine.call('probeDevice', { device }, options);
  } catch (error) {
    if (!(error instanceof EngineStoppedError)) throw error;
    return { name: device, bundled: true, works: false, reason: 'its driver ends the process' };
  } finally {
    await engine.close();
  }
}
