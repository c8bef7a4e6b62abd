import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { readVocabularyRows } from '../diffusion/vocabulary.ts';
import { crossAttentionKeysAndValues, readWeights, wholeUNet } from '../inversion/trainables.ts';
import { type OptimizerSettings, type StepReport, Trainer } from '../inversion/trainer.ts';
import { type Losses, placeholderRowsName, type TrainStepOptions } from '../inversion/trainStep.ts';
import { elementCount } from '../tensor/shape.ts';
import type { CaseReporter } from './caseReporter.ts';
import {
  comparePromptIds,
  newTokenizer,
  placeholderOf,
  type VerificationContext,
} from './context.ts';
import { trainedName } from './customDiffusionCases.ts';
import { decayingVocabulary } from './decayingVocabulary.ts';
import type { GoldenFile } from './goldenFile.ts';
import { stepOptionsOf, storedBatch } from './storedBatch.ts';

const sharedFields = {
  lr: z.number(),
  weight_decay: z.number(),
  optimizer: z.string().optional(),
  betas: z.tuple([z.number(), z.number()]).optional(),
  eps: z.number().optional(),
  initializer: z.string().optional(),
  prompts: z.array(z.array(z.string())).optional(),
  reference: z.array(z.array(z.string())).optional(),
};

/** Textual inversion: `nv` vectors, `accum` micro-batches per step, weights of reconstruction and anchor. */
const inversionSchema = z.object({
  ...sharedFields,
  nv: z.int().positive(),
  accum: z.int().positive(),
  wr: z.number(),
  wa: z.number(),
});

/** Custom Diffusion and DreamBooth. */
const wholeSchema = z.object({
  ...sharedFields,
  weights: z.object({ recons: z.number(), anchor: z.number(), prior: z.number() }),
  max_grad_norm: z.number(),
  trained: z.string(),
});

const caseSchema = z.union([inversionSchema, wholeSchema]);

type TrainingCase = z.infer<typeof caseSchema>;
type WholeCase = z.infer<typeof wholeSchema>;

/** What a method changes in the UNet. */
type TrainedPart = Pick<TrainStepOptions, 'change' | 'detachFirstToken'>;

/** A trajectory made ready to run. */
interface Training {
  readonly model: DiffusionModel;
  readonly options: TrainStepOptions;
  readonly settings: OptimizerSettings;
  readonly rows: Float32Array;
}

/** train: optimiser trajectories on stored batches, from the initializer's row on. */
export async function verifyTraining(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const { train } = context.indexes;
  if (!train) return cases.unsupported('train', 'train/index.json is not there');
  for (const name of train.fileNames) {
    const file = cases.open(train, name);
    if (!file) continue;
    const scope = { name: file.label, file, keys: outputKeys(file) };
    const training = train.section(`case.${name.replace(/\.safetensors$/, '')}`, caseSchema);
    if (!training) {
      cases.refuse(scope, 'the index describes no such case');
      continue;
    }
    comparePromptIds(context, cases, file, 'ids', training.prompts?.flat());
    comparePromptIds(context, cases, file, 'ref_ids', training.reference?.flat());
    await cases.attempt(scope, async () => {
      const { optimizer = 'AdamW' } = training;
      if (!optimizer.includes('AdamW')) return cases.refuse(scope, `the optimiser is ${optimizer}`);
      if ('trained' in training) await followWhole(context, file, training, cases, scope.keys);
      else await followInversion(context, file, training, cases, scope.keys);
    });
  }
}

function outputKeys(file: GoldenFile): string[] {
  return file.keys.filter((key) => /^(embedding|losses|grad_norm|final\..+)$/.test(key));
}

async function followInversion(
  context: VerificationContext,
  file: GoldenFile,
  training: z.infer<typeof inversionSchema>,
  cases: CaseReporter,
  keys: readonly string[],
): Promise<void> {
  const { nv, accum, wr, wa } = training;
  const run = await follow(context, file, {
    model: context.model,
    options: stepOptionsOf(file, 'ref_ids', {
      placeholders: nv,
      lossWeights: { reconstruction: wr, anchor: wa, prior: 0 },
      anchor: { kind: wa === 0 ? 'none' : 'reference' },
    }),
    settings: settingsOf(training, file, accum),
    rows: await initialRows(context, training.initializer, nv),
  });
  const losses = run.reports.flatMap(({ microLosses }) => microLosses);
  compareRun(file, keys, cases, {
    embedding: run.rows,
    losses: losses.flatMap(({ total, reconstruction, anchor = 0 }) => [
      total,
      reconstruction,
      anchor,
    ]),
    grad_norm: run.reports.map(({ gradientNorm }) => gradientNorm),
  });
}

async function followWhole(
  context: VerificationContext,
  file: GoldenFile,
  training: WholeCase,
  cases: CaseReporter,
  keys: readonly string[],
): Promise<void> {
  const { model } = context;
  const method = methodOf(training, model);
  if (!method) {
    return cases.refuse({ name: file.label, file, keys }, `trained is "${training.trained}"`);
  }
  const vocabulary = decayingVocabulary(model, training.weight_decay);
  const plan = await planWhole(context, file, training, method);
  const run = await follow(context, file, { ...plan, model: vocabulary.model }, () =>
    vocabulary.decay(training.lr),
  );
  const rows = run.values[placeholderRowsName];
  compareRun(file, keys, cases, {
    ...finalValues(run, keys),
    embedding: run.rows,
    losses: run.reports.flatMap(({ losses }) => lossRow(losses)),
    grad_norm: run.reports.map(({ gradientNorm }) => gradientNorm),
    'final.embedding_table': await wholeTable(model, vocabulary.apply, rows),
  });
}

async function planWhole(
  context: VerificationContext,
  file: GoldenFile,
  training: WholeCase,
  method: TrainedPart,
): Promise<Training> {
  const { recons: reconstruction, anchor, prior } = training.weights;
  const { hiddenSize } = context.model.configs.textEncoder;
  const placeholders = elementCount(file.shape('embedding').slice(1)) / hiddenSize;
  return {
    model: context.model,
    options: stepOptionsOf(file, 'ref_ids', {
      ...method,
      placeholders,
      lossWeights: { reconstruction, anchor, prior },
      anchor: { kind: 'reference' },
    }),
    settings: { ...settingsOf(training, file, 1), maxGradientNorm: training.max_grad_norm },
    rows: await initialRows(context, training.initializer, placeholders),
  };
}

function lossRow({ total, reconstruction, prior = 0, anchor = 0 }: Losses): number[] {
  return [total, reconstruction, prior, anchor];
}

/** Trained weights by their keys "final.<weight>". */
function finalValues({ values }: FollowedRun, keys: readonly string[]) {
  const finals = keys.filter((key) => key.startsWith('final.'));
  return Object.fromEntries(
    finals.map((key) => [key, values[trainedName(key.slice('final.'.length))]]),
  );
}

/** What is trained, in the words of the index. */
function methodOf({ trained }: WholeCase, { configs }: DiffusionModel): TrainedPart | undefined {
  if (trained.startsWith('K,V of all cross-attentions')) {
    return { change: crossAttentionKeysAndValues(configs.unet), detachFirstToken: true };
  }
  if (trained.startsWith('all UNet weights')) {
    return { change: wholeUNet(configs.unet), detachFirstToken: false };
  }
  return undefined;
}

function settingsOf(
  { lr, weight_decay, betas, eps: epsilon }: TrainingCase,
  file: GoldenFile,
  accumulate: number,
): OptimizerSettings {
  const trainingSteps = file.shape('latents')[0] / accumulate;
  return {
    learningRate: { schedule: 'constant', warmupSteps: 0, trainingSteps, base: lr },
    weightDecay: weight_decay,
    adamW: { betas, epsilon },
    accumulate,
  };
}

interface FollowedRun {
  readonly reports: readonly StepReport[];
  /** The placeholder rows after every step, one after the other. */
  readonly rows: Float32Array;
  /** What is trained, after the last step. */
  readonly values: Trainer['values'];
}

async function follow(
  { model: { configs }, signal }: VerificationContext,
  file: GoldenFile,
  { model, options, settings, rows }: Training,
  afterStep: () => void = () => {},
): Promise<FollowedRun> {
  const weights = options.change.kind === 'weights' ? options.change.weights : new Map();
  const start =
    weights.size > 0 ? await readWeights(model.weights.unet, weights, model.compile) : {};
  const initial = { [placeholderRowsName]: rows, ...start };
  const trainer = await Trainer.create(model, options, settings, initial);
  const reports: StepReport[] = [];
  const rowsAfter: number[] = [];
  try {
    for (let step = 0; step < settings.learningRate.trainingSteps; step++) {
      const batches = Array.from({ length: settings.accumulate }, (_, micro) =>
        storedBatch(
          { configs },
          file,
          { ids: 'ids', referenceIds: 'ref_ids' },
          step * settings.accumulate + micro,
        ),
      );
      signal?.throwIfAborted();
      reports.push(await trainer.step(batches, step));
      afterStep();
      rowsAfter.push(...trainer.values[placeholderRowsName]);
    }
  } finally {
    await trainer.release();
  }
  return { reports, rows: Float32Array.from(rowsAfter), values: trainer.values };
}

function compareRun(
  file: GoldenFile,
  keys: readonly string[],
  cases: CaseReporter,
  found: Readonly<Record<string, ArrayLike<number> | undefined>>,
): void {
  for (const key of keys) {
    const values = found[key];
    if (values) cases.compare(file, key, values);
  }
}

/** Every row starts as the initializer's. */
async function initialRows(
  context: VerificationContext,
  initializer: string | undefined,
  count: number,
): Promise<Float32Array> {
  const id = initializerId(context, initializer);
  const row = await readVocabularyRows(context.model, [id]);
  return Float32Array.from(Array.from({ length: count }, () => [...row]).flat());
}

function initializerId(context: VerificationContext, initializer: string | undefined): number {
  const placeholder = placeholderOf(context);
  const word = initializer ?? placeholder?.initializer;
  if (placeholder?.initializer_id !== undefined && placeholder.initializer === word) {
    return placeholder.initializer_id;
  }
  const tokenizer = newTokenizer(context);
  const ids = typeof tokenizer === 'string' || word === undefined ? [] : tokenizer.idsOfWord(word);
  if (ids.length === 1) return ids[0];
  throw new InputError(`the rows' initializer "${word}" is not one token of the checkpoint's`);
}

async function wholeTable(
  model: DiffusionModel,
  decayed: (rows: Float32Array) => Float32Array,
  rows: Float32Array,
): Promise<Float32Array> {
  const ids = Array.from({ length: model.configs.textEncoder.vocabSize }, (_, id) => id);
  return Float32Array.from([...decayed(await readVocabularyRows(model, ids)), ...rows]);
}
