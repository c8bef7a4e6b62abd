import { setImmediate } from 'node:timers/promises';
import type { DeviceName, Precision } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { type Checkpoint, openCheckpoint } from '../checkpoint/checkpoint.ts';
import { configurationFiles } from '../checkpoint/configFiles.ts';
import { requireFittingTokenizer } from '../checkpoint/tokenizerFiles.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { loadModel, tokenizerOf } from '../loadModel.ts';
import type { PredictionType } from '../models/schedulerConfig.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import { type SelectedDevice, selectDevice } from '../runtime/devices.ts';
import { stampOfFiles } from '../runtime/fileStamp.ts';
import { createSession } from '../runtime/session.ts';
import { createSessionKeeper, trackSessions } from '../runtime/sessionKeeper.ts';
import type { Compile } from '../tensor/executable.ts';
import { inHalfPrecision } from '../tensor/halfPrecision.ts';
import { type CommandContext, note } from './context.ts';

/** The fields of a command that say which model it works on. */
export interface ModelChoice {
  readonly model: string;
  readonly modelConfig?: string;
  readonly predictionType?: PredictionType;
  readonly device: DeviceName;
  readonly precision: Precision;
  readonly threads: number;
}

export interface OpenModel {
  readonly checkpoint: Checkpoint;
  readonly model: DiffusionModel;
}

/** Whether sessions are kept for the next request: for what an artist asks for again and again. */
export type AfterUse = 'release' | 'keep';

/** A single file brings no tokenizer; CLIP's stands in, which may have words that this text encoder has no row for. */
const otherTokenizer =
  "name the folder of the model's own tokenizer and configuration with --model-config";

/** Sessions of requests that keep theirs. */
const keeper = createSessionKeeper();

/**
 * Opens a checkpoint on a device for the time of `use`. Sessions compiled meanwhile are released at its end, whatever
 * happens, or are kept for the next request that computes the same on the same files.
 *
 * @throws InputError when the checkpoint or the device cannot be used
 */
export async function withModel<T>(
  choice: ModelChoice,
  context: CommandContext,
  use: (open: OpenModel) => Promise<T>,
  afterUse: AfterUse = 'release',
): Promise<T> {
  const checkpoint = cachedCheckpoint(choice);
  for (const assumption of checkpoint.assumptions) note(context, assumption);
  const open = async (compile: Compile) => {
    const model = loadModel(checkpoint, compile, cachedTokenizer(checkpoint).copy());
    const { tokenizer, configs } = model;
    requireFittingTokenizer(checkpoint.path, tokenizer, configs.textEncoder, otherTokenizer);
    return use({ checkpoint, model });
  };
  return withDevice(choice, context, open, afterUse === 'keep' ? checkpoint.path : undefined);
}

/**
 * Selects a device for the time of `use` and releases all sessions compiled meanwhile at its end.
 *
 * @param keepFor what they are kept for instead: see {@link SessionKeeper}
 */
export async function withDevice<T>(
  { device, precision, threads }: Pick<ModelChoice, 'device' | 'precision' | 'threads'>,
  context: CommandContext,
  use: (compile: Compile) => Promise<T>,
  keepFor?: string,
): Promise<T> {
  const { executionProviders, halfPrecision, reasons } = await selectDevice(device, precision);
  for (const reason of reasons) note(context, reason);
  const options = { executionProviders, threads };
  // What keeps nothing may need all memory that there is.
  if (keepFor === undefined) await keeper.releaseAll();
  const { compile, end } = trackSessions(
    keepFor === undefined
      ? (graph) => createSession(graph, options)
      : await keeper.borrowFor(keepFor, options),
  );
  try {
    return await use(attentive(inPrecision(compile, halfPrecision)));
  } catch (error) {
    // After a fault of the runtime or the device nobody knows what its other sessions compute.
    if (!(error instanceof InputError || context.signal.aborted)) await keeper.releaseAll();
    throw error;
  } finally {
    await end();
    await keeper.trim();
  }
}

/** Rewrites the graphs that are to be computed in half precision. */
function inPrecision(compile: Compile, half: SelectedDevice['halfPrecision']): Compile {
  return (graph, { halfPrecision } = {}) => {
    const isHalf =
      (halfPrecision === 'suffices' && half !== 'never') ||
      (halfPrecision === 'if asked' && half === 'asked');
    return compile(isHalf ? inHalfPrecision(graph) : graph);
  };
}

/** Runs block the thread: between them the process must read its messages, or it would never hear a cancellation. */
function attentive(compile: Compile): Compile {
  return async (graph, options) => {
    const { run, release } = await compile(graph, options);
    return {
      run: async (inputs) => {
        const values = await run(inputs);
        await setImmediate();
        return values;
      },
      release,
    };
  };
}

interface CachedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly stamp: string;
}

type CheckpointChoice = Pick<ModelChoice, 'model' | 'modelConfig' | 'predictionType'>;

const checkpoints = new Map<string, CachedCheckpoint>();
const tokenizers = new WeakMap<Checkpoint, Tokenizer>();

/** The checkpoint as opened before, unless one of its files has changed since. */
export function cachedCheckpoint(choice: CheckpointChoice): Checkpoint {
  const { model, modelConfig, predictionType } = choice;
  const name = JSON.stringify([model, modelConfig, predictionType]);
  const known = checkpoints.get(name);
  if (known && known.stamp === stampOf(known.checkpoint, choice)) return known.checkpoint;
  const checkpoint = openCheckpoint(model, { configFrom: modelConfig, predictionType });
  checkpoints.set(name, { checkpoint, stamp: stampOf(checkpoint, choice) });
  return checkpoint;
}

/** Made once, for CLIP's takes half a second. Only copies are taught. */
export function cachedTokenizer(checkpoint: Checkpoint): Tokenizer {
  const tokenizer = tokenizers.get(checkpoint) ?? tokenizerOf(checkpoint);
  tokenizers.set(checkpoint, tokenizer);
  return tokenizer;
}

/** Of all files that it was read from and that hold its weights. */
function stampOf({ path, weights }: Checkpoint, { modelConfig }: CheckpointChoice): string {
  const stored = Object.values(weights).flatMap((table) =>
    [...table.values()].map(({ location }) => location.file),
  );
  return stampOfFiles(new Set([...stored, ...configurationFiles(path, modelConfig)]));
}
