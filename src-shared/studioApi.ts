import * as z from 'zod';
import { deviceNames } from './api.ts';
import {
  comparison,
  comparisonWays,
  composedPicture,
  compositionSettings,
  keptComposition,
  layoutField,
} from './composition.ts';
import { anchorShare, conceptVariants, foreignConcept, trainingMethods } from './concept.ts';
import {
  conceptDetail,
  conceptNaming,
  conceptOrders,
  conceptSummary,
  conceptVersion,
  trainingHistory,
  trainingPreview,
  trainingSettings,
} from './conceptRecord.ts';
import { embeddingMap } from './embeddingMap.ts';
import { blobHash, rowId, slice, timestamp } from './ids.ts';
import { jobStatus } from './jobRecord.ts';
import { deviceStatus, modelRecord } from './modelRecord.ts';
import { importedPhoto, squareCrop } from './photo.ts';
import { settingsChange, studioSettings } from './settings.ts';
import { layoutPriorField, storedPrior } from './storedPrior.ts';
import { trainingRequest } from './trainingRequest.ts';
import { ballot, choices, voteResult } from './vote.ts';

/**
 * Every call that the studio's window can make: name -> parser of input and output. With the events of studioEvent.ts
 * the only contract between the renderer and the main process, whichever shell carries it. Files travel beside it, named
 * by their hash: `POST /blobs` keeps one, `GET /blobs/HASH` serves it. Calls of the command line, on paths, are in
 * api.ts.
 */

const nothing = z.strictObject({});
const one = z.strictObject({ id: rowId });
const many = z.strictObject({ ids: z.array(rowId).min(1).max(10_000) });

const conceptQuery = z.strictObject({
  /** Words of names, tokens, class words, notes and tags; every one must be there, the last may be begun. */
  search: z.string().max(200).default(''),
  tags: z.array(z.string()).default([]),
  methods: z.array(z.enum(trainingMethods)).default([]),
  favourite: z.boolean().optional(),
  trash: z.boolean().default(false),
  order: z.enum(conceptOrders).default('newest'),
  ...slice,
});

const compositionQuery = z.strictObject({
  search: z.string().max(200).default(''),
  conceptId: rowId.optional(),
  modelId: rowId.optional(),
  minimumRating: z.int().min(0).max(5).default(0),
  way: z.enum(comparisonWays).optional(),
  /** Only the pictures of one comparison. */
  comparisonId: rowId.optional(),
  trash: z.boolean().default(false),
  ...slice,
});

const previewRequest = z.strictObject({
  settings: compositionSettings,
  /** Whether a layout is proposed where none is given: by the model itself. */
  proposeLayout: z.boolean().default(false),
});

export const studioApi = {
  // the studio itself
  getSettings: { input: nothing, output: studioSettings },
  changeSettings: { input: settingsChange, output: studioSettings },
  about: {
    input: nothing,
    output: z.strictObject({
      version: z.string(),
      shell: z.enum(['electron', 'browser']),
      /** What the engine is doing now, for the status line. */
      device: z.string(),
      maximumUpload: z.int().positive(),
    }),
  },
  /** Text for a bug report: versions, devices, counts, last errors; no personal paths. */
  diagnostics: { input: nothing, output: z.strictObject({ text: z.string() }) },
  storage: {
    input: nothing,
    output: z.strictObject({
      /** With the home folder written as "~". */
      folder: z.string(),
      databaseBytes: z.int(),
      blobBytes: z.int(),
      blobs: z.int(),
      checkpointBytes: z.int(),
      freeBytes: z.int(),
      concepts: z.int(),
      compositions: z.int(),
    }),
  },
  /** Deletes files that nothing in the library needs, but those of the last hour. */
  collectGarbage: { input: nothing, output: z.strictObject({ files: z.int(), bytes: z.int() }) },
  /** The whole library as one file, to be downloaded from `/blobs/HASH`. */
  backUp: { input: nothing, output: z.strictObject({ blob: blobHash, bytes: z.int() }) },
  /** Replaces the library by an uploaded backup; what was there is kept beside it. */
  restore: { input: z.strictObject({ blob: blobHash }), output: nothing },
  /** The libraries that restores have kept, and the bytes that deleting them would free. */
  keptLibraries: { input: nothing, output: z.strictObject({ libraries: z.int(), bytes: z.int() }) },
  /** Deletes them for good. */
  deleteKeptLibraries: { input: nothing, output: nothing },
  listDevices: { input: nothing, output: z.strictObject({ devices: z.array(deviceStatus) }) },
  /** Queues a job that measures a device and compares it with the processor. */
  testDevice: {
    input: z.strictObject({ device: z.enum(deviceNames) }),
    output: z.strictObject({ jobId: rowId }),
  },

  // models
  listModels: { input: nothing, output: z.strictObject({ models: z.array(modelRecord) }) },
  addModel: { input: z.strictObject({ path: z.string().min(1) }), output: modelRecord },
  renameModel: {
    input: one.extend({ name: z.string().trim().min(1).max(120) }),
    output: modelRecord,
  },
  /** Forgets it; its files stay where they are. */
  removeModel: { input: one, output: nothing },
  /** Whole words of the model's vocabulary that begin so, the shortest first. */
  suggestWords: {
    input: z.strictObject({
      modelId: rowId,
      prefix: z.string().max(60),
      limit: z.int().max(50).default(12),
    }),
    output: z.strictObject({ words: z.array(z.string()) }),
  },
  /** The words that a concept of this class would be anchored to, with their cosine to the class word. */
  proposeAnchors: {
    input: z.strictObject({ modelId: rowId, classWord: z.string().trim().min(1) }),
    output: z.strictObject({
      anchors: z.array(z.strictObject({ word: z.string(), cosine: z.number() })),
    }),
  },
  /** How a prompt is read: its pieces, where each begins, and what lies beyond the model's length. */
  readPrompt: {
    input: z.strictObject({
      modelId: rowId,
      prompt: z.string().max(5000),
      versionIds: z.array(rowId),
    }),
    output: z.strictObject({ tokens: z.int(), limit: z.int(), overflow: z.string() }),
  },
  embeddingMap: {
    input: z.strictObject({ modelId: rowId, versionIds: z.array(rowId).max(8) }),
    output: embeddingMap,
  },

  // photos
  /** Makes an uploaded file a photo. Refusals name the file and the reason. */
  importPhoto: {
    input: z.strictObject({ blob: blobHash, name: z.string().min(1).max(255) }),
    output: z.strictObject({ photo: importedPhoto, suggestedCrop: squareCrop }),
  },

  // concepts
  listConcepts: {
    input: conceptQuery,
    output: z.strictObject({ total: z.int(), concepts: z.array(conceptSummary) }),
  },
  getConcept: { input: one, output: conceptDetail },
  /** The concept outside the trash that a word of a prompt names, exactly as it is written. */
  conceptWithToken: {
    input: z.strictObject({ token: z.string().min(1).max(5000) }),
    output: z.strictObject({ concept: conceptSummary.optional() }),
  },
  changeConcept: {
    input: one.extend({
      ...conceptNaming.partial().shape,
      notes: z.string().max(20_000).optional(),
      tags: z.array(z.string().trim().min(1).max(40)).max(30).optional(),
      favourite: z.boolean().optional(),
    }),
    output: conceptSummary,
  },
  trashConcepts: { input: many, output: nothing },
  untrashConcepts: { input: many, output: nothing },
  /** Deletes for good; only from the trash. */
  deleteConcepts: { input: many, output: nothing },
  listTags: {
    input: nothing,
    output: z.strictObject({ tags: z.array(z.strictObject({ tag: z.string(), count: z.int() })) }),
  },
  /** Whether a token is free, and if not, why. */
  checkToken: {
    input: z.strictObject({ token: z.string(), modelId: rowId }),
    output: z.strictObject({ free: z.boolean(), reason: z.string().optional() }),
  },
  /** What an uploaded concept of another program is, and a token for it; nothing where the file is anything else. */
  readForeign: {
    input: z.strictObject({ blob: blobHash, name: z.string() }),
    output: z.strictObject({ foreign: foreignConcept.optional() }),
  },
  /** An uploaded concept file, of this program or another, becomes a concept of the library. */
  importConcept: {
    input: z.strictObject({
      blob: blobHash,
      name: z.string(),
      /** What the file of another program does not say. */
      foreign: conceptNaming
        .pick({ token: true, classWord: true })
        .extend({
          modelId: rowId,
          /** Another uploaded file, with the word that weights were trained with. */
          embedding: z.strictObject({ blob: blobHash, name: z.string() }).optional(),
        })
        .optional(),
    }),
    output: conceptSummary,
  },
  /** The sample concepts that come with the program, with their photos imported on the fly. */
  listSamples: {
    input: nothing,
    output: z.strictObject({
      samples: z.array(
        z.strictObject({
          name: z.string(),
          classWord: z.string(),
          token: z.string(),
          photos: z.array(importedPhoto),
        }),
      ),
    }),
  },

  // training and other jobs
  /** Seconds and memory that a training takes on the chosen device: measured on a few steps, then remembered. */
  estimateTraining: {
    input: z.strictObject({
      modelId: rowId,
      settings: trainingSettings,
      photos: z.int().min(1).max(50),
    }),
    output: z.strictObject({
      secondsPerStep: z.number(),
      seconds: z.number(),
      memory: z.number(),
      /** Whether it was measured now or before. */
      measuredAt: timestamp,
    }),
  },
  startTraining: {
    input: trainingRequest,
    output: z.strictObject({ conceptId: rowId, jobId: rowId }),
  },
  listJobs: {
    input: z.strictObject({ ended: z.boolean().default(false) }),
    output: z.strictObject({ jobs: z.array(jobStatus) }),
  },
  getJob: { input: one, output: jobStatus },
  pauseJob: { input: one, output: jobStatus },
  resumeJob: { input: one, output: jobStatus },
  cancelJob: { input: one, output: jobStatus },
  /** Ahead of the others, or behind them. */
  prioritiseJob: { input: one.extend({ priority: z.int().min(-100).max(100) }), output: jobStatus },
  /** What a training has shown so far, and the anchors as they are now. */
  getTraining: {
    input: one,
    output: z.strictObject({
      job: jobStatus,
      request: trainingRequest,
      /** By variant: the plain twin comes first where there is one. */
      runs: z.array(
        z.strictObject({
          variant: z.enum(conceptVariants),
          history: trainingHistory,
          previews: z.array(trainingPreview),
          anchors: z.array(anchorShare),
          versionId: rowId.optional(),
        }),
      ),
    }),
  },
  /** Ends a training and keeps the concept as its preview of that step shows it. */
  stopAndKeep: { input: one.extend({ step: z.int().positive() }), output: conceptVersion },

  // composing
  /** Composes one picture. A newer call of the same window ends an older one. */
  composePreview: { input: previewRequest, output: composedPicture },
  /** The same seed four ways; needs a plain and a semantic version of each concept. */
  compare: {
    input: previewRequest.extend({
      ways: z
        .array(z.enum(comparisonWays))
        .min(1)
        .default([...comparisonWays]),
    }),
    output: comparison,
  },
  /** The comparison as one PNG with labels. */
  comparisonSheet: { input: comparison, output: z.strictObject({ picture: blobHash }) },
  /** Where the model itself would put the things of a prompt, drawn anew by seed. */
  suggestLayout: {
    input: z.strictObject({
      settings: compositionSettings,
      /** Phrases to place; found in the prompt where absent. */
      objects: z.array(z.string()).optional(),
      samples: z.int().min(1).max(64).default(4),
      /** One of the harvested layouts, by the seed, instead of the middle of them. */
      shuffle: z.boolean().default(false),
      /** Harvested before: nothing is sampled. */
      prior: layoutPriorField.optional(),
    }),
    output: z.strictObject({
      layout: layoutField,
      prior: layoutPriorField,
      /** What the engine has to say about it. */
      notes: z.array(z.string()),
    }),
  },
  listPriors: { input: nothing, output: z.strictObject({ priors: z.array(storedPrior) }) },
  savePrior: {
    input: z.strictObject({ name: z.string().trim().min(1).max(120), prior: layoutPriorField }),
    output: storedPrior,
  },
  deletePrior: { input: one, output: nothing },

  // the gallery
  keepComposition: {
    input: z.strictObject({ picture: composedPicture, rating: z.int().min(0).max(5).default(0) }),
    output: keptComposition,
  },
  keepComparison: {
    input: comparison,
    output: z.strictObject({ comparisonId: rowId, compositions: z.array(keptComposition) }),
  },
  listCompositions: {
    input: compositionQuery,
    output: z.strictObject({ total: z.int(), compositions: z.array(keptComposition) }),
  },
  getComposition: { input: one, output: keptComposition },
  rateComposition: {
    input: one.extend({ rating: z.int().min(0).max(5) }),
    output: keptComposition,
  },
  trashCompositions: { input: many, output: nothing },
  untrashCompositions: { input: many, output: nothing },
  deleteCompositions: { input: many, output: nothing },

  // blind votes
  nextBallot: {
    input: z.strictObject({ first: z.enum(comparisonWays), second: z.enum(comparisonWays) }),
    output: z.strictObject({ ballot: ballot.optional(), result: voteResult }),
  },
  castVote: {
    input: z.strictObject({
      comparisonId: rowId,
      first: z.enum(comparisonWays),
      second: z.enum(comparisonWays),
      /** The pictures as they were shown. */
      left: blobHash,
      right: blobHash,
      choice: z.enum(choices),
    }),
    output: voteResult,
  },
  /** As if the pair had not been voted on. */
  retractVote: {
    input: z.strictObject({
      comparisonId: rowId,
      first: z.enum(comparisonWays),
      second: z.enum(comparisonWays),
    }),
    output: voteResult,
  },
} as const;

export type StudioApi = typeof studioApi;
export type StudioCallName = keyof StudioApi;
/** What a window gives: fields with a default may be left out. */
export type StudioInput<Name extends StudioCallName> = z.input<StudioApi[Name]['input']>;
/** What a handler gets. */
export type StudioRequest<Name extends StudioCallName> = z.output<StudioApi[Name]['input']>;
/** What a handler returns and a window gets. */
export type StudioOutput<Name extends StudioCallName> = z.output<StudioApi[Name]['output']>;
