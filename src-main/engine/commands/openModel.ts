import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { DeviceName } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { type Checkpoint, openCheckpoint } from '../checkpoint/checkpoint.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { loadModel } from '../loadModel.ts';
import type { PredictionType } from '../models/config.ts';
import { selectDevice } from '../runtime/devices.ts';
import { createSession } from '../runtime/session.ts';
import type { Compile, Executable } from '../tensor/executable.ts';
import { type CommandContext, note } from './context.ts';

/** The fields of a command that say which model it works on. */
export interface ModelChoice {
  readonly model: string;
  readonly modelConfig?: string;
  readonly predictionType?: PredictionType;
  readonly device: DeviceName;
  readonly threads: number;
}

export interface OpenModel {
  readonly checkpoint: Checkpoint;
  readonly model: DiffusionModel;
}

/**
 * Opens a checkpoint on a device for the time of `use`. All sessions compiled meanwhile are released at its end,
 * whatever happens.
 *
 * @throws InputError when the checkpoint or the device cannot be used
 */
export async function withModel<T>(
  choice: ModelChoice,
  context: CommandContext,
  use: (open: OpenModel) => Promise<T>,
): Promise<T> {
  const checkpoint = cachedCheckpoint(choice);
  for (const assumption of checkpoint.assumptions) note(context, assumption);
  return withDevice(choice, context, async (compile) => {
    const model = loadModel(checkpoint, compile);
    requireWords(checkpoint, model);
    return use({ checkpoint, model });
  });
}

/** A single file brings no tokenizer; CLIP's stands in, which may have words that this text encoder has no row for. */
function requireWords({ path }: Checkpoint, { tokenizer, configs }: DiffusionModel): void {
  const { vocabSize } = configs.textEncoder;
  if (tokenizer.size <= vocabSize) return;
  throw new InputError(
    `${path}: the text encoder has ${vocabSize} words, its tokenizer ${tokenizer.size}; name the folder of the model's own tokenizer and configuration with --model-config`,
  );
}

/** Selects a device for the time of `use` and releases all sessions compiled meanwhile at its end. */
export async function withDevice<T>(
  { device, threads }: Pick<ModelChoice, 'device' | 'threads'>,
  context: CommandContext,
  use: (compile: Compile) => Promise<T>,
): Promise<T> {
  const { executionProviders, reasons } = await selectDevice(device);
  for (const reason of reasons) note(context, reason);
  const owned = new Set<Executable>();
  try {
    return await use(async (graph) => {
      const executable = attentive(await createSession(graph, { executionProviders, threads }));
      owned.add(executable);
      return { ...executable, release: () => releaseOnce(owned, executable) };
    });
  } finally {
    for (const executable of owned) await releaseOnce(owned, executable);
  }
}

/** Runs block the thread: between them the process must read its messages, or it would never hear a cancellation. */
function attentive({ run, release }: Executable): Executable {
  return {
    run: async (inputs) => {
      const values = await run(inputs);
      await setImmediate();
      return values;
    },
    release,
  };
}

async function releaseOnce(owned: Set<Executable>, executable: Executable): Promise<void> {
  if (owned.delete(executable)) await executable.release();
}

interface CachedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly stamp: string;
}

const checkpoints = new Map<string, CachedCheckpoint>();

/** The checkpoint as opened before, unless one of its files has changed since. */
export function cachedCheckpoint({
  model,
  modelConfig,
  predictionType,
}: Pick<ModelChoice, 'model' | 'modelConfig' | 'predictionType'>): Checkpoint {
  const name = JSON.stringify([model, modelConfig, predictionType]);
  const known = checkpoints.get(name);
  if (known && known.stamp === stampOf(known.checkpoint)) return known.checkpoint;
  const checkpoint = openCheckpoint(model, { configFrom: modelConfig, predictionType });
  checkpoints.set(name, { checkpoint, stamp: stampOf(checkpoint) });
  return checkpoint;
}

/** Times of change and sizes of all files that hold weights. */
function stampOf({ weights }: Checkpoint): string {
  const files = new Set(
    Object.values(weights).flatMap((table) =>
      [...table.values()].map(({ location }) => location.file),
    ),
  );
  return [...files]
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((status) => `${status?.mtimeMs}/${status?.size}`)
    .join();
}
