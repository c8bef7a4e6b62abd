import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { describeRuntime, probeDevice } from '../runtime/devices.ts';

/** Version of the runtime and the devices that it knows. */
export async function describeDevices(): Promise<EngineAnswer<'describeRuntime'>> {
  return describeRuntime();
}

/** Whether a device works. A driver may take the process down: ask in a process of its own. */
export async function probe({
  device,
}: EngineParams<'probeDevice'>): Promise<EngineAnswer<'probeDevice'>> {
  return probeDevice(device);
}
