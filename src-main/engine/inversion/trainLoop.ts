import { InputError } from '../../../src-shared/inputError.ts';
import { mean } from '../numbers.ts';
import { findNotFinite } from './namedArrays.ts';
import { DivergedError, type StepReport, type Trainer } from './trainer.ts';
import type { TrainingCheckpoint } from './trainingCheckpoint.ts';
import type { BatchDrawer } from './trainingSet.ts';

export interface TrainProgress extends StepReport {
  /** Steps taken, from 1. */
  readonly step: number;
  readonly total: number;
}

/** Where a training is between two steps. */
export interface TrainingState {
  /** Steps taken. */
  readonly step: number;
  /** Reconstruction loss of each of them. */
  readonly reconstructions: readonly number[];
}

export interface TrainLoopOptions {
  /** Optimiser steps of the whole training. */
  readonly steps: number;
  /** Micro-batches of an optimiser step. */
  readonly accumulate: number;
  /** Goes on from here. */
  readonly resumeFrom?: TrainingCheckpoint;
  /** Told of every step, and waited for: it may measure the trained values, and find that they have diverged. */
  readonly onStep?: (progress: TrainProgress) => void | Promise<void>;
  /**
   * Told of every state that the training comes to, and waited for: of the one that it starts or goes on with, and of
   * the one after each step, once its checkpoint is stored. It may look at the trained values, and stop the training.
   */
  readonly onState?: (state: TrainingState) => void | Promise<void>;
  /** Steps between checkpoints; the last step and a stop make one too. */
  readonly checkpointEvery: number;
  /** Stores a checkpoint atomically. */
  readonly save?: (checkpoint: TrainingCheckpoint) => void;
  /** Stops the training after the step under way. */
  readonly signal?: AbortSignal;
}

export interface TrainOutcome {
  readonly steps: number;
  /** Mean reconstruction loss over the last tenth of the steps. */
  readonly loss: number;
}

/**
 * Trains until all steps are taken. A training that was stopped and goes on from its checkpoint ends with the same
 * bits, on the same device, as one that was not.
 *
 * @throws InputError when it diverges; the last checkpoint is kept
 * @throws the signal's reason when it is aborted, after a checkpoint
 */
export async function trainLoop(
  trainer: Trainer,
  drawer: BatchDrawer,
  options: TrainLoopOptions,
): Promise<TrainOutcome> {
  const { steps, accumulate, resumeFrom, onStep, onState, checkpointEvery, save, signal } = options;
  const reconstructions = [...(resumeFrom?.reconstructions ?? [])];
  let saved = restore(trainer, drawer, resumeFrom);
  const checkpoint = (step: number) => {
    if (saved === step) return;
    requireFiniteValues(trainer, step);
    save?.({ step, trainer: trainer.state(), draws: drawer.states(), reconstructions });
    saved = step;
  };
  await onState?.({ step: saved, reconstructions });
  for (let step = saved; step < steps; step++) {
    if (signal?.aborted) await keepingCheckpoint(async () => checkpoint(step), save && saved);
    signal?.throwIfAborted();
    const batches = Array.from({ length: accumulate }, () => drawer.draw());
    const report = await keepingCheckpoint(() => trainer.step(batches, step), save && saved);
    reconstructions.push(report.losses.reconstruction);
    const progress = { ...report, step: step + 1, total: steps };
    await keepingCheckpoint(async () => onStep?.(progress), save && saved);
    const due = (step + 1) % checkpointEvery === 0 || step + 1 === steps;
    if (due) await keepingCheckpoint(async () => checkpoint(step + 1), save && saved);
    await onState?.({ step: step + 1, reconstructions });
  }
  return { steps, loss: lossOf(reconstructions) };
}

/** Mean over the last tenth of the steps taken; NaN before the first. */
export function lossOf(reconstructions: readonly number[]): number {
  return mean(reconstructions.slice(-Math.max(1, Math.floor(reconstructions.length / 10))));
}

/** @returns the steps that are taken already */
function restore(
  trainer: Trainer,
  drawer: BatchDrawer,
  checkpoint: TrainingCheckpoint | undefined,
): number {
  if (!checkpoint) return 0;
  trainer.restore(checkpoint.trainer);
  drawer.restore(checkpoint.draws);
  return checkpoint.step;
}

/** A step may leave numbers beyond float32; such a state must not replace a good one. */
function requireFiniteValues(trainer: Trainer, step: number): void {
  const name = findNotFinite(trainer.values);
  if (name === undefined) return;
  throw trainer.diverged(step, `'${name}' is not finite`);
}

/** Divergence is the settings' fault: tells the user what is left. */
async function keepingCheckpoint<T>(act: () => Promise<T>, saved: number | undefined): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    const left = saved ? `; the checkpoint of step ${saved} is kept` : '';
    throw new InputError(`${error.message}${left}`);
  }
}
