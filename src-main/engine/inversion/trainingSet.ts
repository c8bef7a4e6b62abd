import { InputError } from '../../../src-shared/inputError.ts';
import { type RandomState, RandomStream } from '../diffusion/random.ts';
import { addNoise, type NoiseSchedule, predictionTarget } from '../diffusion/schedule.ts';
import { joinRows } from '../numbers.ts';
import type { TrainBatch, TrainStepOptions } from './trainExpression.ts';

/** One rendering of a picture, as the autoencoder sees it; latent = mean + deviation * noise, scaled. */
export interface Rendering {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** 1 where a pixel of the latent counts; all of them where absent. */
  readonly mask?: Float32Array;
  /** Wordings of which one goes into the prompt: 'close up' for an enlarged rendering. */
  readonly wordings?: readonly string[];
  /** Ends the prompts of this photo: "on a red sofa" keeps the sofa out of the word. */
  readonly captionSuffix?: string;
}

/** A picture in all its renderings: as it is, mirrored, at other scales. */
export type Picture = readonly Rendering[];

/** A prompt, ready for the text encoder. */
export interface EncodedPrompt {
  readonly ids: readonly number[];
  /** With the class word in the placeholders' slots. */
  readonly referenceIds: readonly number[];
}

export interface TrainingSet {
  readonly photos: readonly Picture[];
  /** Pictures of the class, for prior preservation. */
  readonly classPictures: readonly Picture[];
  readonly templates: readonly string[];
  /** Prompt of the concept from a template, a wording and the photo's own words (both may be empty). */
  readonly conceptPrompt: (
    template: string,
    wording: string,
    captionSuffix: string,
  ) => EncodedPrompt;
  readonly classPrompt: (template: string) => readonly number[];
}

const streamLabels = ['photo', 'rendering', 'posterior', 'timestep', 'noise', 'template'] as const;
type StreamLabel = (typeof streamLabels)[number];

export type BatchStates = Readonly<Record<StreamLabel, RandomState>>;

interface Row {
  readonly rendering: Rendering;
  readonly ids: readonly number[];
  readonly referenceIds: readonly number[];
}

/** Draws micro-batches. Each choice has its own random stream, so that a setting of one does not shift the others. */
export class BatchDrawer {
  readonly #set: TrainingSet;
  readonly #options: TrainStepOptions;
  readonly #schedule: NoiseSchedule;
  readonly #streams: Record<StreamLabel, RandomStream>;

  /** @throws InputError where there is nothing to draw, or a mask under which nothing counts */
  constructor(set: TrainingSet, options: TrainStepOptions, schedule: NoiseSchedule, seed: number) {
    requirePictures(set, options);
    this.#set = set;
    this.#options = options;
    this.#schedule = schedule;
    const create = (label: StreamLabel) => RandomStream.create(seed, `training ${label}`);
    this.#streams = mapStreams(create);
  }

  draw(): TrainBatch {
    const { batch, classRows, masked, anchor } = this.#options;
    const concept = batch - classRows;
    const rows = [
      ...Array.from({ length: concept }, () => this.#conceptRow()),
      ...Array.from({ length: classRows }, () => this.#classRow()),
    ];
    const latents = joinRows(rows.map(({ rendering }) => this.#sampleLatent(rendering)));
    const noise = this.#streams.noise.normal(latents.length);
    const { trainTimesteps } = this.#schedule.config;
    const timesteps = rows.map(() => this.#streams.timestep.integer(trainTimesteps));
    return {
      tokenIds: rows.map(({ ids }) => ids),
      referenceIds:
        anchor.kind === 'reference'
          ? rows.slice(0, concept).map(({ referenceIds }) => referenceIds)
          : undefined,
      noisyLatents: addNoise(this.#schedule, latents, noise, timesteps),
      timesteps,
      target: predictionTarget(this.#schedule, latents, noise, timesteps),
      mask: masked ? joinRows(rows.slice(0, concept).map((row) => this.#maskOf(row))) : undefined,
    };
  }

  states(): BatchStates {
    return mapStreams((label) => this.#streams[label].state());
  }

  restore(states: BatchStates): void {
    for (const label of streamLabels) this.#streams[label] = RandomStream.restore(states[label]);
  }

  #conceptRow(): Row {
    const rendering = this.#pick('rendering', this.#pick('photo', this.#set.photos));
    const { wordings = [], captionSuffix = '' } = rendering;
    const wording = wordings.length > 0 ? this.#pick('template', wordings) : '';
    const template = this.#pick('template', this.#set.templates);
    return { rendering, ...this.#set.conceptPrompt(template, wording, captionSuffix) };
  }

  #classRow(): Row {
    const rendering = this.#pick('rendering', this.#pick('photo', this.#set.classPictures));
    const ids = this.#set.classPrompt(this.#pick('template', this.#set.templates));
    return { rendering, ids, referenceIds: ids };
  }

  #pick<T>(label: StreamLabel, choices: readonly T[]): T {
    return choices[this.#streams[label].integer(choices.length)];
  }

  #sampleLatent({ mean, deviation }: Rendering): Float32Array {
    const noise = this.#streams.posterior.normal(mean.length);
    return mean.map((value, index) => value + deviation[index] * noise[index]);
  }

  #maskOf({ rendering }: Row): Float32Array {
    const { height, width } = this.#options;
    return rendering.mask ?? new Float32Array(height * width).fill(1);
  }
}

function requirePictures({ photos, classPictures }: TrainingSet, options: TrainStepOptions): void {
  if (photos.length === 0) throw new InputError('there are no photos to learn from: expected some');
  if (options.classRows > 0 && classPictures.length === 0) {
    throw new InputError('prior preservation needs pictures of the class: expected some');
  }
  const empty = photos.findIndex((photo) =>
    photo.some(({ mask }) => mask?.every((value) => value === 0)),
  );
  if (empty === -1) return;
  throw new InputError(
    `the mask of photo ${empty + 1} of ${photos.length}, by name, leaves nothing to learn: expected white where the concept is`,
  );
}

function mapStreams<T>(create: (label: StreamLabel) => T): Record<StreamLabel, T> {
  const [photo, rendering, posterior, timestep, noise, template] = streamLabels.map(create);
  return { photo, rendering, posterior, timestep, noise, template };
}
