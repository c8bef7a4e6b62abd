import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { createNoiseSchedule } from '../../../src-main/engine/diffusion/schedule.ts';
import { anchorShares, planAnchors } from '../../../src-main/engine/inversion/anchors.ts';
import type { DirectionalOptions } from '../../../src-main/engine/inversion/directionalStep.ts';
import { initialRows } from '../../../src-main/engine/inversion/initialRows.ts';
import {
  defaultSettings,
  type MethodSettings,
  type PlanRequest,
  planTraining,
} from '../../../src-main/engine/inversion/methods.ts';
import { globalNorm, type NamedArrays } from '../../../src-main/engine/inversion/namedArrays.ts';
import {
  addPlaceholderTokens,
  textEncoderIds,
} from '../../../src-main/engine/inversion/placeholderTokens.ts';
import {
  classPrompt,
  objectTemplates,
  scaleNeutralTemplates,
  subjectText,
  trainingPrompt,
} from '../../../src-main/engine/inversion/promptTemplates.ts';
import { initialValues } from '../../../src-main/engine/inversion/trainables.ts';
import {
  anchorWeightsName,
  placeholderRowsName,
} from '../../../src-main/engine/inversion/trainExpression.ts';
import { trainedParts } from '../../../src-main/engine/inversion/trainedParts.ts';
import { Trainer } from '../../../src-main/engine/inversion/trainer.ts';
import {
  readTrainingCheckpoint,
  type TrainingCheckpoint,
  writeTrainingCheckpoint,
} from '../../../src-main/engine/inversion/trainingCheckpoint.ts';
import { BatchDrawer, type Picture } from '../../../src-main/engine/inversion/trainingSet.ts';
import { type TrainLoopOptions, trainLoop } from '../../../src-main/engine/inversion/trainLoop.ts';
import type { TrainingMethod } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

const { path, files } = temporaryFolder();
const side = 8;
const settings = { method: 'any', seed: 3 };

/** Pictures of which each has its own plain and mirrored latents. */
function pictures(count: number, extras: Partial<Picture[number]> = {}): Picture[] {
  const random = RandomStream.create(11, `pictures ${count}`);
  const rendering = () => ({
    mean: random.normal(4 * side * side),
    deviation: new Float32Array(4 * side * side).fill(0.1),
    ...extras,
  });
  return Array.from({ length: count }, () => [rendering(), rendering()]);
}

interface Changes extends Partial<Pick<PlanRequest, 'schedule' | 'maskedAttention'>> {
  readonly settings?: Partial<MethodSettings>;
  readonly photos?: Picture[];
  readonly classPictures?: Picture[];
  readonly seed?: number;
  readonly words?: string[];
  readonly directional?: DirectionalOptions;
}

/** A training of "<toy> cat" from its parts, as a command puts them together. */
async function prepare(method: TrainingMethod, changes: Changes = {}) {
  const model = openTinyModel('tiny-sd1');
  const {
    photos = pictures(3),
    classPictures = [],
    seed = 3,
    words,
    directional,
    ...rest
  } = changes;
  const small = { steps: 6, batch: 2, accumulate: 2, vectors: 2 };
  const settings = { ...defaultSettings[method], ...small, ...changes.settings };
  const subject = { token: '<toy>', classWord: 'cat', vectors: settings.vectors };
  const [firstId] = addPlaceholderTokens(model.tokenizer, '<toy>', settings.vectors);
  const anchors = await planAnchors(
    model,
    'cat',
    words ? { kind: 'words', words } : { kind: 'auto' },
  );
  const encode = (prompt: string) => textEncoderIds(model, prompt, firstId);
  const placed = (prompt: string) => ({
    ids: encode(prompt),
    endPosition: model.tokenizer.encodePadded(prompt).endPosition,
  });
  const plan = planTraining(model, {
    ...{ method, height: side, width: side, lora: { rank: 2, alpha: 2 }, warmupSteps: 1 },
    ...{ schedule: 'cosine', ...rest, settings, anchors },
    masked: photos.some((photo) => photo.some(({ mask }) => mask)),
    classPreserving: {
      pair: { concept: placed(subjectText(subject)), classWord: placed('cat') },
      weight: 0.1,
    },
  });
  const random = RandomStream.create(seed, 'initial values');
  const trainer = await Trainer.create(
    model,
    plan.step,
    { ...plan.optimizer, directional },
    {
      ...(await initialValues(plan.step.change, model.weights.unet, model.compile, random)),
      ...(anchors.initialShares && { [anchorWeightsName]: anchors.initialShares }),
      [placeholderRowsName]: await initialRows(
        model,
        { kind: 'class-word' },
        'cat',
        settings.vectors,
      ),
    },
  );
  const set = {
    ...{ photos, classPictures, templates: scaleNeutralTemplates(objectTemplates) },
    conceptPrompt: (template: string, wording: string) => ({
      ids: encode(trainingPrompt(template, subject, wording)),
      referenceIds: [],
    }),
    classPrompt: (template: string) => encode(classPrompt(template, 'cat')),
  };
  const schedule = createNoiseSchedule(model.configs.scheduler);
  const drawer = new BatchDrawer(set, plan.step, schedule, seed);
  return {
    values: trainer.values,
    run: (options: Omit<TrainLoopOptions, 'steps' | 'accumulate'>) =>
      trainLoop(trainer, drawer, { ...options, ...settings }),
    anchorShares: () => anchorShares(anchors, trainer.values[anchorWeightsName]),
    parts: () => trainedParts(plan.step.change, trainer.values),
    release: () => trainer.release(),
  };
}

function copyOf(values: NamedArrays): NamedArrays {
  return Object.fromEntries(Object.entries(values).map(([name, array]) => [name, array.slice()]));
}

/** A run from the start to the end, with a checkpoint file. */
async function runWhole(method: TrainingMethod, file: string) {
  const training = await prepare(method);
  const outcome = await training.run({
    checkpointEvery: 4,
    save: (checkpoint) => writeTrainingCheckpoint(path(file), checkpoint, settings),
  });
  const values = copyOf(training.values);
  await training.release();
  return { outcome, values };
}

/** The same, stopped after three steps and taken up by a new process's worth of state. */
async function runStopped(method: TrainingMethod, file: string) {
  const save = (checkpoint: TrainingCheckpoint) =>
    writeTrainingCheckpoint(path(file), checkpoint, settings);
  const controller = new AbortController();
  const first = await prepare(method);
  const stopped = first.run({
    checkpointEvery: 100,
    save,
    signal: controller.signal,
    onStep: ({ step }) => {
      if (step === 3) controller.abort(new Error('stopped by the user'));
    },
  });
  await expect(stopped).rejects.toThrow('stopped by the user');
  await first.release();
  const second = await prepare(method);
  const resumeFrom = readTrainingCheckpoint(path(file), settings);
  expect(resumeFrom.step).toBe(3);
  const outcome = await second.run({ checkpointEvery: 4, save, resumeFrom });
  const values = copyOf(second.values);
  await second.release();
  return { outcome, values };
}

describe('training a concept', () => {
  it.each(['textual-inversion', 'lora-dreambooth'] as const)(
    '%s goes on from a checkpoint to the very bits of an uninterrupted run',
    async (method) => {
      const whole = await runWhole(method, `${method}-whole`);
      const stopped = await runStopped(method, `${method}-stopped`);
      expect(stopped.values).toEqual(whole.values);
      expect(stopped.outcome).toEqual(whole.outcome);
      const [one, other] = ['whole', 'stopped'].map((run) =>
        readFileSync(path(`${method}-${run}`)),
      );
      expect(one.equals(other)).toBe(true);
      rmSync(path(`${method}-whole`));
      rmSync(path(`${method}-stopped`));
    },
  );

  it('is decided by the seed', async () => {
    const rowsOf = async (seed: number) => {
      const training = await prepare('textual-inversion', { seed });
      await training.run({ checkpointEvery: 100 });
      await training.release();
      return training.parts().rows;
    };
    const [first, again, other] = [await rowsOf(1), await rowsOf(1), await rowsOf(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('moves rows along the sphere by the rate of directions, and stores no moments of them', async () => {
    const { hiddenSize } = openTinyModel('tiny-sd1').configs.textEncoder;
    const mean = RandomStream.create(4, 'mean').normal(hiddenSize);
    const training = await prepare('textual-inversion', {
      settings: { steps: 2, vectors: 1 },
      schedule: 'constant',
      directional: { learningRate: 0.01, norm: 0.5, kappa: 1e-4, mean },
    });
    const before = training.values[placeholderRowsName].slice();
    const moments: string[] = [];
    await training.run({
      checkpointEvery: 100,
      save: ({ trainer }) => moments.push(...Object.keys(trainer.optimizer.firstMoments)),
    });
    const after = training.values[placeholderRowsName];
    await training.release();
    expect(globalNorm({ after })).toBeCloseTo(0.5, 5);
    const dot = after.reduce((sum, value, index) => sum + value * before[index], 0);
    const angle = Math.acos(dot / (globalNorm({ after }) * globalNorm({ before })));
    expect(angle).toBeGreaterThan(0.005);
    expect(angle).toBeLessThan(0.0201);
    expect(moments).toEqual([]);
  });

  it('stays near its anchors and shows which of them survive', async () => {
    const training = await prepare('textual-inversion', {
      settings: { steps: 60, batch: 1, accumulate: 1, learningRate: 0.02 },
      schedule: 'constant',
      words: ['dog'],
    });
    const anchor: number[] = [];
    await training.run({
      checkpointEvery: 100,
      onStep: ({ losses }) => {
        anchor.push(losses.anchor ?? Number.NaN);
      },
    });
    const shares = training.anchorShares();
    await training.release();
    expect(anchor[0]).toBe(0);
    expect(Math.max(...anchor)).toBeLessThan(0.01);
    expect(training.values[anchorWeightsName].every((share) => share >= 0)).toBe(true);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeGreaterThan(0.9);
    expect(shares[0].word).toBe('cat');
  });

  it('stops with the last good checkpoint when it diverges', async () => {
    const training = await prepare('textual-inversion', {
      settings: { steps: 30, accumulate: 1, learningRate: 1e30 },
      schedule: 'constant',
    });
    const saved: number[] = [];
    const run = training.run({
      checkpointEvery: 1,
      save: ({ step, trainer }) => {
        expect(Object.values(trainer.values).every((array) => array.every(Number.isFinite))).toBe(
          true,
        );
        saved.push(step);
      },
    });
    const message = await run.then(String, (error: Error) => error.message);
    await training.release();
    expect(saved.length).toBeGreaterThan(0);
    expect(message).toMatch(
      /^training diverged in step \d+, at the learning rate 1e\+30: .*with a lower learning rate; the /,
    );
    expect(message).toContain(`the checkpoint of step ${saved.at(-1)} is kept`);
  });

  it('goes on with the loss scale that it had come to', async () => {
    const run = async (steps: number, resumeFrom?: TrainingCheckpoint) => {
      const training = await prepare('textual-inversion', { settings: { steps, accumulate: 1 } });
      let saved: TrainingCheckpoint | undefined;
      const save = (checkpoint: TrainingCheckpoint) => {
        saved = structuredClone(checkpoint);
      };
      await training.run({ checkpointEvery: 1, save, resumeFrom });
      await training.release();
      return saved!;
    };
    const first = await run(1);
    const trainer = { ...first.trainer, lossScale: first.trainer.lossScale / 16 };
    const second = await run(2, { ...first, trainer });
    expect(second.trainer.lossScale).toBe(first.trainer.lossScale / 16);
  });

  it('says so when it is stopped after a step beyond all numbers', async () => {
    const training = await prepare('textual-inversion', {
      settings: { steps: 3, accumulate: 1, learningRate: 1e39 },
      schedule: 'constant',
    });
    const controller = new AbortController();
    const run = training.run({
      checkpointEvery: 100,
      save: () => expect.unreachable(),
      signal: controller.signal,
      onStep: () => controller.abort(new Error('stopped by the user')),
    });
    await expect(run).rejects.toThrow(InputError);
    await training.release();
  });

  it('trains keys and values with class pictures, masks and scale wordings', async () => {
    const mask = new Float32Array(side * side).fill(1, 0, 20);
    const training = await prepare('custom-diffusion', {
      photos: pictures(2, { mask, wordings: ['close up'] }),
      classPictures: pictures(4),
      settings: { steps: 2, batch: 1, accumulate: 1, vectors: 1, classPictures: 4 },
      maskedAttention: 0.01,
    });
    const before = copyOf(training.values);
    await training.run({
      checkpointEvery: 100,
      onStep: ({ losses }) => {
        expect(losses.prior).toBeGreaterThan(0);
        expect(losses.classPreserving).toBeGreaterThanOrEqual(0);
        expect(losses.maskedAttention).toBeGreaterThan(0);
      },
    });
    const { replaced, lora, rows } = training.parts();
    await training.release();
    expect(lora.size).toBe(0);
    const keys = [...replaced.keys()];
    expect(keys.length).toBe(32);
    expect(keys.every((key) => /\.attn2\.to_[kv]\.weight$/.test(key))).toBe(true);
    for (const key of keys) {
      const changed = replaced.get(key)?.data;
      expect(Array.from(changed ?? [], Number), key).not.toEqual([...before[key]]);
    }
    expect(rows).toHaveLength(openTinyModel('tiny-sd1').configs.textEncoder.hiddenSize);
  });

  it('sorts LoRA factors by layer', async () => {
    const training = await prepare('lora-dreambooth');
    const { replaced, lora } = training.parts();
    await training.release();
    expect(replaced.size).toBe(0);
    const layer = 'mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0';
    const factors = lora.get(layer);
    expect(factors?.down.shape[0]).toBe(2);
    expect(factors?.up.shape[1]).toBe(2);
    expect(Array.from(factors?.up.data ?? [1], Number).every((value) => value === 0)).toBe(true);
  });

  it('refuses what it cannot train on', async () => {
    await expect(prepare('textual-inversion', { photos: [] })).rejects.toThrow(
      'there are no photos to learn from',
    );
    const empty = [...pictures(1), ...pictures(1, { mask: new Float32Array(side * side) })];
    await expect(prepare('textual-inversion', { photos: empty })).rejects.toThrow(
      'the mask of photo 2 of 2, by name, leaves nothing to learn',
    );
    await expect(prepare('custom-diffusion', { settings: { classPictures: 2 } })).rejects.toThrow(
      'prior preservation needs pictures of the class',
    );
  });
});

describe('checkpoints of trainings', () => {
  const checkpoint: TrainingCheckpoint = {
    step: 2,
    reconstructions: [0.1, 1 / 3],
    draws: drawStates(),
    trainer: {
      lossScale: 256,
      values: { 'a.b': Float32Array.of(1, 2) },
      optimizer: {
        step: 2,
        firstMoments: { 'a.b': Float32Array.of(3, 4) },
        secondMoments: { 'a.b': Float32Array.of(5, 6) },
      },
    },
  };

  it('come back as they were', () => {
    writeTrainingCheckpoint(path('a'), checkpoint, settings);
    expect(readTrainingCheckpoint(path('a'), settings)).toEqual(checkpoint);
    rmSync(path('a'));
    expect(files()).toEqual([]);
  });

  it('are refused after other settings, which are named', () => {
    writeTrainingCheckpoint(path('b'), checkpoint, settings);
    expect(() => readTrainingCheckpoint(path('b'), { ...settings, seed: 4 })).toThrow(
      'was made with seed 3, not 4: resume with the same settings',
    );
    expect(() => readTrainingCheckpoint(path('b'), { method: 'any' })).toThrow(
      'was made with seed 3, not unset',
    );
    rmSync(path('b'));
  });

  function drawStates() {
    const state = (position: number) => ({ key: [1, 2] as const, position });
    return {
      photo: state(1),
      rendering: state(2),
      posterior: state(3),
      timestep: state(4),
      noise: state(2 ** 40),
      template: state(6),
    };
  }
});
