import * as z from 'zod';
import {
  composePreviewInput,
  deviceNames,
  deviceReport,
  harvestLayoutsInput,
  inspectFileInput,
  inspectFileOutput,
  pictureReport,
  recoverLocationsInput,
  recoverLocationsOutput,
  trainConceptInput,
  trainedConcept,
  verifyModelInput,
  verifyModelOutput,
} from '../../src-shared/api.ts';
import { conceptVariants } from '../../src-shared/concept.ts';
import { pngBytes } from '../../src-shared/image.ts';
import { jobEvent } from '../../src-shared/job.ts';
import {
  type Layout,
  type LayoutPrior,
  parseLayout,
  parseLayoutPrior,
} from '../../src-shared/layout.ts';
import { parseInput } from '../../src-shared/parseInput.ts';

/** What the engine's process understands and answers. Either side parses what the other one sends. */

const layout = z.unknown().transform((value): Layout => parseLayout(value));
const layoutPrior = z.unknown().transform((value): LayoutPrior => parseLayoutPrior(value));

/** One picture of a composition. Pictures of one request share model, prompt, seed and layout. */
const pictureRequest = z.object({
  name: z.string(),
  concepts: z.array(z.string()),
  /** Whether the layout guides it. */
  spatial: z.boolean(),
});

const composePicturesParams = composePreviewInput
  .omit({ concepts: true, compare: true, layout: true, out: true })
  .extend({
    pictures: z.array(pictureRequest).min(1),
    /** Objects and places; 'auto' asks the model where it would put them. */
    layout: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('auto'), samples: z.int().positive() }),
        z.object({ kind: z.literal('given'), layout }),
        z.object({ kind: z.literal('prior'), prior: layoutPrior }),
        /** A network that recovers locations, by its file. */
        z.object({ kind: z.literal('recovery'), path: z.string() }),
      ])
      .optional(),
  });

const composedPicture = pictureReport.extend({ png: pngBytes });

/** One of the two trainings that a call may ask for. */
const trainConceptParams = trainConceptInput
  .omit({ bothWays: true })
  .extend({ variant: z.enum(conceptVariants) });

/** Every method of the engine with the parsers of its parameters and of its result. */
const engineMethods = {
  trainConcept: { params: trainConceptParams, result: trainedConcept },
  composePictures: {
    params: composePicturesParams,
    result: z.object({
      pictures: z.array(composedPicture),
      width: z.int(),
      height: z.int(),
      layout: layout.optional(),
      /** Prompt with every vector of its concepts written out. */
      prompt: z.string(),
    }),
  },
  harvestLayouts: { params: harvestLayoutsInput.omit({ out: true }), result: layoutPrior },
  recoverLocations: {
    params: recoverLocationsInput.extend({ priors: z.array(layoutPrior).min(1) }),
    result: recoverLocationsOutput.omit({ recovery: true, seconds: true }),
  },
  verifyModel: { params: verifyModelInput, result: verifyModelOutput },
  inspectFile: { params: inspectFileInput, result: inspectFileOutput },
  describeRuntime: {
    params: z.object({}),
    result: z.object({
      runtime: z.string(),
      devices: z.array(z.object({ name: z.string(), bundled: z.boolean() })),
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
export const engineFailure = z.object({
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
