import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import type { ConceptDescription } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { readConcept } from '../concepts/conceptFile.ts';
import { createDriftMeter, type DriftMeter } from '../evaluation/drift.ts';
import { anchorShares } from '../inversion/anchors.ts';
import { anchorWeightsName, placeholderRowsName } from '../inversion/trainExpression.ts';
import {
  readTrainingCheckpoint,
  type TrainingSettings,
  writeTrainingCheckpoint,
} from '../inversion/trainingCheckpoint.ts';
import type { Picture } from '../inversion/trainingSet.ts';
import { type TrainOutcome, type TrainProgress, trainLoop } from '../inversion/trainLoop.ts';
import { type EngineAnswer, type EngineParams, trainingCheckpointOf } from '../protocol.ts';
import { type CommandContext, createPhase, note, peakMemory, warn } from './context.ts';
import { type OpenModel, withModel } from './openModel.ts';
import { storeConcept, type Training } from './storeConcept.ts';
import { setUpTraining, type TrainingSetup, trainingPictures } from './trainingSetup.ts';
import { createSnapshots } from './trainingSnapshots.ts';

type Params = EngineParams<'trainConcept'>;
type Answer = EngineAnswer<'trainConcept'>;

/** Trains a concept and writes its file. A stop leaves a checkpoint beside it, from which `resume` goes on. */
export async function trainConcept(params: Params, context: CommandContext): Promise<Answer> {
  const start = performance.now();
  const checkpointPath = trainingCheckpointOf(params.out);
  const isThere = existsSync(checkpointPath);
  if (params.resume && !isThere) return finishedBefore(params, checkpointPath, context);
  if (!params.resume && isThere) {
    warn(
      context,
      `${checkpointPath} of a training that was stopped is replaced; --resume would go on with it`,
    );
  }
  return withModel(params, context, async (open) => {
    const pictures = trainingPictures(open.model, params, context);
    const setup = await setUpTraining(open.model, params, context, pictures);
    const { settings, classIds } = setup;
    const drift = await createDriftMeter(open.model, { rows: settings.vectors, classIds });
    const training = { params, open, setup, drift, context };
    const outcome = await run({ ...training, checkpointPath });
    const description = await storeConcept(params.out, training, outcome);
    rmSync(checkpointPath, { force: true });
    warnOfLength(description, context);
    return answerOf(params, description, (performance.now() - start) / 1000);
  });
}

/** Of two trainings the first may have been finished when the second was stopped. */
function finishedBefore(params: Params, checkpointPath: string, context: CommandContext): Answer {
  if (existsSync(params.out)) {
    const { description } = readConcept(params.out);
    const { token, seed, variant, method, steps = description.steps } = params;
    const wanted = { token, seed, variant, method, steps };
    const isSame = Object.entries(wanted).every(
      ([key, value]) => Reflect.get(description, key) === value,
    );
    if (isSame) {
      note(context, `${params.out} is finished already`);
      return answerOf(params, description, 0);
    }
  }
  throw new InputError(
    `${checkpointPath}: no checkpoint of ${params.out}, nothing to resume; train without --resume`,
  );
}

interface Run extends Training {
  readonly checkpointPath: string;
}

async function run(training: Run): Promise<TrainOutcome> {
  const { params, open, setup, drift, context, checkpointPath } = training;
  const { trainer, drawer, settings } = setup;
  const identity = identityOf(params, open, setup);
  const snapshots = params.snapshots && createSnapshots(training, params.snapshots);
  const resumeFrom = params.resume ? readTrainingCheckpoint(checkpointPath, identity) : undefined;
  const phase = createPhase(context, 'training', settings.steps, resumeFrom?.step);
  let saved: number | undefined;
  try {
    const outcome = await trainLoop(trainer, drawer, {
      steps: settings.steps,
      accumulate: settings.accumulate,
      resumeFrom,
      checkpointEvery: params.checkpointEvery,
      signal: context.signal,
      save: params.keepCheckpoint
        ? (state) => {
            writeTrainingCheckpoint(checkpointPath, state, identity);
            saved = state.step;
          }
        : undefined,
      onStep: async (progress) => {
        requireLearning(setup, progress);
        phase.finish(progress.step, await measure(setup, drift, progress));
        reportAnchors(setup, progress, context);
      },
      onState: async (state) => {
        await snapshots?.look(state);
        phase.skip();
      },
    });
    // Stopped in the middle of the last look: a resumption makes up for it.
    context.signal.throwIfAborted();
    return outcome;
  } finally {
    if (context.signal.aborted && saved !== undefined) {
      note(
        context,
        `the checkpoint of step ${saved} is kept in ${checkpointPath}; go on with --resume`,
      );
    }
  }
}

/**
 * Far above the loss of whoever predicts no noise at all, which is 1: every number is finite yet, but a UNet that has
 * come here is beyond repair.
 */
const mostLoss = 10;

function requireLearning({ trainer, plan }: TrainingSetup, { losses, step }: TrainProgress): void {
  const loss = losses.reconstruction / plan.reconstructionUnit;
  if (loss <= mostLoss) return;
  throw trainer.diverged(step, `the loss is ${loss.toPrecision(3)}, where below 1 is usual`);
}

/** Mean lengths of a word. A warning, no error: the released scripts' rates, too, go far in thousands of steps. */
const mostLength = 100;

function warnOfLength({ token, drift }: ConceptDescription, context: CommandContext): void {
  if (drift === undefined || drift.normRatio < mostLength) return;
  warn(
    context,
    `"${token}" has become ${Math.round(drift.normRatio)} times as long as a mean word, so that pictures show little else; a lower learning rate, fewer steps or anchors help against it`,
  );
}

/** Steps between two measurements of drift, which takes about as long as a small step. */
const driftInterval = 10;

function isMeasured(step: number, total: number): boolean {
  return step % driftInterval === 0 || step === total;
}

function reportAnchors(
  { anchors, trainer }: TrainingSetup,
  { step, total }: TrainProgress,
  context: CommandContext,
): void {
  if (!isMeasured(step, total) || anchors.anchor.kind === 'none') return;
  const shares = anchorShares(anchors, trainer.values[anchorWeightsName]);
  context.report({ type: 'anchors', step, anchors: shares });
}

async function measure(
  { trainer, plan }: TrainingSetup,
  drift: DriftMeter,
  progress: TrainProgress,
) {
  const { losses, gradientNorm, learningRate, step, total } = progress;
  const loss = losses.reconstruction / plan.reconstructionUnit;
  const values = { loss, anchor: losses.anchor, prior: losses.prior };
  const steps = { gradientNorm, learningRate };
  const measured = isMeasured(step, total)
    ? await drift.measure(trainer.values[placeholderRowsName])
    : undefined;
  const figures = {
    ...values,
    ...steps,
    normRatio: measured?.normRatio,
    classCosine: measured?.classCosine,
    drift: measured?.percentile,
  };
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

/** What must not change between a stop and a resumption; with a constant rate a training may be made longer. */
function identityOf(params: Params, open: OpenModel, setup: TrainingSetup): TrainingSettings {
  const { settings, photos, lora } = setup;
  const { token, classWord, method, variant, initializer, seed, schedule } = params;
  const anchors = { kind: setup.anchors.anchor.kind, words: setup.anchors.words };
  const { warmupSteps, directional, classPreserving, maskedAttention, model } = params;
  const { scheduleCycles, schedulePower } = params;
  const { steps, ...rest } = settings;
  const { sampling: _, ...forwardProcess } = open.model.configs.scheduler;
  const isLengthFree = schedule === 'constant' || schedule === 'constant_with_warmup';
  return {
    ...{ model: basename(model), token, classWord, method, variant, anchors, initializer, seed },
    ...{ schedule, warmupSteps, directional, ...rest, ...(isLengthFree ? {} : { steps }) },
    // what is predicted, and from how much noise: options and files of the model may have changed
    scheduler: forwardProcess,
    ...(method === 'lora-dreambooth' ? lora : {}),
    ...(scheduleCycles === undefined ? {} : { scheduleCycles }),
    ...(schedulePower === undefined ? {} : { schedulePower }),
    ...(classPreserving === undefined ? {} : { classPreserving }),
    ...(maskedAttention === undefined ? {} : { maskedAttention }),
    photos: digest(photos),
  };
}

/** Short name of the photos as the autoencoder sees them: other files, sizes or masks give another. */
function digest(pictures: readonly Picture[]): string {
  const hash = createHash('sha256');
  for (const { mean, mask, captionSuffix } of pictures.flat()) {
    hash.update(mean);
    if (mask) hash.update(mask);
    if (captionSuffix) hash.update(captionSuffix);
  }
  return hash.digest('hex').slice(0, 16);
}

function answerOf(
  { out, variant }: Params,
  description: ConceptDescription,
  seconds: number,
): Answer {
  const { steps, loss, drift, anchors } = description;
  if (loss === undefined || steps === undefined) {
    throw new Error(`internal: ${out} was trained in no step`);
  }
  return { concept: out, variant, steps, loss, drift, anchors, seconds, peakMemory: peakMemory() };
}
