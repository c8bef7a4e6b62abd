import * as z from 'zod';
import {
  anchorShare,
  conceptClassWord,
  conceptDescription,
  conceptDrift,
  conceptVariants,
  trainingMethods,
} from './concept.ts';
import { demo } from './demo.ts';
import { fileInspection } from './fileInspection.ts';
import { imageSize } from './image.ts';
import { box, heatMap } from './layout.ts';

/**
 * Every call of the command line: its name, the parser of its input and of its output. Paths are those of the machine
 * that serves the call. Windows have a contract of their own, in which nothing is named by a path (`studioApi.ts`).
 */

const path = z.string('expected a path').min(1, 'expected a path');
const text = z.string('expected a text');
const word = text.trim().min(1, 'expected a word');
const wholeNumber = z.int('expected a whole number');
const count = wholeNumber.min(1, 'expected a whole number from 1');
const seed = wholeNumber.min(0, 'expected a whole number from 0');
const positive = z.number('expected a number').positive('expected a number above 0');
const usualRates = 'expected a number above 0, at most 1: 0.00001 to 0.05 are usual';
const learningRate = z.number(usualRates).gt(0, usualRates).max(1, usualRates);
const trainingSteps = count.max(1_000_000, 'expected at most 1000000');
/** Of a loss beside the reconstruction's, which has 1. */
const mostWeight = 1000;
const weight = positive.max(mostWeight, `expected at most ${mostWeight}`);
const guidance = z
  .number('expected a number')
  .min(0, 'expected a number from 0')
  .max(100, 'expected at most 100')
  .default(7.5);

/** Where the engine computes. 'auto': the fastest that works, else the processor. */
export const deviceNames = ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export type DeviceName = (typeof deviceNames)[number];

/** In what the UNet is computed. 'auto': predictions in half precision where a device other than the processor proved to
 * be faster so, gradients in float32. */
export const precisionNames = ['auto', 'float32', 'float16'] as const;
export type Precision = (typeof precisionNames)[number];

/** Which model, read how, run where. */
const modelFields = {
  /** A diffusers folder or a single .safetensors file. */
  model: path,
  /** Configuration of a single file: a diffusers folder or a JSON file. */
  modelConfig: path.optional(),
  /** What the UNet predicts, where the user knows better than the file. */
  predictionType: z.enum(['epsilon', 'v_prediction']).optional(),
  device: z.enum(deviceNames).default('cpu'),
  precision: z.enum(precisionNames).default('auto'),
  /** Threads inside one operator; 0 lets ONNX Runtime choose. */
  threads: wholeNumber.min(0, 'expected a whole number from 0').max(1024).default(0),
};

/** none: as published. auto: a sparse mixture of the class word and its neighbours. class-word: the one anchor of the
 * released code. words: a sparse mixture of the class word, its neighbours and these. only: of the class word and these
 * alone. */
export const anchorChoice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('auto') }),
  z.strictObject({ kind: z.literal('class-word') }),
  z.strictObject({ kind: z.literal('words'), words: z.array(word).min(1, 'expected a word') }),
  z.strictObject({ kind: z.literal('only'), words: z.array(word).min(1, 'expected a word') }),
]);

export type AnchorChoice = z.infer<typeof anchorChoice>;

/** Where the concept's rows start: at the class word, at the text encoder's output for it (Cross Initialization,
 * arXiv 2312.15905), or at these words; the released scripts start at rare tokens. */
const initializerChoice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('class-word') }),
  z.strictObject({ kind: z.literal('cross') }),
  z.strictObject({ kind: z.literal('words'), words: z.array(word).min(1, 'expected a word') }),
]);

export type InitializerChoice = z.infer<typeof initializerChoice>;

export const learningRateSchedules = [
  'constant',
  'constant_with_warmup',
  'linear',
  'cosine',
  'cosine_with_restarts',
  'polynomial',
] as const;

export const trainConceptInput = z.strictObject({
  ...modelFields,
  /** A folder of 1 to 50 photos. */
  photos: path,
  /** A folder of masks, each named like its photo: white is what counts. */
  masks: path.optional(),
  skipUnreadable: z.boolean().default(false),
  classWord: conceptClassWord,
  token: text,
  method: z.enum(trainingMethods).default('textual-inversion'),
  vectors: count.optional(),
  /** auto where absent, or class-word under `official`. */
  anchors: anchorChoice.optional(),
  /** Share of the loss that the anchor has; the reconstruction has the rest. By method where absent. */
  anchorWeight: z
    .number('expected a number')
    .gt(0, 'expected a number above 0')
    .lt(1, 'expected a number below 1')
    .optional(),
  initializer: initializerChoice.default({ kind: 'class-word' }),
  /** Settings of the released scripts where nothing else is said, instead of gentler ones. */
  official: z.boolean().default(false),
  steps: trainingSteps.optional(),
  learningRate: learningRate.optional(),
  schedule: z.enum(learningRateSchedules).default('constant'),
  warmupSteps: wholeNumber.min(0, 'expected a whole number from 0').default(0),
  /** How often the rate of 'cosine_with_restarts' falls; 1, as 'cosine', where absent. */
  scheduleCycles: count.max(100, 'expected at most 100').optional(),
  /** Of 'polynomial': above 1 the rate falls early, below 1 late; 1, as 'linear', where absent. */
  schedulePower: positive.optional(),
  batch: count.max(64, 'expected at most 64').optional(),
  accumulate: count.max(1024, 'expected at most 1024').optional(),
  rank: count.max(1024, 'expected at most 1024').default(4),
  /** Of a LoRA, scaled by alpha / rank; the rank where absent. */
  alpha: positive.optional(),
  priorImages: wholeNumber
    .min(0, 'expected a whole number from 0')
    .max(1000, 'expected at most 1000')
    .optional(),
  priorWeight: z
    .number('expected a number')
    .min(0, 'expected a number from 0')
    .max(mostWeight, `expected at most ${mostWeight}`)
    .optional(),
  /** Trains the direction of the rows alone, at the vocabulary's mean length (Directional Textual Inversion). */
  directional: z.boolean().default(false),
  /** Weight of the loss that keeps the concept in its class (ClassDiffusion). */
  classPreserving: weight.optional(),
  /** Weight of the loss that keeps the word's attention inside the masks (Break-A-Scene has 0.01). */
  maskedAttention: weight.optional(),
  size: imageSize.optional(),
  flip: z.boolean().default(true),
  seed: seed.default(0),
  checkpointEvery: count.default(100),
  /** Whether a training that is stopped leaves what it takes to go on. */
  keepCheckpoint: z.boolean().default(true),
  resume: z.boolean().default(false),
  /** Trains the concept a second time as the method was published, without anchors, for comparison. */
  bothWays: z.boolean().default(false),
  out: path,
});

/** One training and what came of it. */
export const trainedConcept = z.object({
  concept: path,
  variant: z.enum(conceptVariants),
  steps: z.int().nonnegative(),
  /** Mean of the reconstruction loss over the last tenth of the steps. */
  loss: z.number(),
  drift: conceptDrift.optional(),
  anchors: z.array(anchorShare),
  seconds: z.number(),
  /** Bytes of main memory that the engine held at most. */
  peakMemory: z.number(),
});

export type TrainedConcept = z.infer<typeof trainedConcept>;

export const trainConceptOutput = z.object({
  trained: trainedConcept,
  /** The second training of `bothWays`. */
  plain: trainedConcept.optional(),
});

/** Where a layout comes from: a file (drawn by hand, harvested, or a network that recovers locations), or sampled from
 * the model itself. */
export const layoutSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), path }),
  z.strictObject({
    kind: z.literal('auto'),
    /** Pictures sampled for it. */
    samples: count.max(64, 'expected at most 64').default(4),
  }),
]);

/** Names of the samplers, as commands and files call them. */
export const samplerNames = ['ddim', 'lms', 'euler', 'euler-ancestral', 'dpmpp2m', 'pndm'] as const;
export type SamplerName = (typeof samplerNames)[number];

export const composePreviewInput = z.strictObject({
  ...modelFields,
  /** Concept files; none composes with the model's own words. */
  concepts: z.array(path).default([]),
  prompt: text,
  negative: text.default(''),
  layout: layoutSource.optional(),
  /** Draws one of the sampled layouts by the seed, instead of the middle of them. */
  shuffleLayout: z.boolean().default(false),
  /** Words of the prompt that an automatic layout places; found in the prompt where absent. */
  objects: z.array(word).min(1, 'expected a word').optional(),
  /** The four ways side by side, from the same seed. */
  compare: z.boolean().default(false),
  /** Spatial inversion as the released code does it, to the letter. */
  official: z.boolean().default(false),
  layoutLoss: z.enum(['layout', 'box']).default('layout'),
  /** How many of the first steps follow the layout; as {@link guidedStepsOf} says where absent. */
  guidedSteps: wholeNumber.min(0, 'expected a whole number from 0').optional(),
  layoutUpdates: count.max(100, 'expected at most 100').default(5),
  /** The layout loss is at most 1, the box loss at most 4. */
  layoutThreshold: z
    .number('expected a number')
    .min(0, 'expected a number from 0')
    .max(4, 'expected a number up to 4')
    .default(0.2),
  sampler: z.enum(samplerNames).default('lms'),
  karras: z.boolean().default(false),
  steps: count.default(50),
  guidance,
  seed: seed.default(0),
  size: imageSize.optional(),
  /** A folder of evaluators that judge the pictures. */
  evaluators: path.optional(),
  /** A folder of photos that the evaluators compare the pictures with. */
  photos: path.optional(),
  out: path,
});

/** What other networks see in a picture; each part is there where its network is. */
export const pictureEvaluation = z.object({
  /** Cosine of picture and prompt, -1 to 1. */
  textAlignment: z.number().optional(),
  /** Mean cosine of the picture and the concept's photos, -1 to 1. */
  imageAlignment: z.number().optional(),
  /** Objects that a detector found, the surest first. */
  finds: z.array(z.object({ className: z.string(), score: z.number(), box })).optional(),
});

export type PictureEvaluation = z.infer<typeof pictureEvaluation>;

/** How a picture was made and what came of it. */
export const pictureReport = z.object({
  name: z.string(),
  /** Objects of the layout: where their attention lies over the second half of the steps, and what share of it in their
   * boxes, 0 to 1; absent without a layout. */
  attention: z.array(z.object({ phrase: z.string(), inside: z.number(), heatMap })).optional(),
  /** Its concepts, and how far out they lie: see ConceptDrift. */
  concepts: z.array(z.object({ token: z.string(), drift: conceptDrift.optional() })),
  /** How often the latent was moved before each step; absent without spatial inversion. */
  updates: z.array(z.int().nonnegative()).optional(),
  /** Absent without evaluators. */
  evaluation: pictureEvaluation.optional(),
});

export type PictureReport = z.infer<typeof pictureReport>;

/** A composition whose concepts are yet to be trained: they have words, and no files. */
export const checkCompositionInput = composePreviewInput.omit({ concepts: true }).extend({
  named: z.array(z.strictObject({ token: text, classWord: conceptClassWord })),
});

export const composePreviewOutput = z.object({
  picture: path,
  pictures: z.array(pictureReport),
  width: z.int(),
  height: z.int(),
  seconds: z.number(),
});

export const harvestLayoutsInput = z.strictObject({
  ...modelFields,
  prompt: text,
  concepts: z.array(path).default([]),
  objects: z.array(word).min(1, 'expected a word').optional(),
  samples: count.max(1000, 'expected at most 1000').default(4),
  sampler: z.enum(samplerNames).default('lms'),
  steps: count.default(50),
  guidance,
  seed: seed.default(0),
  size: imageSize.optional(),
  out: path,
});

export const harvestLayoutsOutput = z.object({
  prior: path,
  objects: z.array(z.string()),
  samples: z.int(),
  seconds: z.number(),
});

export const recoverLocationsInput = z.strictObject({
  ...modelFields,
  /** Harvested layouts of prompts that place the same number of objects. */
  priors: z.array(path).min(1, 'expected at least one file'),
  /** Concepts that their prompts name: their class words stand for them. */
  concepts: z.array(path).default([]),
  steps: trainingSteps.default(500),
  learningRate: learningRate.default(0.001),
  seed: seed.default(0),
  out: path,
});

export const recoverLocationsOutput = z.object({
  recovery: path,
  objects: z.int(),
  examples: z.int(),
  /** Gaussian negative log-likelihood of the last step's batch. */
  loss: z.number(),
  seconds: z.number(),
});

export const verifyModelInput = z.strictObject({
  ...modelFields,
  golden: path,
  /** Groups of cases: text, unet, train, ...; all where absent. */
  only: z.array(word).min(1, 'expected a group').optional(),
});

export const verifyModelOutput = z.object({
  passed: z.int(),
  failed: z.int(),
  unsupported: z.int(),
  seconds: z.number(),
});

/** What another program trained becomes a concept. */
export const importForeignInput = z.strictObject({
  ...modelFields,
  /** A textual inversion, a LoRA or the weights of Custom Diffusion. */
  file: path,
  /** Of weights: the word that they were trained with, where another file has it. */
  embedding: path.optional(),
  classWord: conceptClassWord,
  /** Made of the file's own word where absent. */
  token: word.optional(),
  out: path,
});

/** A concept becomes files of diffusers, in a folder. */
export const exportConceptInput = z.strictObject({ concept: path, out: path });

export const exportConceptOutput = z.object({ files: z.array(path) });

export const inspectFileInput = z.strictObject({ path });

export const deviceReport = z.object({
  name: z.string(),
  /** Whether ONNX Runtime's package brings it for this system. */
  bundled: z.boolean(),
  works: z.boolean(),
  /** Why it does not work, in a sentence. */
  reason: z.string().optional(),
  /** Where it works: 10^9 multiplications and additions a second in a piece of work like a UNet's. */
  gigaflops: z.number().optional(),
  /** The same in half precision; absent where the device does not compute in it. */
  halfGigaflops: z.number().optional(),
});

export type DeviceReport = z.infer<typeof deviceReport>;

export const listDevicesOutput = z.object({
  devices: z.array(deviceReport),
  threads: z.int(),
  processor: z.string(),
  /** Bytes of main memory. */
  memory: z.number(),
  freeMemory: z.number(),
  runtime: z.string(),
});

export const listBuiltInsOutput = z.object({
  /** Toybox, a small diffusers folder. */
  model: path,
  /** Networks that judge its pictures. */
  evaluators: path,
  samples: z.array(z.object({ name: z.string(), classWord: word, token: text, photos: path })),
});

export const runDemoInput = z.strictObject({
  device: modelFields.device,
  precision: modelFields.precision,
  threads: modelFields.threads,
  /** Name of a sample concept. */
  sample: word.default(demo.sample),
  /** What it is composed with: a word of Toybox's world. */
  object: word.default(demo.object),
  /** Training steps; as many as Toybox needs where absent. */
  steps: trainingSteps.optional(),
  seed: seed.default(demo.seed),
  /** A folder. */
  out: path.default('out/demo'),
});

export const runDemoOutput = trainConceptOutput.extend({
  sheet: path,
  metrics: path,
  pictures: z.array(pictureReport),
  seconds: z.number(),
});

export const randomFamilies = ['sd15', 'sd21', 'toybox'] as const;

export const makeRandomInput = z.strictObject({
  /** Whose configuration, names and shapes the checkpoint has. */
  family: z.enum(randomFamilies).default('sd15'),
  seed: seed.default(0),
  /** Weights in half precision. */
  half: z.boolean().default(false),
  /** A folder that is empty or does not exist. */
  out: path,
});

export const makeRandomOutput = z.object({
  folder: path,
  parameters: z.int(),
  seconds: z.number(),
});

export const api = {
  trainConcept: { input: trainConceptInput, output: trainConceptOutput },
  composePreview: { input: composePreviewInput, output: composePreviewOutput },
  /** Refuses what `composePreview` would refuse, before the concepts are trained. */
  checkComposition: { input: checkCompositionInput, output: z.object({}) },
  harvestLayouts: { input: harvestLayoutsInput, output: harvestLayoutsOutput },
  recoverLocations: { input: recoverLocationsInput, output: recoverLocationsOutput },
  verifyModel: { input: verifyModelInput, output: verifyModelOutput },
  importForeign: {
    input: importForeignInput,
    output: conceptDescription.extend({ concept: path }),
  },
  exportConcept: { input: exportConceptInput, output: exportConceptOutput },
  inspectFile: { input: inspectFileInput, output: fileInspection },
  listDevices: { input: z.strictObject({}), output: listDevicesOutput },
  listBuiltIns: { input: z.strictObject({}), output: listBuiltInsOutput },
  runDemo: { input: runDemoInput, output: runDemoOutput },
  makeRandom: { input: makeRandomInput, output: makeRandomOutput },
} as const;

export type Api = typeof api;
export type CallName = keyof Api;
/** What a caller gives: fields with a default may be left out. */
export type CallInput<Name extends CallName> = z.input<Api[Name]['input']>;
export type CallRequest<Name extends CallName> = z.output<Api[Name]['input']>;
export type CallOutput<Name extends CallName> = z.output<Api[Name]['output']>;
