import * as ort from 'onnxruntime-node';
import type { DeviceName, DeviceReport } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { emitModel } from '../onnx/emit.ts';
import { createGraph } from '../tensor/graph.ts';
import { input } from '../tensor/ops/input.ts';
import { matmul } from '../tensor/ops/matmul.ts';

/** Version of ONNX Runtime and the execution providers that its package has for this system. */
export function describeRuntime() {
  const devices = ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
  return { runtime: `ONNX Runtime ${ort.env.versions.node}`, devices };
}

/** Devices that 'auto' tries, fastest first. */
const preference = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'] as const;

export interface SelectedDevice {
  readonly device: DeviceName;
  /** In the order in which they are tried for each operator: what a device lacks, the processor computes. */
  readonly executionProviders: readonly string[];
  /** Why faster devices were passed over, a sentence each. */
  readonly reasons: readonly string[];
}

/**
 * Chooses where to compute. 'auto' takes the first device that proves to work and tells why others do not.
 *
 * @throws InputError when a device was asked for by name and does not work: nobody should wait hours for a fallback
 */
export async function selectDevice(wanted: DeviceName): Promise<SelectedDevice> {
  if (wanted !== 'auto') return requireDevice(wanted);
  const known = new Set(describeRuntime().devices.map(({ name }) => name));
  const reasons: string[] = [];
  for (const device of preference.filter((name) => known.has(name))) {
    const { works, reason } = await probeDevice(device);
    if (works) return { device, executionProviders: providersOf(device), reasons };
    reasons.push(`${device} is passed over: ${reason}`);
  }
  throw new Error(`no device works: ${reasons.join('; ')}`);
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

/** Multiplies a small matrix on a device, without help by the processor, and looks at the result. */
export async function probeDevice(device: DeviceName): Promise<DeviceReport> {
  const backend = describeRuntime().devices.find(({ name }) => name === device);
  if (!backend) {
    const reason = 'ONNX Runtime has it for other systems only';
    return { name: device, bundled: false, works: false, reason };
  }
  const failure = await failureOf(device);
  if (failure === undefined) return { name: device, bundled: backend.bundled, works: true };
  const cause = backend.bundled ? '' : 'its libraries are not part of the package: ';
  return { name: device, bundled: backend.bundled, works: false, reason: cause + failure };
}

async function failureOf(device: DeviceName): Promise<string | undefined> {
  try {
    const product = await multiplyOn(device);
    const expected = [7, 10, 15, 22];
    if (expected.every((value, index) => product[index] === value)) return undefined;
    return `it multiplies wrongly: [1 2; 3 4] squared came out as ${product.join(', ')}`;
  } catch (error) {
    return lastSentence(error instanceof Error ? error.message : String(error));
  }
}

async function multiplyOn(device: DeviceName): Promise<number[]> {
  const matrix = input('matrix', [2, 2]);
  const { bytes } = emitModel(createGraph({ product: matmul(matrix, matrix) }));
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [device],
    logSeverityLevel: 4,
    extra: device === 'cpu' ? {} : { session: { disable_cpu_ep_fallback: '1' } },
  });
  try {
    const matrixData = new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]);
    const { product } = await session.run({ matrix: matrixData });
    return Array.from(product.data, Number);
  } finally {
    await session.release();
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
