import { describe, expect, test } from 'vitest';
import type { DiffusionModel } from '../../../src-main/engine/diffusion/model.ts';
import {
  addNoise,
  createNoiseSchedule,
  predictionTarget,
} from '../../../src-main/engine/diffusion/schedule.ts';
import type { NamedArrays } from '../../../src-main/engine/inversion/namedArrays.ts';
import {
  attentionLora,
  crossAttentionKeysAndValues,
  readWeights,
  type UNetChange,
  wholeUNet,
} from '../../../src-main/engine/inversion/trainables.ts';
import type { TrainStepOptions } from '../../../src-main/engine/inversion/trainExpression.ts';
import {
  createTrainStep,
  type TrainStepResult,
} from '../../../src-main/engine/inversion/trainStep.ts';
import { availableModels, compile, openGolden, openTinyModel } from '../../support/tinyModel.ts';

type Golden = NonNullable<ReturnType<typeof openGolden>>;

/** Runs one stored batch through a step. */
async function runStored(
  model: DiffusionModel,
  golden: Golden,
  inputs: { readonly ids: string; readonly referenceIds?: string; readonly rows: Float32Array },
  options: Partial<TrainStepOptions>,
  values: NamedArrays = {},
): Promise<TrainStepResult> {
  const [batch, , height, width] = golden.shape('latents');
  const schedule = createNoiseSchedule(model.configs.scheduler);
  const [latents, noise] = [golden.floats('latents'), golden.floats('noise')];
  const [timesteps] = golden.rows('timesteps');
  const full: TrainStepOptions = {
    batch,
    classRows: 0,
    height,
    width,
    placeholders: inputs.rows.length / model.configs.textEncoder.hiddenSize,
    change: { kind: 'none' },
    anchor: { kind: 'none' },
    lossWeights: { reconstruction: 1, anchor: 0, prior: 0 },
    masked: false,
    detachFirstToken: false,
    ...options,
  };
  const step = await createTrainStep(model, full);
  const maskSize = (batch - full.classRows) * height * width;
  const result = await step.run(
    {
      tokenIds: golden.rows(inputs.ids),
      referenceIds: inputs.referenceIds ? golden.rows(inputs.referenceIds) : undefined,
      noisyLatents: addNoise(schedule, latents, noise, timesteps),
      timesteps,
      target: predictionTarget(schedule, latents, noise, timesteps),
      mask: full.masked ? golden.floats('mask').slice(0, maskSize) : undefined,
    },
    { placeholderRows: inputs.rows, ...values },
  );
  await step.release();
  return result;
}

function initialRows(golden: Golden, count: number, size: number): Float32Array {
  return golden.floats('embedding').slice(0, count * size);
}

describe.each(availableModels)('%s', (name) => {
  const model = openTinyModel(name);
  const size = model.configs.textEncoder.hiddenSize;
  const ti = openGolden(`${name}-golden`, 'grad_ti');

  describe.skipIf(!ti).each(['one', 'multi'])('textual inversion, %s', (prompts) => {
    const weights = {
      recons: { reconstruction: 1, anchor: 0, prior: 0 },
      comp: { reconstruction: 0.05, anchor: 0.95, prior: 0 },
      anchor_only: { reconstruction: 0, anchor: 1, prior: 0 },
    };
    test.each(Object.entries(weights))('%s', async (loss, lossWeights) => {
      if (!ti) return;
      const { losses, gradients } = await runStored(
        model,
        ti,
        {
          ids: `${prompts}.ids`,
          referenceIds: `${prompts}.ref_ids`,
          rows: initialRows(ti, 3, size),
        },
        { lossWeights, anchor: { kind: lossWeights.anchor === 0 ? 'none' : 'reference' } },
      );
      const found = [losses.total, losses.reconstruction, losses.anchor ?? 0];
      expect(ti.excess(`${prompts}.${loss}.loss`, found)).toBeLessThan(1);
      expect(ti.excess(`${prompts}.${loss}.grad`, gradients.placeholderRows)).toBeLessThan(1);
    });
  });

  const one = ti ? initialRows(ti, 1, size) : new Float32Array(size);
  const { unet } = model.configs;

  const custom = openGolden(`${name}-golden`, 'grad_cd');
  const plain = openGolden(`${name}-golden`, 'grad_kv_plain');

  /** The stored inputs stand in grad_cd; the plain gradients in a file of their own. */
  const runCustomDiffusion = async (golden: Golden, detachFirstToken: boolean) => {
    const change = crossAttentionKeysAndValues(unet);
    return runStored(
      model,
      golden,
      { ids: 'ids', referenceIds: 'ref_ids', rows: customRow(golden) },
      {
        change,
        classRows: 2,
        masked: true,
        detachFirstToken,
        anchor: { kind: 'reference' },
        lossWeights: { reconstruction: 0.05, anchor: 0.95, prior: 1 },
      },
      await start(model, change),
    );
  };
  const customRow = (golden: Golden) =>
    golden.keys.includes('embedding') ? golden.floats('embedding') : one;

  test.skipIf(!custom)('Custom Diffusion', async () => {
    if (!custom) return;
    const { losses, gradients } = await runCustomDiffusion(custom, true);
    const found = [losses.total, losses.reconstruction, losses.prior ?? 0, losses.anchor ?? 0];
    expect(custom.excess('loss', found)).toBeLessThan(1);
    expect(custom.excess('grad.embedding', gradients.placeholderRows)).toBeLessThan(1);
    for (const key of custom.keys.filter((key) => key.includes('_custom_diffusion'))) {
      const own = key.slice('grad.'.length).replace('_custom_diffusion', '');
      expect(custom.excess(key, gradients[own]), key).toBeLessThan(1);
    }
  });

  test.skipIf(!custom || !plain)('Custom Diffusion with the first token trained', async () => {
    if (!custom || !plain) return;
    const { gradients } = await runCustomDiffusion(custom, false);
    const keys = plain.keys.filter((key) => key.startsWith('grad.'));
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(plain.excess(key, gradients[key.slice('grad.'.length)]), key).toBeLessThan(1);
    }
  });

  const lora = openGolden(`${name}-golden`, 'grad_lora');
  test.skipIf(!lora)('LoRA', async () => {
    if (!lora) return;
    const factors = lora.keys.filter((key) => /^(?!grad\.).*lora_[AB]\.weight$/.test(key));
    const rank = lora.shape(factors[0])[0];
    const values = Object.fromEntries(factors.map((key) => [key, lora.floats(key)]));
    const change = attentionLora(unet, { rank, alpha: rank });
    const rows = { ids: 'ids', rows: one };
    const { losses, gradients } = await runStored(model, lora, rows, { change }, values);
    expect(lora.excess('loss', [losses.total])).toBeLessThan(1);
    for (const key of factors) {
      expect(lora.excess(`grad.${key}`, gradients[key]), key).toBeLessThan(1);
    }
  });

  const whole = openGolden(`${name}-golden`, 'grad_unet');
  test.skipIf(!whole || !ti)('every weight of the UNet', async () => {
    if (!whole || !ti) return;
    const change = wholeUNet(unet);
    const rows = { ids: 'one.ids', rows: one };
    const values = await start(model, change);
    const { losses, gradients } = await runStored(model, ti, rows, { change }, values);
    expect(whole.excess('loss', [losses.total])).toBeLessThan(1);
    for (const key of change.kind === 'weights' ? change.weights.keys() : []) {
      const gradient = gradients[key];
      if (whole.keys.includes(`grad.${key}`)) {
        expect(whole.excess(`grad.${key}`, gradient), key).toBeLessThan(1);
      } else {
        const head = [Math.hypot(...gradient), ...gradient.slice(0, 64)];
        expect(whole.excess(`head.${key}`, head), key).toBeLessThan(1);
      }
    }
  });
});

async function start(model: DiffusionModel, change: UNetChange): Promise<NamedArrays> {
  if (change.kind !== 'weights') return {};
  return readWeights(model.weights.unet, change.weights, compile);
}
