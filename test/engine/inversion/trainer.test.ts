import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DiffusionModel } from '../../../src-main/engine/diffusion/model.ts';
import {
  addNoise,
  createNoiseSchedule,
  predictionTarget,
} from '../../../src-main/engine/diffusion/schedule.ts';
import { readVocabularyRows } from '../../../src-main/engine/diffusion/vocabulary.ts';
import {
  crossAttentionKeysAndValues,
  readWeights,
  type UNetChange,
  wholeUNet,
} from '../../../src-main/engine/inversion/trainables.ts';
import {
  type Losses,
  placeholderRowsName,
  type TrainBatch,
  type TrainStepOptions,
} from '../../../src-main/engine/inversion/trainExpression.ts';
import { Trainer } from '../../../src-main/engine/inversion/trainer.ts';
import { decayingVocabulary } from '../../../src-main/engine/verification/decayingVocabulary.ts';
import { goldenPath } from '../../support/golden.ts';
import { availableModels, openGolden, openTinyModel } from '../../support/tinyModel.ts';

type Golden = NonNullable<ReturnType<typeof openGolden>>;

const constantRate = { schedule: 'constant', warmupSteps: 0, trainingSteps: 20 } as const;

/** The `index`-th stored micro-batch. */
function storedBatch(model: DiffusionModel, golden: Golden, index: number): TrainBatch {
  const [, batch, channels, height, width] = golden.shape('latents');
  const size = batch * channels * height * width;
  const part = (key: string, count: number) =>
    golden.floats(key).slice(index * count, (index + 1) * count);
  const rowsOf = (key: string) => {
    const perStep = golden.shape(key)[1];
    return golden.rows(key).slice(index * perStep, (index + 1) * perStep);
  };
  const schedule = createNoiseSchedule(model.configs.scheduler);
  const [latents, noise] = [part('latents', size), part('noise', size)];
  const timesteps = golden.rows('timesteps')[index];
  const concepts = golden.shape('ref_ids')[1];
  return {
    tokenIds: rowsOf('ids'),
    referenceIds: rowsOf('ref_ids'),
    noisyLatents: addNoise(schedule, latents, noise, timesteps),
    timesteps,
    target: predictionTarget(schedule, latents, noise, timesteps),
    mask: golden.keys.includes('mask')
      ? part('mask', batch * height * width).slice(0, concepts * height * width)
      : undefined,
  };
}

function stepOptions(golden: Golden, options: Partial<TrainStepOptions>): TrainStepOptions {
  const [, batch, , height, width] = golden.shape('latents');
  return {
    batch,
    classRows: batch - golden.shape('ref_ids')[1],
    height,
    width,
    placeholders: 1,
    change: { kind: 'none' },
    anchor: { kind: 'reference' },
    lossWeights: { reconstruction: 1, anchor: 0, prior: 0 },
    masked: false,
    detachFirstToken: false,
    ...options,
  };
}

interface InversionCase {
  readonly nv: number;
  readonly accum: number;
  readonly lr: number;
  readonly wr: number;
  readonly wa: number;
  readonly steps: number;
  readonly weight_decay: number;
  readonly initializer: string;
}

interface WholeCase {
  readonly lr: number;
  readonly weights: { readonly recons: number; readonly anchor: number; readonly prior: number };
  readonly max_grad_norm: number;
  readonly weight_decay: number;
}

function caseOf<T>(folder: string, name: string): T {
  const index = JSON.parse(readFileSync(goldenPath(`${folder}/index.json`) ?? '', 'utf8'));
  return index[`case.${name}`];
}

describe.each(availableModels)('%s', (name) => {
  const model = openTinyModel(name);
  const folder = `${name}-golden/train`;
  const initialRows = async (initializer: string, count: number) => {
    const [row] = [await readVocabularyRows(model, model.tokenizer.idsOfWord(initializer))];
    return Float32Array.from(Array.from({ length: count }, () => [...row]).flat());
  };

  describe.each(['plain1', 'anchor1', 'plainN', 'anchorN', 'accum2', 'officialN'])('%s', (key) => {
    const golden = openGolden(folder, key);
    test.skipIf(!golden)('is followed step by step', async () => {
      if (!golden) return;
      const { nv, accum, lr, wr, wa, steps, weight_decay, initializer } = caseOf<InversionCase>(
        folder,
        key,
      );
      const options = stepOptions(golden, {
        placeholders: nv,
        lossWeights: { reconstruction: wr, anchor: wa, prior: 0 },
      });
      const settings = {
        learningRate: { ...constantRate, base: lr },
        weightDecay: weight_decay,
        accumulate: accum,
      };
      const rows = await initialRows(initializer, nv);
      const trainer = await Trainer.create(model, options, settings, {
        [placeholderRowsName]: rows,
      });
      const [embedding, losses]: [number[], number[]] = [[], []];
      for (let index = 0; index < steps; index++) {
        const batches = Array.from({ length: accum }, (_, micro) =>
          storedBatch(model, golden, index * accum + micro),
        );
        const { microLosses } = await trainer.step(batches, index);
        embedding.push(...trainer.values[placeholderRowsName]);
        losses.push(
          ...microLosses.flatMap((one) => [one.total, one.reconstruction, one.anchor ?? 0]),
        );
      }
      await trainer.release();
      expect(golden.excess('losses', losses)).toBeLessThan(1);
      expect(golden.excess('embedding', embedding)).toBeLessThan(1);
    });
  });

  describe.each(['custom_diffusion', 'dreambooth'])('%s', (key) => {
    const golden = openGolden(folder, key);
    test.skipIf(!golden)('is followed step by step', async () => {
      if (!golden) return;
      const { lr, weights, max_grad_norm, weight_decay } = caseOf<WholeCase>(folder, key);
      const custom = key === 'custom_diffusion';
      const { unet } = model.configs;
      const change: UNetChange = custom ? crossAttentionKeysAndValues(unet) : wholeUNet(unet);
      const vocabulary = decayingVocabulary(model, weight_decay);
      const { recons: reconstruction, anchor, prior } = weights;
      const options = stepOptions(golden, {
        change,
        masked: custom,
        detachFirstToken: custom,
        lossWeights: { reconstruction, anchor, prior },
      });
      const settings = {
        learningRate: { ...constantRate, base: lr },
        weightDecay: weight_decay,
        accumulate: 1,
        maxGradientNorm: max_grad_norm,
      };
      const trainer = await Trainer.create(vocabulary.model, options, settings, {
        [placeholderRowsName]: await initialRows('cat', 1),
        ...(await readStart(model, change)),
      });
      const [embedding, losses, norms]: [number[], number[], number[]] = [[], [], []];
      for (let index = 0; index < golden.shape('latents')[0]; index++) {
        const done = await trainer.step([storedBatch(model, golden, index)], index);
        vocabulary.decay(lr);
        losses.push(...lossRow(done.losses));
        norms.push(done.gradientNorm);
        embedding.push(...trainer.values[placeholderRowsName]);
      }
      await trainer.release();
      expect(golden.excess('losses', losses)).toBeLessThan(1);
      expect(golden.excess('grad_norm', norms)).toBeLessThan(1);
      expect(golden.excess('embedding', embedding)).toBeLessThan(1);
      const finals = golden.keys.filter((one) => one.startsWith('final.'));
      expect(finals.length).toBeGreaterThan(1);
      for (const one of finals) {
        const own = one.slice('final.'.length).replace('_custom_diffusion', '');
        const found =
          own === 'embedding_table'
            ? await wholeTable(model, vocabulary.apply, trainer.values[placeholderRowsName])
            : trainer.values[own];
        expect(golden.excess(one, found), one).toBeLessThan(1);
      }
    });
  });
});

function lossRow({ total, reconstruction, prior, anchor }: Losses): number[] {
  return [total, reconstruction, prior ?? 0, anchor ?? 0];
}

async function readStart(model: DiffusionModel, change: UNetChange) {
  if (change.kind !== 'weights') return {};
  return readWeights(model.weights.unet, change.weights, model.compile);
}

async function wholeTable(
  model: DiffusionModel,
  decayed: (rows: Float32Array) => Float32Array,
  rows: Float32Array,
): Promise<Float32Array> {
  const ids = Array.from({ length: model.configs.textEncoder.vocabSize }, (_, id) => id);
  return Float32Array.from([...decayed(await readVocabularyRows(model, ids)), ...rows]);
}
