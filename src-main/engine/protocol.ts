import * as z from 'zod';
import {
  composePreviewInput,
  deviceNames,
  deviceReport,
  exportConceptInput,
  exportConceptOutput,
  harvestLayoutsInput,
  importForeignInput,
  inspectFileInput,
  pictureReport,
  recoverLocationsInput,
  recoverLocationsOutput,
  trainConceptInput,
  trainedConcept,
  verifyModelInput,
  verifyModelOutput,
} from '../../src-shared/api.ts';
import { layoutField } from '../../src-shared/composition.ts';
import {
  conceptDescription,
  conceptStrength,
  conceptVariants,
  foreignConcept,
} from '../../src-shared/concept.ts';
import { fileInspection } from '../../src-shared/fileInspection.ts';
import { pngBytes } from '../../src-shared/image.ts';
import { jobEvent } from '../../src-shared/job.ts';
import { heatMap } from '../../src-shared/layout.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import { layoutPriorField } from '../../src-shared/storedPrior.ts';

/** What the engine's process understands and answers. Either side parses what the other one sends. */

/** One picture of a composition. Pictures of one request share model, prompt, seed and layout. */
const pictureRequest = z.object({
  name: z.string(),
  concepts: z.array(z.string()),
  /** Whether the layout guides it. */
  spatial: z.boolean(),
});

/** How a concept is used where that is not as its file has it. */
const conceptUse = z.object({
  /** What prompts call it. */
  token: z.string().min(1).optional(),
  strength: conceptStrength.optional(),
});

const composePicturesParams = composePreviewInput
  .omit({ concepts: true, compare: true, layout: true, out: true })
  .extend({
    pictures: z.array(pictureRequest).min(1),
    /** By the concept's path. */
    uses: z.record(z.string(), conceptUse).optional(),
    /** Photos that the evaluators compare the pictures with, instead of a folder of them. */
    photoFiles: z.array(z.string()).optional(),
    /** At how many single steps, evenly spaced from the first to the last, the attention is told too. */
    attentionSteps: z.int().min(0).max(100).optional(),
    /** Objects and places; 'auto' asks the model where it would put them. */
    layout: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('auto'), samples: z.int().positive() }),
        z.object({ kind: z.literal('given'), layout: layoutField }),
        z.object({ kind: z.literal('prior'), prior: layoutPriorField }),
        /** A network that recovers locations, by its file. */
        z.object({ kind: z.literal('recovery'), path: z.string() }),
      ])
      .optional(),
  });

const composedPicture = pictureReport.extend({
  png: pngBytes,
  attention: z
    .array(
      z.object({
        phrase: z.string(),
        inside: z.number(),
        heatMap,
        /** At single steps, where they were asked for. */
        overTime: z.array(z.object({ step: z.int(), heatMap })).optional(),
      }),
    )
    .optional(),
});

/** Looks at a training from time to time, without changing what comes of it. */
const snapshotRequest = z.object({
  /**
   * Between two snapshots; the start and the end are looked at too. With minutes the clock decides which steps are
   * looked at, so that two trainings may show other steps; what they end with is the same.
   */
  every: z.union([
    z.strictObject({ steps: z.int().positive() }),
    z.strictObject({ minutes: z.number().positive() }),
  ]),
  /** A folder that belongs to this training alone: what lies there is not made again. */
  folder: z.string(),
  /** What stands beside the concept in one of the two pictures. */
  object: z.string(),
});

/** One of the two trainings that a call may ask for. */
const trainConceptParams = trainConceptInput.omit({ bothWays: true }).extend({
  variant: z.enum(conceptVariants),
  /** By the file name of a photo: what ends its prompts. */
  captionSuffixes: z.record(z.string(), z.string()).optional(),
  snapshots: snapshotRequest.optional(),
});

/** Where an unfinished training keeps its state: my-cat.safetensors -> my-cat.training.safetensors */
export function trainingCheckpointOf(out: string): string {
  return out.replace(/\.safetensors$/i, '.training$&');
}

const modelChoice = composePreviewInput.pick({
  model: true,
  modelConfig: true,
  predictionType: true,
  device: true,
  precision: true,
  threads: true,
});
/** Which model, where its vocabulary alone is read. */
const modelFile = composePreviewInput.pick({ model: true, modelConfig: true });
const words = z.object({ words: z.array(z.string()) });
const placeholder = z.object({ token: z.string(), vectors: z.int().positive() });

/** Where a concept stood: its rows [vectors, width] after a step. */
const knownRows = z.object({
  step: z.int().nonnegative(),
  rows: z.custom<Float32Array>((value) => value instanceof Float32Array, 'expected numbers'),
});
const mapPlace = { x: z.number(), y: z.number() };

/** A training before there are photos. Of the masks it only counts whether there are some. */
const photolessParams = trainConceptParams.omit({
  photos: true,
  skipUnreadable: true,
  resume: true,
  snapshots: true,
  out: true,
});

/** Every method of the engine with the parsers of its parameters and of its result. */
const engineMethods = {
  trainConcept: { params: trainConceptParams, result: trainedConcept },
  /** What a training will be, looked at before it is begun. */
  describeTraining: {
    params: photolessParams,
    result: z.object({
      steps: z.int().positive(),
      vectors: z.int().positive(),
      /** Made before the first step. */
      classPictures: z.int().nonnegative(),
      /** In one step. */
      pictures: z.int().positive(),
      /** Of a training picture, in pixels. */
      width: z.int().positive(),
      height: z.int().positive(),
      /** What the model does not see of a short prompt with the concept. */
      overflow: z.string(),
    }),
  },
  /** Times a few steps of a training on noise. */
  probeTraining: {
    params: photolessParams,
    result: z.object({
      secondsPerStep: z.number(),
      /** Bytes of main memory that the engine held at most. */
      memory: z.number(),
    }),
  },
  composePictures: {
    params: composePicturesParams,
    result: z.object({
      pictures: z.array(composedPicture),
      width: z.int(),
      height: z.int(),
      layout: layoutField.optional(),
      /** Prompt with every vector of its concepts written out. */
      prompt: z.string(),
    }),
  },
  /** What a composition will be, looked at before its concepts are trained: of these it knows the words. */
  checkComposition: {
    params: composePicturesParams.omit({ pictures: true, uses: true }).extend({
      named: z.array(z.object({ token: z.string(), classWord: z.string() })),
    }),
    result: z.object({}),
  },
  harvestLayouts: {
    params: harvestLayoutsInput.omit({ out: true }).extend({
      /** Concepts by their words, instead of their files. */
      named: z.array(z.object({ token: z.string(), classWord: z.string() })).optional(),
    }),
    result: layoutPriorField,
  },
  recoverLocations: {
    params: recoverLocationsInput.extend({ priors: z.array(layoutPriorField).min(1) }),
    result: recoverLocationsOutput.omit({ recovery: true, seconds: true }),
  },
  verifyModel: { params: verifyModelInput, result: verifyModelOutput },
  makeRandom: {
    params: z.object({
      /** A published configuration, or a diffusers folder that has one. */
      like: z.union([z.enum(['sd15', 'sd21']), z.object({ folder: z.string() })]),
      seed: z.int().nonnegative(),
      half: z.boolean(),
      out: z.string(),
    }),
    result: z.object({ parameters: z.int() }),
  },
  inspectFile: { params: inspectFileInput, result: fileInspection },
  describeRuntime: {
    params: z.object({}),
    result: z.object({
      runtime: z.string(),
      devices: z.array(z.object({ name: z.string(), bundled: z.boolean() })),
    }),
  },
  /** What a checkpoint is, or why it cannot be used. */
  describeModel: {
    params: modelFile,
    result: z.object({
      kind: z.string(),
      family: z.enum(['sd1', 'sd2']).optional(),
      bytes: z.number(),
      parameters: z.number(),
      dtypes: z.record(z.string(), z.number()),
      /** In pixels. */
      nativeSize: z.int().positive().optional(),
      sizeStep: z.int().positive().optional(),
      details: z.array(z.string()),
      problem: z.string().optional(),
    }),
  },
  describeConcept: { params: z.object({ path: z.string() }), result: conceptDescription },
  /** What another program's concept is, with the token that it would have; nothing where the file is anything else. */
  describeForeign: {
    params: z.object({
      path: z.string(),
      /** What the user calls the file. */
      name: z.string(),
    }),
    result: z.object({ foreign: foreignConcept.optional() }),
  },
  /** Writes a concept file. */
  importForeign: { params: importForeignInput, result: conceptDescription },
  /** Writes files of diffusers into a folder. */
  exportConcept: { params: exportConceptInput, result: exportConceptOutput },
  /** Whole words that begin so, the shortest first. */
  suggestWords: {
    params: modelFile.extend({ prefix: z.string(), limit: z.int().positive() }),
    result: words,
  },
  proposeAnchors: {
    params: modelChoice.extend({ classWord: z.string() }),
    result: z.object({ anchors: z.array(z.object({ word: z.string(), cosine: z.number() })) }),
  },
  /** How long a prompt is in tokens, how long it may be, and what lies beyond. */
  readPrompt: {
    params: modelFile.extend({ prompt: z.string(), placeholders: z.array(placeholder) }),
    result: z.object({ tokens: z.int(), limit: z.int(), overflow: z.string() }),
  },
  /** Why a concept cannot have this token; nothing where it can. */
  checkToken: {
    params: modelFile.extend(placeholder.shape),
    result: z.object({ reason: z.string().optional() }),
  },
  mapVocabulary: {
    params: modelChoice.extend({
      paths: z.array(
        z.object({
          points: z.array(knownRows),
          classWord: z.string(),
          /** A concept file whose rows are the last point. */
          end: z.object({ step: z.int().nonnegative(), file: z.string() }).optional(),
        }),
      ),
      /** Words told at most. */
      limit: z.int().positive(),
    }),
    result: z.object({
      words: z.array(z.object({ word: z.string(), ...mapPlace })),
      core: z.object({ ...mapPlace, major: z.number(), minor: z.number(), angle: z.number() }),
      paths: z.array(
        z.object({
          points: z.array(z.object({ step: z.int(), ...mapPlace })),
          nearest: z.array(z.object({ word: z.string(), cosine: z.number() })),
        }),
      ),
      explained: z.number(),
    }),
  },
  /** A layout of a harvested distribution: the middle of it, or one of its samples by the seed. */
  chooseLayout: {
    params: z.object({
      prior: layoutPriorField,
      shuffle: z.boolean(),
      seed: z.int().nonnegative(),
    }),
    result: z.object({ layout: layoutField }),
  },
  /** Compares a device with the processor on denoising steps of a model, and measures its speed. */
  testDevice: {
    params: modelChoice.pick({ model: true, device: true, precision: true, threads: true }),
    result: z.object({
      passed: z.boolean(),
      /** ||device - processor|| / ||processor|| of the predicted noise, the largest of all steps; absent where the
       * device gives something that is no number. */
      error: z.number().optional(),
      stepsPerSecond: z.number(),
    }),
  },
  probeDevice: { params: z.object({ device: z.enum(deviceNames) }), result: deviceReport },
} as const;

type Methods = typeof engineMethods;
export type EngineMethod = keyof Methods;
export type EngineParams<Method extends EngineMethod> = z.output<Methods[Method]['params']>;
export type EngineResult<Method extends EngineMethod> = z.output<Methods[Method]['result']>;
/** What a handler returns, before it is parsed on the other side. */
export type EngineAnswer<Method extends EngineMethod> = z.input<Methods[Method]['result']>;

const parsers: {
  readonly [Method in EngineMethod]: {
    readonly params: z.ZodType<EngineParams<Method>>;
    readonly result: z.ZodType<EngineResult<Method>>;
  };
} = engineMethods;

/** @throws InputError that names the parameter */
export function parseParams<Method extends EngineMethod>(method: Method, params: unknown) {
  return parseInput<EngineParams<Method>>(parsers[method].params, params, method);
}

/** @throws Error where the engine answered something else than it promises */
export function parseResult<Method extends EngineMethod>(
  method: Method,
  result: unknown,
): EngineResult<Method> {
  return parsers[method].result.parse(result);
}

const methodNames = Object.keys(engineMethods) as [EngineMethod, ...EngineMethod[]];

/** From the host to the engine. */
export const hostMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('request'),
    id: z.int(),
    method: z.enum(methodNames),
    params: z.unknown(),
  }),
  /** Stops a request at its next step boundary. */
  z.object({ kind: z.literal('cancel'), id: z.int() }),
]);

export type HostMessage = z.infer<typeof hostMessage>;

/** input: something the user gave cannot be used. cancelled: as asked. fault: everything else, ours. */
const engineFailure = z.object({
  kind: z.enum(['input', 'cancelled', 'fault']),
  message: z.string(),
  stack: z.string().optional(),
});

export type EngineFailure = z.infer<typeof engineFailure>;

/** From the engine to the host. */
export const engineMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), id: z.int(), event: jobEvent }),
  z.object({ kind: z.literal('result'), id: z.int(), result: z.unknown() }),
  z.object({ kind: z.literal('failure'), id: z.int(), failure: engineFailure }),
]);

export type EngineMessage = z.infer<typeof engineMessage>;
