import type { AnchorChoice } from '../../../src-shared/api.ts';
import type { AnchorShare, TrainingMethod } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { RandomStream } from '../diffusion/random.ts';
import { createNoiseSchedule } from '../diffusion/schedule.ts';
import { type AnchorPlan, anchorShares, planAnchors } from './anchors.ts';
import { initialRows, type RowInitializer } from './initialRows.ts';
import type { LearningRateSchedule } from './learningRate.ts';
import { type MethodSettings, planTraining, type TrainingPlan } from './methods.ts';
import type { NamedArrays } from './optimizer.ts';
import { addPlaceholderTokens } from './placeholderTokens.ts';
import {
  classPrompt,
  objectTemplates,
  referenceIds,
  type Subject,
  scaleNeutralTemplates,
  subjectText,
  trainingPrompt,
} from './promptTemplates.ts';
import { initialValues, type LoraSize } from './trainables.ts';
import { type TrainedParts, trainedParts } from './trainedParts.ts';
import { Trainer } from './trainer.ts';
import { BatchDrawer, type Picture, type TrainingSet, textEncoderIds } from './trainingSet.ts';
import { type TrainLoopOptions, type TrainOutcome, trainLoop } from './trainLoop.ts';
import { anchorWeightsName, type ClassPair, placeholderRowsName } from './trainStep.ts';

export interface ConceptRequest {
  readonly method: TrainingMethod;
  readonly settings: MethodSettings;
  readonly token: string;
  readonly classWord: string;
  readonly anchors: AnchorChoice;
  /** Default: the class word. */
  readonly initializer?: RowInitializer;
  readonly photos: readonly Picture[];
  /** For prior preservation; needed when the settings ask for class pictures. */
  readonly classPictures: readonly Picture[];
  /** Size of the latents. */
  readonly height: number;
  readonly width: number;
  readonly lora: LoraSize;
  readonly schedule: LearningRateSchedule;
  readonly warmupSteps: number;
  readonly seed: number;
  /** Default: those for objects. */
  readonly templates?: readonly string[];
  /** Weight of the class-preserving loss (ClassDiffusion); absent: none. */
  readonly classPreserving?: number;
  /** Weight of the loss that keeps attention in the masks (Break-A-Scene: 0.01); absent: none. */
  readonly maskedAttention?: number;
}

/** A concept being trained. */
export interface ConceptTraining {
  readonly plan: TrainingPlan;
  /** The trained values by name, changed in place by every step. */
  readonly values: NamedArrays;
  /** Trains to the last step, see {@link trainLoop}. */
  run(options: Omit<TrainLoopOptions, 'steps' | 'accumulate'>): Promise<TrainOutcome>;
  /** What the anchor is made of by now. */
  anchorShares(): AnchorShare[];
  /** The trained values, sorted as a concept file stores them. */
  parts(): TrainedParts;
  release(): Promise<void>;
}

/**
 * Gives a concept its word, its start and its anchors, and compiles its training step.
 *
 * @param model whose tokenizer learns the placeholders
 * @throws InputError when token, class word, anchors or pictures cannot be used
 */
export async function prepareTraining(
  model: DiffusionModel,
  request: ConceptRequest,
): Promise<ConceptTraining> {
  const { settings, token, classWord } = request;
  const subject = { token, classWord, vectors: settings.vectors };
  requirePictures(request);
  const placeholderIds = addPlaceholderTokens(model.tokenizer, token, subject.vectors);
  const anchors = await planAnchors(model, classWord, request.anchors);
  const encode = (prompt: string) => textEncoderIds(model, prompt, placeholderIds[0]);
  const plan = planTraining(model, {
    ...request,
    anchors,
    masked: request.photos.some((photo) => photo.some(({ mask }) => mask !== undefined)),
    classPreserving: classPreservingOf(model, request.classPreserving, subject, encode),
  });
  const start = await startValues(model, request, plan, anchors);
  const trainer = await Trainer.create(model, plan.step, plan.optimizer, start);
  const set = createTrainingSet(model, request, { subject, encode, anchors });
  const schedule = createNoiseSchedule(model.configs.scheduler);
  const drawer = new BatchDrawer(set, plan.step, schedule, request.seed);
  return {
    plan,
    values: trainer.values,
    run: (options) =>
      trainLoop(trainer, drawer, {
        ...options,
        steps: settings.steps,
        accumulate: settings.accumulate,
      }),
    anchorShares: () => anchorShares(anchors, trainer.values[anchorWeightsName]),
    parts: () => trainedParts(plan.step.change, trainer.values),
    release: () => trainer.release(),
  };
}

function requirePictures({ photos, classPictures, settings }: ConceptRequest): void {
  if (photos.length === 0)
    throw new InputError('there are no photos to train on: expected 1 or more');
  if (settings.classPictures > 0 && classPictures.length === 0) {
    throw new InputError('prior preservation needs pictures of the class: expected 1 or more');
  }
  for (const [index, photo] of photos.entries()) {
    if (photo.every(({ mask }) => mask === undefined || mask.some((value) => value > 0))) continue;
    throw new InputError(
      `the mask of photo ${index + 1} leaves nothing to learn: expected white where the concept is`,
    );
  }
}

async function startValues(
  model: DiffusionModel,
  { initializer = { kind: 'class-word' }, classWord, settings, seed }: ConceptRequest,
  { step }: TrainingPlan,
  { initialShares }: AnchorPlan,
): Promise<NamedArrays> {
  const random = RandomStream.create(seed, 'training start');
  return {
    ...(await initialValues(step.change, model.weights.unet, model.compile, random)),
    ...(initialShares && { [anchorWeightsName]: initialShares }),
    [placeholderRowsName]: await initialRows(model, initializer, classWord, settings.vectors),
  };
}

interface Writing {
  readonly subject: Subject;
  /** Ids of a prompt as the text encoder takes them. */
  readonly encode: (prompt: string) => number[];
  readonly anchors: AnchorPlan;
}

function createTrainingSet(
  { configs }: DiffusionModel,
  { photos, classPictures, templates = objectTemplates }: ConceptRequest,
  { subject, encode, anchors }: Writing,
): TrainingSet {
  const worded = photos.some((photo) => photo.some(({ wordings }) => wordings?.length));
  const { vocabSize } = configs.textEncoder;
  const slots = Array.from({ length: subject.vectors }, (_, vector) => vocabSize + vector);
  const { referenceId } = anchors;
  return {
    photos,
    classPictures,
    templates: worded ? scaleNeutralTemplates(templates) : templates,
    conceptPrompt: (template, wording) => {
      const ids = encode(trainingPrompt(template, subject, wording));
      const reference = referenceId === undefined ? ids : referenceIds(ids, slots, referenceId);
      return { ids, referenceIds: reference };
    },
    classPrompt: (template) => encode(classPrompt(template, subject.classWord)),
  };
}

function classPreservingOf(
  { tokenizer }: DiffusionModel,
  weight: number | undefined,
  subject: Subject,
  encode: Writing['encode'],
): { pair: ClassPair; weight: number } | undefined {
  if (!weight) return undefined;
  const padded = (prompt: string) => {
    const { endPosition } = tokenizer.encodePadded(prompt);
    return { ids: encode(prompt), endPosition };
  };
  const pair = { concept: padded(subjectText(subject)), classWord: padded(subject.classWord) };
  return { pair, weight };
}
