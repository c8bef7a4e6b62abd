import type { AnchorChoice } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { RandomStream } from '../diffusion/random.ts';
import { createNoiseSchedule } from '../diffusion/schedule.ts';
import { meanRow, readSquaredNorms, readVocabularyRows } from '../diffusion/vocabulary.ts';
import { type AnchorPlan, planAnchors } from '../inversion/anchors.ts';
import { classWordTokens } from '../inversion/classWord.ts';
import type { DirectionalOptions } from '../inversion/directionalStep.ts';
import { initialRows } from '../inversion/initialRows.ts';
import {
  defaultSettings,
  type MethodSettings,
  officialSettings,
  planTraining,
  type TrainingPlan,
} from '../inversion/methods.ts';
import type { NamedArrays } from '../inversion/namedArrays.ts';
import {
  classPrompt,
  objectTemplates,
  scaleNeutralTemplates,
} from '../inversion/promptTemplates.ts';
import { initialValues, type LoraSize } from '../inversion/trainables.ts';
import { anchorWeightsName, placeholderRowsName } from '../inversion/trainExpression.ts';
import { Trainer } from '../inversion/trainer.ts';
import { BatchDrawer, type Picture } from '../inversion/trainingSet.ts';
import { mean } from '../numbers.ts';
import type { EngineParams } from '../protocol.ts';
import { type CommandContext, note, warn } from './context.ts';
import { latentSizeOf, type Size } from './latentSize.ts';
import { type ConceptPrompts, teachConcept } from './teachConcept.ts';
import { encodePhotos, sampleClassPictures } from './trainingPictures.ts';

/** A training's input without its files: of the masks it only counts whether there are some. */
type Params = Omit<EngineParams<'trainConcept'>, 'photos' | 'skipUnreadable' | 'resume' | 'out'>;

/** Where a training's pictures come from. */
export interface PictureSource {
  /** @param scaleAugmentation whether photos are shown at other scales too, with prompts that say so */
  photos(size: Size, scaleAugmentation: boolean): Promise<Picture[]>;
  /** Pictures of the class, one per prompt. */
  classPictures(size: Size, prompts: readonly string[]): Promise<Picture[]>;
}

/** Photos from a folder, pictures of the class from the model itself. */
export function trainingPictures(
  model: DiffusionModel,
  params: EngineParams<'trainConcept'>,
  context: CommandContext,
): PictureSource {
  return {
    photos: (size, scaleAugmentation) =>
      encodePhotos(model, { params, size, scaleAugmentation }, context),
    classPictures: (size, prompts) =>
      sampleClassPictures(model, prompts, params.seed, size, context),
  };
}

/** A training before it has seen a picture. */
export interface CheckedTraining {
  readonly settings: MethodSettings;
  readonly anchors: AnchorPlan;
  readonly prompts: ConceptPrompts;
  /** Of the latent. */
  readonly size: Size;
  /** Tokens of the class word. */
  readonly classIds: readonly number[];
}

/** A training before its first step. */
export interface TrainingSetup {
  readonly settings: MethodSettings;
  readonly anchors: AnchorPlan;
  readonly plan: TrainingPlan;
  readonly trainer: Trainer;
  readonly drawer: BatchDrawer;
  readonly photos: readonly Picture[];
  /** Tokens of the class word. */
  readonly classIds: readonly number[];
  readonly lora: LoraSize;
}

/**
 * Looks at what the user said of a training, before anything takes long: settings, the concept's words, anchors.
 *
 * @param model whose tokenizer gets the concept's tokens
 * @throws InputError when something given cannot be used
 */
export async function checkTraining(
  model: DiffusionModel,
  params: Params,
  context: CommandContext,
): Promise<CheckedTraining> {
  const settings = settingsOf(params);
  const size = latentSizeOf(model, params.size);
  requireMasks(params);
  const { ids: classIds, note: explanation } = classWordTokens(model.tokenizer, params.classWord);
  if (explanation) note(context, explanation);
  const anchors = await planAnchors(model, params.classWord, anchorChoiceOf(params));
  const prompts = teachConcept(model, { ...params, vectors: settings.vectors }, anchors);
  return { settings, anchors, prompts, size, classIds };
}

/**
 * Prepares a training: what {@link checkTraining} finds, photos and class pictures, the compiled step.
 *
 * @param model whose tokenizer gets the concept's tokens
 * @throws InputError when something given cannot be used
 */
export async function setUpTraining(
  model: DiffusionModel,
  params: Params,
  context: CommandContext,
  pictures: PictureSource,
): Promise<TrainingSetup> {
  const checked = await checkTraining(model, params, context);
  const { settings, anchors, prompts, size, classIds } = checked;
  const augmented = isAugmented(params, settings, size);
  const templates = augmented ? scaleNeutralTemplates(objectTemplates) : objectTemplates;
  warnOfOverflow(prompts, templates, context);
  warnOfLongSuffixes(prompts, params, context);
  const photos = await pictures.photos(size, augmented);
  const classPictures = await pictures.classPictures(size, classPrompts(params, settings));
  const lora = { rank: params.rank, alpha: params.alpha ?? params.rank };
  const plan = await planOf(model, params, { settings, anchors, prompts, size, photos, lora });
  const initial = await startingValues(model, params, settings, { plan, anchors });
  const trainer = await Trainer.create(model, plan.step, plan.optimizer, initial);
  const schedule = createNoiseSchedule(model.configs.scheduler);
  const set = { photos, classPictures, templates, ...prompts };
  const drawer = new BatchDrawer(set, plan.step, schedule, params.seed);
  return { settings, anchors, plan, trainer, drawer, photos, classIds, lora };
}

/** The released scripts have one anchor, the class word. */
function anchorChoiceOf({ anchors, official }: Params): AnchorChoice {
  return anchors ?? { kind: official ? 'class-word' : 'auto' };
}

/** The method's settings with what the user said instead. */
function settingsOf(params: Params): MethodSettings {
  const base = (params.official ? officialSettings : defaultSettings)[params.method];
  return {
    ...base,
    vectors: params.vectors ?? base.vectors,
    steps: params.steps ?? base.steps,
    batch: params.batch ?? base.batch,
    accumulate: params.accumulate ?? base.accumulate,
    learningRate: params.learningRate ?? base.learningRate,
    priorWeight: params.priorWeight ?? base.priorWeight,
    anchored: anchoredWeights(params) ?? base.anchored,
    classPictures: params.priorImages ?? base.classPictures,
  };
}

function anchoredWeights({ anchorWeight: anchor }: Params): MethodSettings['anchored'] | undefined {
  return anchor === undefined ? undefined : { reconstruction: 1 - anchor, anchor };
}

function requireMasks({ maskedAttention, masks }: Params): void {
  if (maskedAttention === undefined || masks !== undefined) return;
  throw new InputError(
    'the loss of masked attention keeps the attention inside masks: name their folder with --masks',
  );
}

/** Scale augmentation brings masks of its own and knows squares only. */
function isAugmented(
  { masks }: Params,
  settings: MethodSettings,
  { width, height }: Size,
): boolean {
  return settings.scaleAugmentation && masks === undefined && width === height;
}

function warnOfOverflow(
  { overflowOf }: ConceptPrompts,
  templates: readonly string[],
  context: CommandContext,
): void {
  const cut = templates
    .map((template) => overflowOf(template))
    .filter((overflow) => overflow !== '');
  if (cut.length === 0) return;
  warn(
    context,
    `${cut.length} of ${templates.length} training prompts are longer than the model sees; the first loses "${cut[0]}". Use fewer vectors`,
  );
}

/** A sentence about a photo may leave no room for all of it. */
function warnOfLongSuffixes(
  { overflowOf }: ConceptPrompts,
  { captionSuffixes = {} }: Params,
  context: CommandContext,
): void {
  for (const [photo, captionSuffix] of Object.entries(captionSuffixes)) {
    const overflow = overflowOf(objectTemplates[0], captionSuffix);
    if (overflow === '') continue;
    warn(
      context,
      `the words about ${photo} are longer than the model sees: it loses "${overflow}"`,
    );
  }
}

function classPrompts({ classWord }: Params, { classPictures }: MethodSettings): string[] {
  return Array.from({ length: classPictures }, (_, index) =>
    classPrompt(objectTemplates[index % objectTemplates.length], classWord),
  );
}

interface PlanParts {
  readonly settings: MethodSettings;
  readonly anchors: AnchorPlan;
  readonly prompts: ConceptPrompts;
  readonly size: Size;
  readonly photos: readonly Picture[];
  readonly lora: LoraSize;
}

async function planOf(
  model: DiffusionModel,
  { method, schedule, warmupSteps, ...params }: Params,
  { settings, anchors, prompts, size, photos, lora }: PlanParts,
): Promise<TrainingPlan> {
  const { classPreserving: weight, maskedAttention } = params;
  const { scheduleCycles: cycles, schedulePower: power } = params;
  const plan = planTraining(model, {
    ...{ cycles, power },
    ...{ method, settings, anchors, lora, schedule, warmupSteps, maskedAttention, ...size },
    masked: photos.flat().some(({ mask }) => mask !== undefined),
    classPreserving: weight === undefined ? undefined : { weight, pair: prompts.classPair },
  });
  if (!params.directional) return plan;
  const directional = await directionOf(model, { method, ...params });
  return { ...plan, optimizer: { ...plan.optimizer, directional } };
}

/** Of Directional Textual Inversion (arXiv 2512.13672), as published for SDXL. */
const directionalRate = 0.01;
const directionalKappa = 1e-4;

async function directionOf(
  model: DiffusionModel,
  { classWord, method, learningRate }: Pick<Params, 'classWord' | 'method' | 'learningRate'>,
): Promise<DirectionalOptions> {
  const norms = (await readSquaredNorms(model)).map(Math.sqrt);
  const { anchorIds } = classWordTokens(model.tokenizer, classWord);
  const { hiddenSize } = model.configs.textEncoder;
  const classRow = meanRow(await readVocabularyRows(model, anchorIds), hiddenSize);
  // the other methods' learning rate is that of the UNet's weights
  const ownRate = method === 'textual-inversion' ? learningRate : undefined;
  return {
    learningRate: ownRate ?? directionalRate,
    norm: mean(norms),
    kappa: directionalKappa,
    mean: classRow,
  };
}

async function startingValues(
  model: DiffusionModel,
  { initializer, classWord, seed }: Params,
  { vectors }: MethodSettings,
  { plan, anchors }: Pick<TrainingSetup, 'plan' | 'anchors'>,
): Promise<NamedArrays> {
  const random = RandomStream.create(seed, 'training start');
  const { change } = plan.step;
  return {
    ...(await initialValues(change, model.weights.unet, model.compile, random)),
    ...(anchors.initialShares && { [anchorWeightsName]: anchors.initialShares }),
    [placeholderRowsName]: await initialRows(model, initializer, classWord, vectors),
  };
}
