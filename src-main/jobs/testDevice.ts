import * as z from 'zod';
import { deviceNames, precisionNames } from '../../src-shared/api.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import type { StudioEvent } from '../../src-shared/studioEvent.ts';
import type { SelfTest } from '../library/deviceRepository.ts';
import type { Library } from '../library/library.ts';
import { readBuiltIns } from './builtIns.ts';
import { deviceInWords } from './deviceInWords.ts';
import type { JobDesk } from './jobDesk.ts';
import type { JobWork } from './jobRunner.ts';
import { resolveDevice } from './resolveDevice.ts';

const testJob = z.object({
  device: z.enum(deviceNames),
  precision: z.enum(precisionNames).default('auto'),
  threads: z.int().nonnegative(),
});

/** Queues the test of a device. */
export async function testDevice(
  { library, runner, engine, createEngine }: JobDesk,
  request: StudioRequest<'testDevice'>,
): Promise<StudioOutput<'testDevice'>> {
  const device = await resolveDevice(engine, request.device, createEngine);
  const { threads, precision } = library.settings.get();
  const title = `Testing the ${deviceInWords(device)}`;
  const job = runner.add({
    kind: 'selfTest',
    title,
    device,
    request: { device, precision, threads },
  });
  return { jobId: job.id };
}

/** Compares a device with the processor on the built-in model and remembers the outcome; a failure of it is one too. */
export function testDeviceWork(library: Library, emit: (event: StudioEvent) => void): JobWork {
  return async ({ engine, request, job, options }) => {
    const { device, precision, threads } = parseInput(testJob, request, job.title);
    const { model } = await readBuiltIns();
    const record = (result: Omit<SelfTest, 'at'>) => {
      library.devices.recordSelfTest(device, { at: Date.now(), ...result });
      emit({ type: 'changed', what: 'devices' });
    };
    try {
      record(await engine.call('testDevice', { model, device, precision, threads }, options));
    } catch (error) {
      if (error instanceof InputError) record({ passed: false, detail: error.message });
      throw error;
    }
  };
}
