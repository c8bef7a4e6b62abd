import type { CallOutput, DeviceName } from '../../src-shared/api.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { DeviceStatus } from '../../src-shared/modelRecord.ts';
import { deviceInWords } from '../jobs/deviceInWords.ts';
import { listDevices } from '../jobs/listDevices.ts';
import type { Handlers } from './handlers.ts';
import type { StudioContext } from './studioContext.ts';

/** What the studio can compute on. */
export const deviceHandlers: Handlers<'listDevices' | 'testDevice'> = {
  listDevices: async (studio) => ({ devices: await devicesOf(studio) }),
  testDevice: async (studio, { device }) => {
    await requireDevice(studio, device);
    return studio.jobs.testDevice({ device }, {});
  },
};

type Machine = CallOutput<'listDevices'>;

/** Tried out once per run: each device in a process of its own. */
const machines = new WeakMap<StudioContext, Promise<Machine>>();

/** What this machine is and has. */
export function machineReport(studio: StudioContext): Promise<Machine> {
  const known = machines.get(studio) ?? listDevices(studio.reader, {}, {}, studio.createEngine);
  machines.set(studio, known);
  // A failure is not remembered.
  known.catch(() => machines.delete(studio));
  return known;
}

async function devicesOf(studio: StudioContext): Promise<DeviceStatus[]> {
  const { devices } = await machineReport(studio);
  return devices.map((device) => {
    const selfTest = studio.library.devices.selfTest(device.name);
    return { ...device, ...(selfTest && { selfTest }) };
  });
}

/** @throws InputError where the device does not work, with the reason */
export async function requireDevice(studio: StudioContext, device: DeviceName): Promise<void> {
  if (device === 'auto' || device === 'cpu') return;
  const { devices } = await machineReport(studio);
  const found = devices.find(({ name }) => name === device);
  if (found?.works) return;
  const reason = found?.reason ?? 'ONNX Runtime has it for other systems only';
  throw new InputError(
    `The ${deviceInWords(device)} cannot be used: ${reason}. Choose another device; the processor always works`,
  );
}
