import { describe, expect, it } from 'vitest';
import type { AnchorPlan } from '../../../src-main/engine/inversion/anchors.ts';
import {
  defaultSettings,
  officialSettings,
  type PlanRequest,
  planTraining,
} from '../../../src-main/engine/inversion/methods.ts';
import { changeShapes } from '../../../src-main/engine/inversion/trainables.ts';
import { type TrainingMethod, trainingMethods } from '../../../src-shared/concept.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

const model = openTinyModel('tiny-sd1');
const none: AnchorPlan = { anchor: { kind: 'none' }, words: [] };
const classWord: AnchorPlan = {
  anchor: { kind: 'reference' },
  referenceId: 1,
  words: ['cat'],
};

function plan(method: TrainingMethod, changes: Partial<PlanRequest> = {}) {
  return planTraining(model, {
    method,
    settings: officialSettings[method],
    anchors: classWord,
    height: 8,
    width: 8,
    masked: false,
    lora: { rank: 4, alpha: 4 },
    schedule: 'constant',
    warmupSteps: 0,
    ...changes,
  });
}

describe('methods', () => {
  it('weigh their losses as the released scripts do', () => {
    const weights = (method: TrainingMethod) => plan(method).step.lossWeights;
    expect(weights('textual-inversion')).toMatchObject({ reconstruction: 0.05, anchor: 0.95 });
    expect(weights('custom-diffusion')).toMatchObject({
      reconstruction: 0.05,
      anchor: 0.95,
      prior: 1,
    });
    expect(weights('dreambooth')).toMatchObject({ reconstruction: 0.6, anchor: 0.4, prior: 1 });
  });

  it('weigh class pictures relative to the photos unless the released weights are asked for', () => {
    const prior = (anchors: typeof none | typeof classWord) => {
      const settings = { ...defaultSettings['custom-diffusion'], classPictures: 8 };
      return plan('custom-diffusion', { settings, anchors }).step.lossWeights.prior;
    };
    expect(prior(none)).toBe(1);
    expect(prior(classWord)).toBe(0.05);
  });

  it('give the rate the numbers of its schedule', () => {
    const request = { schedule: 'cosine_with_restarts', cycles: 3 } as const;
    expect(plan('textual-inversion', request).optimizer.learningRate).toMatchObject(request);
    const powerful = { schedule: 'polynomial', power: 2 } as const;
    expect(plan('textual-inversion', powerful).optimizer.learningRate).toMatchObject(powerful);
  });

  it('count the reconstruction fully without an anchor', () => {
    const { lossWeights } = plan('textual-inversion', { anchors: none }).step;
    expect(lossWeights).toMatchObject({ reconstruction: 1, anchor: 0, prior: 0 });
  });

  it('let a mask of ones leave the loss as it is, except Custom Diffusion, which is published otherwise', () => {
    const weight = (method: TrainingMethod) =>
      plan(method, { masked: true, anchors: none }).step.lossWeights.reconstruction;
    // the masked loss sums over the four channels
    expect(weight('textual-inversion')).toBe(0.25);
    expect(weight('custom-diffusion')).toBe(1);
    expect(plan('custom-diffusion').step.masked).toBe(true);
    const unit = (method: TrainingMethod) => plan(method, { masked: true }).reconstructionUnit;
    expect([unit('textual-inversion'), unit('custom-diffusion')]).toEqual([4, 4]);
    expect(plan('textual-inversion').reconstructionUnit).toBe(1);
    expect(plan('textual-inversion').step.masked).toBe(false);
  });

  it('add as many class pictures to a batch as it has photos', () => {
    expect(plan('custom-diffusion').step).toMatchObject({ batch: 4, classRows: 2 });
    expect(plan('textual-inversion').step).toMatchObject({ batch: 4, classRows: 0 });
  });

  it('train what they are known for', () => {
    const count = (method: TrainingMethod) => changeShapes(plan(method).step.change).size;
    expect(count('textual-inversion')).toBe(0);
    // 16 attention blocks: key and value; down and up of four layers in each of two attentions; all weights
    expect(count('custom-diffusion')).toBe(32);
    expect(count('lora-dreambooth')).toBe(256);
    expect(count('dreambooth')).toBe(686);
  });

  it('leave the anchors alone that are not to be learned', () => {
    expect(plan('custom-diffusion').optimizer.mixture).toBeUndefined();
    expect(plan('custom-diffusion', { anchors: none }).optimizer.mixture).toBeUndefined();
  });

  it('pull the shares of a mixture by all vectors together', () => {
    const anchors = {
      ...classWord,
      candidateRows: Float32Array.of(1, 0, 0, 1),
      initialShares: Float32Array.of(1, 0),
    };
    const step = (method: TrainingMethod) =>
      plan(method, { anchors }).optimizer.mixture?.stepSize ?? 0;
    // of half a squared distance: weight * vectors * 2 / (77 * 768)
    expect(step('textual-inversion')).toBeCloseTo((77 * 768) / 2 / (0.95 * 3), 3);
    expect(step('dreambooth')).toBeCloseTo((77 * 768) / 2 / 0.4, 3);
  });

  it.each(trainingMethods)(
    '%s clips gradients and asks for one photo at a time unless told',
    (method) => {
      expect(defaultSettings[method]).toMatchObject({ batch: 1, accumulate: 1, vectors: 1 });
      expect(defaultSettings[method].maxGradientNorm).toBe(1);
      expect(defaultSettings[method].steps).toBeLessThanOrEqual(officialSettings[method].steps);
    },
  );
});
