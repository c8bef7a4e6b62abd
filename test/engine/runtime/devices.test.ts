import { expect, test } from 'vitest';
import {
  describeRuntime,
  probeDevice,
  selectDevice,
} from '../../../src-main/engine/runtime/devices.ts';
import { fastestDevice } from '../../../src-shared/fastestDevice.ts';

test('the fastest is the one with the highest measured speed, wherever it stands', () => {
  const slowCard = { name: 'webgpu', gigaflops: 0.06 };
  const broken = { name: 'cuda' };
  const processor = { name: 'cpu', gigaflops: 110 };
  expect(fastestDevice([slowCard, broken, processor])).toBe(processor);
  expect(fastestDevice([broken])).toBeUndefined();
});

test('the processor proves its speed', async () => {
  const report = await probeDevice('cpu');
  expect(report).toMatchObject({ name: 'cpu', works: true });
  expect(report.gigaflops).toBeGreaterThan(0);
});

test('what is missing here says why', async () => {
  const elsewhere = process.platform === 'win32' ? 'coreml' : 'dml';
  const report = await probeDevice(elsewhere);
  expect(report).toMatchObject({ works: false, reason: expect.stringContaining('other systems') });
  await expect(selectDevice(elsewhere)).rejects.toThrow(`device "${elsewhere}" cannot be used`);
});

test('auto takes one that works, and says of every other why not', async () => {
  const { device, executionProviders, reasons } = await selectDevice('auto');
  expect((await probeDevice(device)).works).toBe(true);
  expect(executionProviders.at(-1)).toBe('cpu');
  const others = describeRuntime().devices.map(({ name }) => name);
  const known = others.filter((name) => ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'].includes(name));
  expect(reasons).toHaveLength(known.length - 1);
  // measured once for the time of the process
  expect(await selectDevice('auto')).toEqual({ device, executionProviders, reasons });
});
