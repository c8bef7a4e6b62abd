import {
  type DeviceName,
  type DeviceReport,
  deviceNames,
  type Precision,
} from '../../../src-shared/api.ts';
import { messageOf } from '../../../src-shared/caught.ts';
import { fastestDevice, isFasterInHalf } from '../../../src-shared/fastestDevice.ts';
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
  /** Which graphs are computed in half precision: none, those for which it suffices, or all that allow it. */
  readonly halfPrecision: 'never' | 'where it suffices' | 'asked';
  /** Why other devices were passed over, a sentence each. */
  readonly reasons: readonly string[];
}

/**
 * Chooses where to compute, and in what. 'auto' takes the device that proves to be the fastest and tells why not the
 * others; half precision is for predictions where a device other than the processor is faster in it.
 *
 * @throws InputError when a device or a precision was asked for by name and does not work: nobody should wait hours for a
 *   fallback
 */
export async function selectDevice(
  wanted: DeviceName,
  precision: Precision,
): Promise<SelectedDevice> {
  const { device, report, reasons } = await remembered(`${wanted} ${precision}`, () =>
    wanted === 'auto' ? selectFastest(precision) : requireDevice(wanted, precision),
  );
  const executionProviders = device === 'cpu' ? ['cpu'] : [device, 'cpu'];
  return {
    ...{ device, executionProviders, reasons },
    halfPrecision: await halfPrecisionOf(report, device, precision),
  };
}

async function halfPrecisionOf(
  report: DeviceReport,
  device: DeviceName,
  precision: Precision,
): Promise<SelectedDevice['halfPrecision']> {
  if (precision === 'float32') return 'never';
  if (precision === 'auto') return isFasterInHalf(report) ? 'where it suffices' : 'never';
  if (device === 'cpu' || report.halfGigaflops !== undefined) return 'asked';
  throw new InputError(
    `device "${device}" cannot be used in half precision: ${await whyNotInHalf(device)}. Use --precision float32`,
  );
}

interface Choice {
  readonly device: DeviceName;
  readonly report: DeviceReport;
  readonly reasons: readonly string[];
}

/** Tried out once for the time of the process. */
const choices = new Map<string, Promise<Choice>>();

function remembered(name: string, choose: () => Promise<Choice>): Promise<Choice> {
  const choice = choices.get(name) ?? choose();
  choices.set(name, choice);
  // a failure is not remembered
  choice.catch(() => choices.delete(name));
  return choice;
}

async function selectFastest(precision: Precision): Promise<Choice> {
  const known = describeRuntime().devices.map(({ name }) => name);
  const reports: DeviceReport[] = [];
  for (const device of deviceNames.filter((name) => known.includes(name))) {
    reports.push(await probeDevice(device, precision));
  }
  const report = fastestDevice(reports);
  const reasons = reports.filter((other) => other !== report).map(whyPassedOver);
  if (!report) throw new Error(`no device works: ${reasons.join('; ')}`);
  return { device: deviceNames.find((name) => name === report.name)!, report, reasons };
}

function whyPassedOver({ name, reason, gigaflops }: DeviceReport): string {
  return `${name} is passed over: ${reason ?? `it is slower, with ${gigaflops} GFLOP/s`}`;
}

async function requireDevice(device: DeviceName, precision: Precision): Promise<Choice> {
  // the processor needs no proof, which would cost every command a session
  const report =
    device === 'cpu'
      ? { name: 'cpu', bundled: true, works: true }
      : await probeDevice(device, precision);
  if (report.works) return { device, report, reasons: [] };
  throw new InputError(
    `device "${device}" cannot be used: ${report.reason}. Use --device cpu, or --device auto for the fastest that works`,
  );
}

async function whyNotInHalf(device: DeviceName): Promise<string> {
  try {
    await measureDevice(device, 'float16');
    return 'it failed at first, try again';
  } catch (error) {
    return failureOf(error);
  }
}

/**
 * Whether a device works, without help by the processor, and how fast.
 *
 * @param precision 'float32' leaves half precision untried, which may be what a driver fails in
 */
export async function probeDevice(
  device: DeviceName,
  precision: Precision = 'auto',
): Promise<DeviceReport> {
  const backend = describeRuntime().devices.find(({ name }) => name === device);
  if (!backend) {
    const reason = 'ONNX Runtime has it for other systems only';
    return { name: device, bundled: false, works: false, reason };
  }
  const { bundled } = backend;
  try {
    const gigaflops = rounded(await measureDevice(device, 'float32'));
    const half = precision === 'float32' || device === 'cpu' ? {} : await halfSpeed(device);
    return { name: device, bundled, works: true, gigaflops, ...half };
  } catch (error) {
    const cause = bundled ? '' : 'its libraries are not part of the package: ';
    return { name: device, bundled, works: false, reason: cause + failureOf(error) };
  }
}

/** Not for the processor: it has no arithmetic in half precision that ONNX Runtime would use. */
async function halfSpeed(device: DeviceName): Promise<Pick<DeviceReport, 'halfGigaflops'>> {
  try {
    return { halfGigaflops: rounded(await measureDevice(device, 'float16')) };
  } catch {
    return {};
  }
}

function rounded(speed: number): number {
  return Number(speed.toPrecision(2));
}

function failureOf(error: unknown): string {
  return lastSentence(messageOf(error));
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
