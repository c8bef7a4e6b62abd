import { describe, expect, test } from 'vitest';
import { createSampler } from '../../../src-main/engine/diffusion/createSampler.ts';
import { guideBatch } from '../../../src-main/engine/diffusion/guidance.ts';
import type { DiffusionModel } from '../../../src-main/engine/diffusion/model.ts';
import { createNoisePredictor } from '../../../src-main/engine/diffusion/networks.ts';
import { initialLatent, sampleLatent } from '../../../src-main/engine/diffusion/sampleLatent.ts';
import type { Sampler } from '../../../src-main/engine/diffusion/samplers/sampler.ts';
import { createNoiseSchedule } from '../../../src-main/engine/diffusion/schedule.ts';
import {
  createLayoutGradient,
  type LayoutGradient,
  officialLayoutLoss,
} from '../../../src-main/engine/spatial/layoutGradient.ts';
import {
  createSpatialGuidance,
  updateLatent,
} from '../../../src-main/engine/spatial/spatialGuidance.ts';
import { parseBox } from '../../../src-shared/layout.ts';
import { goldenFloats, relativeL2 } from '../../support/goldenTensors.ts';
import {
  encodePrompts,
  goldenObjects,
  placeholderRow,
  readIndex,
  readTensors,
  type SpatialCase,
  toleranceOf,
} from '../../support/spatialReference.ts';
import { availableModels, openTinyModel } from '../../support/tinyModel.ts';

const file = 'spatial.safetensors';

describe.each(availableModels)('the released code, %s', (modelName) => {
  const index = readIndex(`${modelName}-golden/sample/index.json`);
  describe.each(Object.entries(index.spatial))('%s', (name, spatial) =>
    checkCase(modelName, openTinyModel(modelName), name, spatial),
  );
});

function checkCase(modelName: string, model: DiffusionModel, name: string, spatial: SpatialCase) {
  const row = placeholderRow(modelName);
  const schedule = createNoiseSchedule(model.configs.scheduler);
  const index = readIndex(`${modelName}-golden/sample/index.json`);
  const tensors = readTensors(`${modelName}-golden/sample/${file}`);
  const calls = goldenRows(tensors, `${name}.calls`);
  const losses = goldenFloats(tensors, `${name}.losses`);
  const size = sizeOf(tensors, `${name}.calls`);
  const objects = goldenObjects(spatial);
  const options = {
    ...officialLayoutLoss,
    ...size,
    objects: objects.length,
    lossScale: spatial.loss_scale,
  };
  const expectClose = (key: string, actual: ArrayLike<number>, tolerance?: number) => {
    const allowed = tolerance ?? toleranceOf(index, file, `${name}.${key}`);
    const error = relativeL2(actual, goldenFloats(tensors, `${name}.${key}`));
    expect(error, key).toBeLessThan(allowed);
  };

  test('every update by itself', async () => {
    const sampler = createSampler('lms', schedule, spatial.num_steps);
    const gradient = await createLayoutGradient(model, options);
    const hiddenStates = await encodePrompts(model, row, spatial.ids);
    const gradients: number[] = [];
    const ownLosses: number[] = [];
    let worst = 0;
    for (const { step, call } of conditionalCalls(spatial)) {
      const evaluation = await gradient.evaluate({
        sample: sampler.scaleModelInput(calls[call], step),
        timestep: sampler.timesteps[step],
        hiddenStates,
        objects,
      });
      const mixture = sampler.mixtureAt(step);
      const next = updateLatent(calls[call], evaluation.gradient, mixture);
      worst = Math.max(worst, relativeL2(next, calls[call + 1]));
      const toLatent = Math.hypot(mixture.signal, mixture.noise);
      gradients.push(...evaluation.gradient.map((value) => value / toLatent));
      ownLosses.push(evaluation.loss);
    }
    await gradient.release();
    expectClose('losses', ownLosses);
    // tight: float32 rounding of one gradient, not the amplified one of a trajectory
    expect(worst).toBeLessThan(2e-5);
    if (tensors.has(`${name}.grads`)) expectClose('grads', gradients);
    expect(losses).toHaveLength(ownLosses.length);
  });

  test('the whole trajectory', async () => {
    const sampler = createSampler('lms', schedule, spatial.num_steps);
    const gradient = await createLayoutGradient(model, options);
    const guidance = createSpatialGuidance({
      gradient,
      sampler,
      hiddenStates: await encodePrompts(model, row, spatial.ids),
      objects,
      official: true,
      threshold: spatial.loss_threshold,
      maxIterations: spatial.max_iter,
      maxGuidedSteps: spatial.max_index_step,
    });
    const afterStep: Float32Array[] = [];
    const predictor = await createNoisePredictor(model, { batch: 1, prompts: 2, ...size });
    const empty = model.tokenizer.encodePadded('').ids;
    const hidden = await encodePrompts(model, row, empty, spatial.ids);
    await sampleLatent({
      sampler,
      initialLatent: initialLatent(sampler, goldenFloats(tensors, `${name}.x0`)),
      predict: async (input, timestep) => {
        const output = await predictor.predict(input, [timestep], hidden);
        return guideBatch(output, spatial.guidance);
      },
      beforeStep: guidance.beforeStep,
      onStep: (latent) => afterStep.push(latent),
    });
    await Promise.all([gradient.release(), predictor.release()]);
    expect(guidance.updatesPerStep()).toEqual(spatial.updates_per_step);
    expectClose(
      'after_step',
      afterStep.flatMap((latent) => [...latent]),
    );
    const own = guidance.evaluations.map(({ loss }) => loss);
    expectClose('losses', own);
  });
}

type Tensors = ReturnType<typeof readTensors>;

function sizeOf(tensors: Tensors, key: string): { height: number; width: number } {
  const [height, width] = (tensors.get(key)?.shape ?? []).slice(-2);
  return { height, width };
}

function goldenRows(tensors: Tensors, key: string): Float32Array[] {
  const [count] = tensors.get(key)?.shape ?? [];
  const values = goldenFloats(tensors, key);
  const length = values.length / count;
  return Array.from({ length: count }, (_, row) => values.slice(row * length, (row + 1) * length));
}

/** Which of the stored calls of the UNet are conditional ones, and before which step. */
function conditionalCalls({ updates_per_step }: SpatialCase): { step: number; call: number }[] {
  let next = 0;
  return updates_per_step.flatMap((updates, step) => {
    const own = Array.from({ length: updates }, () => ({ step, call: next++ }));
    next++; // the call with classifier-free guidance
    return own;
  });
}

describe('the corrected loop', () => {
  const schedule = createNoiseSchedule(openTinyModel('tiny-sd1').configs.scheduler);

  /** A loss that halves with every update. */
  const halving = (start: number): LayoutGradient => {
    let loss = start;
    return {
      lossScale: 30,
      evaluate: async ({ sample }) => {
        const evaluation = { loss, gradient: sample.map(() => 1) };
        loss /= 2;
        return evaluation;
      },
      release: async () => {},
    };
  };
  const objects = [{ positions: [1], boxes: [parseBox([0, 0, 1, 1])] }];
  const hiddenStates = new Float32Array();
  const sampler = createSampler('lms', schedule, 4);

  test('evaluates afresh at every guided step and leaves a latent below the threshold alone', async () => {
    const guidance = createSpatialGuidance({
      gradient: halving(0.5),
      sampler,
      hiddenStates,
      objects,
      maxGuidedSteps: 3,
    });
    const latent = Float32Array.of(1, 2);
    const first = await guidance.beforeStep(latent, 0);
    expect(first).not.toEqual(latent);
    expect(await guidance.beforeStep(latent, 1)).toEqual(latent);
    expect(await guidance.beforeStep(latent, 3)).toEqual(latent);
    expect(guidance.updatesPerStep()).toEqual([2, 0, 0, 0]);
    expect(guidance.evaluations).toEqual([
      { step: 0, iteration: 0, loss: 0.5, updated: true },
      { step: 0, iteration: 1, loss: 0.25, updated: true },
      { step: 0, iteration: 2, loss: 0.125, updated: false },
      { step: 1, iteration: 0, loss: 0.0625, updated: false },
    ]);
  });

  test('never updates more than maxIterations times before a step', async () => {
    const options = { gradient: halving(1e9), sampler, hiddenStates, objects, maxIterations: 2 };
    const guidance = createSpatialGuidance(options);
    for (const step of [0, 1, 2]) await guidance.beforeStep(Float32Array.of(0), step);
    expect(guidance.updatesPerStep()).toEqual([2, 2, 2, 0]);
  });

  test('stops at a loss that is not finite, and when it is aborted', async () => {
    const broken = createSpatialGuidance({
      gradient: halving(Number.NaN),
      sampler,
      hiddenStates,
      objects,
    });
    await expect(broken.beforeStep(Float32Array.of(1), 2)).rejects.toThrow(
      /not finite in step 3 \(timestep/,
    );
    const signal = AbortSignal.abort(new Error('enough'));
    const options = { gradient: halving(1), sampler, hiddenStates, objects, signal };
    const aborted = createSpatialGuidance(options);
    await expect(aborted.beforeStep(Float32Array.of(1), 0)).rejects.toThrow('enough');
  });

  test.each(['ddim', 'pndm', 'dpmpp2m', 'euler', 'euler-ancestral'] as const)(
    '%s moves the same image as LMS would',
    async (name) => {
      const other: Sampler = createSampler(name, schedule, 4);
      const { signal, noise } = other.mixtureAt(1);
      const sigma = noise / signal;
      const exploding = Float32Array.of(3, -1, 20);
      const gradient = Float32Array.of(0.5, -2, 1); // with respect to what the model sees
      const inExploding = updateLatent(exploding, gradient, { signal: 1, noise: sigma });
      const own = updateLatent(
        exploding.map((value) => value * signal),
        gradient,
        other.mixtureAt(1),
      );
      expect(
        relativeL2(
          own,
          inExploding.map((value) => value * signal),
        ),
      ).toBeLessThan(1e-6);
      // and the model sees the same in either
      const seen = other.scaleModelInput(
        exploding.map((value) => value * signal),
        1,
      );
      expect(
        relativeL2(
          seen,
          exploding.map((value) => value / Math.hypot(1, sigma)),
        ),
      ).toBeLessThan(1e-6);
    },
  );
});
