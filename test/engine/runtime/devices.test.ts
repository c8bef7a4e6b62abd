import { expect, test } from 'vitest';
import {
  describeRuntime,
  probeDevice,
  selectDevice,
} from '../../../src-main/engine/runtime/devices.ts';
import { fastestDevice, isFasterInHalf } from '../../../src-shared/fastestDevice.ts';

test('the fastest is the one with the highest measured speed, wherever it stands', () => {
  const slowCard = { name: 'webgpu', gigaflops: 0.06 };
  const broken = { name: 'cuda' };
  const processor = { name: 'cpu', gigaflops: 110 };
  expect(fastestDevice([slowCard, broken, processor])).toBe(processor);
  expect(fastestDevice([broken])).toBeUndefined();
  const card = { name: 'webgpu', gigaflops: 90, halfGigaflops: 170 };
  expect(fastestDevice([card, processor])).toBe(card);
  expect([card, processor, slowCard].map(isFasterInHalf)).toEqual([true, false, false]);
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
  await expect(selectDevice(elsewhere, 'auto')).rejects.toThrow(
    `device "${elsewhere}" cannot be used`,
  );
});

test('auto takes one that works, and says of every other why not', async () => {
  const { device, executionProviders, reasons } = await selectDevice('auto', 'auto');
  expect((await probeDevice(device)).works).toBe(true);
  expect(executionProviders.at(-1)).toBe('cpu');
  const others = describeRuntime().devices.map(({ name }) => name);
  const known = others.filter((name) => ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'].includes(name));
  expect(reasons).toHaveLength(known.length - 1);
  // measured once for the time of the process
  expect(await selectDevice('auto', 'auto')).toMatchObject({ device, executionProviders, reasons });
});

test('the processor rounds for who asks for it only', async () => {
  expect(await selectDevice('cpu', 'auto')).toMatchObject({ halfPrecision: 'never' });
  expect(await selectDevice('cpu', 'float32')).toMatchObject({ halfPrecision: 'never' });
  expect(await selectDevice('cpu', 'float16')).toMatchObject({ halfPrecision: 'asked' });
});
