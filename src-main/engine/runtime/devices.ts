import { type DeviceName, type DeviceReport, deviceNames } from '../../../src-shared/api.ts';
import { fastestDevice } from '../../../src-shared/fastestDevice.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { measureDevice } from './deviceProbe.ts';
import { ort } from './onnxRuntime.ts';

/** Version of ONNX Runtime and the execution providers that its package has for this system. */
export function describeRuntime() {
  const devices = ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
  return { runtime: `ONNX Runtime ${ort.env.versions.node}`, devices };
}

export interface SelectedDevice {
  readonly device: DeviceName;
  /** In the order in which they are tried for each operator: what a device lacks, the processor computes. */
  readonly executionProviders: readonly string[];
  /** Why other devices were passed over, a sentence each. */
  readonly reasons: readonly string[];
}

/**
 * Chooses where to compute. 'auto' takes the device that proves to be the fastest and tells why not the others.
 *
 * @throws InputError when a device was asked for by name and does not work: nobody should wait hours for a fallback
 */
export async function selectDevice(wanted: DeviceName): Promise<SelectedDevice> {
  if (wanted !== 'auto') return requireDevice(wanted);
  fastest ??= selectFastest();
  // a failure is not remembered
  fastest.catch(() => {
    fastest = undefined;
  });
  return fastest;
}

/** Tried out once for the time of the process. */
let fastest: Promise<SelectedDevice> | undefined;

async function selectFastest(): Promise<SelectedDevice> {
  const known = describeRuntime().devices.map(({ name }) => name);
  const reports: DeviceReport[] = [];
  for (const device of deviceNames.filter((name) => known.includes(name))) {
    reports.push(await probeDevice(device));
  }
  const found = fastestDevice(reports);
  const reasons = reports.filter((report) => report !== found).map(whyPassedOver);
  if (!found) throw new Error(`no device works: ${reasons.join('; ')}`);
  const device = deviceNames.find((name) => name === found.name)!;
  return { device, executionProviders: providersOf(device), reasons };
}

function whyPassedOver({ name, reason, gigaflops }: DeviceReport): string {
  return `${name} is passed over: ${reason ?? `it is slower, with ${gigaflops} GFLOP/s`}`;
}

async function requireDevice(device: DeviceName): Promise<SelectedDevice> {
  // the processor needs no proof, which would cost every command a session
  const { works, reason } = device === 'cpu' ? { works: true } : await probeDevice(device);
  if (works) return { device, executionProviders: providersOf(device), reasons: [] };
  throw new InputError(
    `device "${device}" cannot be used: ${reason}. Use --device cpu, or --device auto for the fastest that works`,
  );
}

function providersOf(device: DeviceName): string[] {
  return device === 'cpu' ? ['cpu'] : [device, 'cpu'];
}

/** Whether a device works, without help by the processor, and how fast. */
export async function probeDevice(device: DeviceName): Promise<DeviceReport> {
  const backend = describeRuntime().devices.find(({ name }) => name === device);
  if (!backend) {
    const reason = 'ONNX Runtime has it for other systems only';
    return { name: device, bundled: false, works: false, reason };
  }
  const { bundled } = backend;
  try {
    const gigaflops = Number((await measureDevice(device)).toPrecision(2));
    return { name: device, bundled, works: true, gigaflops };
  } catch (error) {
    const failure = lastSentence(error instanceof Error ? error.message : String(error));
    const cause = bundled ? '' : 'its libraries are not part of the package: ';
    return { name: device, bundled, works: false, reason: cause + failure };
  }
}

/** Messages of ONNX Runtime begin with the place in its source; the last sentence of the first line is for users. */
function lastSentence(message: string): string {
  const [line] = message.trim().split('\n');
  return (
    line
      .split(/\.\s+(?=\p{Lu})/u)
      .at(-1)
      ?.replace(/\.$/, '') ?? line
  );
}
