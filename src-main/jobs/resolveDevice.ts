import { type DeviceName, deviceNames } from '../../src-shared/api.ts';
import { fastestDevice } from '../../src-shared/fastestDevice.ts';
import type { Engine } from '../engine/host.ts';
import { listDevices } from './listDevices.ts';

const found = new WeakMap<Engine, Promise<DeviceName>>();

/**
 * The device that 'auto' means on this machine: jobs of one device wait for each other, so it must have its name.
 *
 * @param makeEngine for the trials of the devices
 */
export function resolveDevice(
  engine: Engine,
  wanted: DeviceName,
  makeEngine?: () => Engine,
): Promise<DeviceName> {
  if (wanted !== 'auto') return Promise.resolve(wanted);
  const known = found.get(engine) ?? findFastest(engine, makeEngine);
  found.set(engine, known);
  // what failed once may work the next time
  known.catch(() => found.delete(engine));
  return known;
}

async function findFastest(engine: Engine, makeEngine?: () => Engine): Promise<DeviceName> {
  const { devices } = await listDevices(engine, {}, {}, makeEngine);
  const fastest = fastestDevice(devices)?.name;
  return deviceNames.find((name) => name === fastest) ?? 'cpu';
}
