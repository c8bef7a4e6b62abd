import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { readVocabularyRows } from '../diffusion/vocabulary.ts';
import { crossAttentionKeysAndValues, readWeights, wholeUNet } from '../inversion/trainables.ts';
import {
  type Losses,
  placeholderRowsName,
  type TrainStepOptions,
} from '../inversion/trainExpression.ts';
import { type OptimizerSettings, type StepReport, Trainer } from '../inversion/trainer.ts';
import { joinRows } from '../numbers.ts';
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
import { joinedTable, referenceKey, stepOptionsOf, storedBatch } from './storedBatch.ts';

/** A weight that is left out is 0. */
const weight = z.number().default(0);

/**
 * A trajectory in the words of the index. Textual inversion has `nv` vectors, `accum` micro-batches per step and the
 * weights `wr` of reconstruction and `wa` of the anchor; Custom Diffusion and DreamBooth say what is `trained`.
 */
const caseSchema = z.object({
  lr: z.number(),
  weight_decay: z.number().default(0.01),
  optimizer: z.string().default('AdamW'),
  betas: z.tuple([z.number(), z.number()]).optional(),
  eps: z.number().optional(),
  initializer: z.string().optional(),
  prompts: z.array(z.array(z.string())).optional(),
  reference: z.array(z.array(z.string())).optional(),
  nv: z.int().positive().optional(),
  accum: z.int().positive().default(1),
  wr: z.number().default(1),
  wa: weight,
  weights: z.object({ recons: weight, anchor: weight, prior: weight }).optional(),
  max_grad_norm: z.number().positive().nullish(),
  trained: z.string().optional(),
});

type TrainingCase = z.infer<typeof caseSchema>;

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
    const section = `case.${name.replace(/\.safetensors$/, '')}`;
    const described = () => train.section(section, caseSchema);
    await comparePromptIds(context, cases, file, 'ids', () => described()?.prompts?.flat());
    await comparePromptIds(context, cases, file, 'ref_ids', () => described()?.reference?.flat());
    const scope = { name: file.label, file, keys: file.keys };
    await cases.attempt(scope, async () => {
      const training = described();
      if (!training) return cases.refuse(scope, 'the index describes no such case');
      const { optimizer } = training;
      if (!optimizer.includes('AdamW')) return cases.refuse(scope, `the optimiser is ${optimizer}`);
      await (training.trained === undefined ? followInversion : followWhole)(
        context,
        file,
        training,
        cases,
      );
    });
  }
}

function outputKeys(file: GoldenFile): string[] {
  return file.keys.filter((key) => /^(embedding|losses|grad_norm|final\..+)$/.test(key));
}

async function followInversion(
  context: VerificationContext,
  file: GoldenFile,
  training: TrainingCase,
  cases: CaseReporter,
): Promise<void> {
  const run = await follow(context, file, await plan(context, file, training));
  const losses = run.reports.flatMap(({ microLosses }) => microLosses);
  compareRun(file, cases, {
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
  training: TrainingCase,
  cases: CaseReporter,
): Promise<void> {
  const { model } = context;
  const method = methodOf(training, model);
  if (!method) {
    const detail = `trained is "${training.trained}"`;
    return cases.refuse({ name: file.label, file, keys: file.keys }, detail);
  }
  const vocabulary = decayingVocabulary(model, training.weight_decay);
  const planned = await plan(context, file, training, method);
  const run = await follow(context, file, { ...planned, model: vocabulary.model }, () =>
    vocabulary.decay(training.lr),
  );
  const tableKey = 'final.embedding_table';
  compareRun(file, cases, {
    ...finalValues(run, outputKeys(file)),
    embedding: run.rows,
    losses: run.reports.flatMap(({ losses }) => lossRow(losses)),
    grad_norm: run.reports.map(({ gradientNorm }) => gradientNorm),
    ...(file.has(tableKey) && {
      [tableKey]: joinedTable(
        await wholeVocabulary(model, vocabulary.apply),
        run.values[placeholderRowsName],
        elementCount(file.shape(tableKey)),
      ),
    }),
  });
}

async function plan(
  context: VerificationContext,
  file: GoldenFile,
  training: TrainingCase,
  method: Partial<TrainedPart> = {},
): Promise<Training> {
  const { weights, wr, wa, initializer } = training;
  const { recons: reconstruction, anchor, prior } = weights ?? { recons: wr, anchor: wa, prior: 0 };
  const lossWeights = { reconstruction, anchor, prior };
  const placeholders = placeholdersOf(context, file, training);
  return {
    model: context.model,
    options: stepOptionsOf(file, referenceKey(file, 'ref_ids', lossWeights), {
      ...method,
      placeholders,
      lossWeights,
      anchor: { kind: anchor === 0 ? 'none' : 'reference' },
    }),
    settings: settingsOf(training, file),
    rows: await initialRows(context, initializer, placeholders),
  };
}

/** As many as the case says, or as the rows that are stored after every step. */
function placeholdersOf(
  { model }: VerificationContext,
  file: GoldenFile,
  { nv }: TrainingCase,
): number {
  const { hiddenSize } = model.configs.textEncoder;
  return nv ?? elementCount(file.shape('embedding').slice(1)) / hiddenSize;
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
function methodOf(
  { trained = '' }: TrainingCase,
  { configs }: DiffusionModel,
): TrainedPart | undefined {
  if (trained.startsWith('K,V of all cross-attentions')) {
    return { change: crossAttentionKeysAndValues(configs.unet), detachFirstToken: true };
  }
  if (trained.startsWith('all UNet weights')) {
    return { change: wholeUNet(configs.unet), detachFirstToken: false };
  }
  return undefined;
}

function settingsOf(training: TrainingCase, file: GoldenFile): OptimizerSettings {
  const { lr, weight_decay, betas, eps: epsilon, accum: accumulate, max_grad_norm } = training;
  const trainingSteps = file.shape('latents')[0] / accumulate;
  return {
    learningRate: { schedule: 'constant', warmupSteps: 0, trainingSteps, base: lr },
    weightDecay: weight_decay,
    adamW: { betas, epsilon },
    accumulate,
    maxGradientNorm: max_grad_norm ?? undefined,
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
  { model: { configs, tokenizer }, signal }: VerificationContext,
  file: GoldenFile,
  { model, options, settings, rows }: Training,
  afterStep: () => void = () => {},
): Promise<FollowedRun> {
  const weights = options.change.kind === 'weights' ? options.change.weights : new Map();
  const start =
    weights.size > 0 ? await readWeights(model.weights.unet, weights, model.compile) : {};
  const initial = { [placeholderRowsName]: rows, ...start };
  const { classRows } = options;
  const referenceIds = referenceKey(file, 'ref_ids', options.lossWeights);
  const trainer = await Trainer.create(model, options, settings, initial);
  const reports: StepReport[] = [];
  const rowsAfter: number[] = [];
  try {
    for (let step = 0; step < settings.learningRate.trainingSteps; step++) {
      const batches = Array.from({ length: settings.accumulate }, (_, micro) =>
        storedBatch(
          { configs, tokenizer },
          file,
          { ids: 'ids', referenceIds, classRows },
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
  cases: CaseReporter,
  found: Readonly<Record<string, ArrayLike<number> | undefined>>,
): void {
  for (const key of outputKeys(file)) {
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
  return joinRows(new Array<Float32Array>(count).fill(row));
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

async function wholeVocabulary(
  model: DiffusionModel,
  decayed: (rows: Float32Array) => Float32Array,
): Promise<Float32Array> {
  const ids = Array.from({ length: model.configs.textEncoder.vocabSize }, (_, id) => id);
  return decayed(await readVocabularyRows(model, ids));
}
