import type { DeviceName } from '../../src-shared/api.ts';
import type { DeviceStatus } from '../../src-shared/modelRecord.ts';
import { formatNumber, formatWhen } from '../ui/format.ts';

/** Devices in words. */

const names: Readonly<Record<DeviceName, string>> = {
  auto: 'Automatic',
  cpu: 'Processor',
  webgpu: 'Graphics card (WebGPU)',
  cuda: 'NVIDIA graphics card (CUDA)',
  dml: 'Graphics card (DirectML)',
  coreml: 'Apple device (Core ML)',
};

export function deviceTitle(name: DeviceName): string {
  return names[name];
}

/** Whether it works, in a sentence. */
export function deviceStanding(device: DeviceStatus): string {
  const { works, bundled, reason, gigaflops, halfGigaflops } = device;
  const half = halfGigaflops && `, ${formatNumber(halfGigaflops, 2)} in half precision`;
  if (works && gigaflops) {
    return `Works on this machine: ${formatNumber(gigaflops, 2)} GFLOP/s${half ?? ''}.`;
  }
  if (works) return 'Works on this machine.';
  if (!bundled) return 'Not available on this system: ONNX Runtime does not bring it.';
  return reason ?? 'Does not work on this machine.';
}

type SelfTest = NonNullable<DeviceStatus['selfTest']>;

/** What the last self-test found, in a sentence. */
export function testResult({ passed, error, stepsPerSecond, detail, at }: SelfTest): string {
  const parts = [
    stepsPerSecond === undefined ? '' : `${formatNumber(stepsPerSecond)} steps per second`,
    error === undefined ? '' : `largest relative error ${formatNumber(error, 2)}`,
    detail ?? '',
  ].filter(Boolean);
  const outcome = passed ? 'Passed' : 'Failed';
  return `${outcome} ${formatWhen(at)}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}
