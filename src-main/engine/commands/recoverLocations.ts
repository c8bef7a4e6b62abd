import { InputError } from '../../../src-shared/inputError.ts';
import type { Layout, LayoutPrior } from '../../../src-shared/layout.ts';
import { readConcept } from '../concepts/conceptFile.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { encodePrompts } from '../diffusion/networks.ts';
import { RandomStream } from '../diffusion/random.ts';
import { openSafetensors, readTensor } from '../files/safetensors.ts';
import { writeSafetensors } from '../files/writeSafetensors.ts';
import { createAdamW } from '../inversion/adamW.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { type ConceptWord, pretrainedText } from '../spatial/layoutPrior.ts';
import {
  createLocationRecovery,
  drawBoxes,
  type LocationRecovery,
  likeliestBoxes,
  locationRecoveryTensors,
  readLocationRecovery,
} from '../spatial/locationRecovery.ts';
import {
  createLocationPredictor,
  examplesOfPrior,
  type LocationExample,
  trainLocationRecovery,
} from '../spatial/locationTraining.ts';
import { phraseOccurrences } from '../spatial/tokenPositions.ts';
import { type CommandContext, createPhase } from './context.ts';
import { withModel } from './openModel.ts';

/** Width of the network's hidden layer: that of the released code. */
const features = 64;

/** Fits the location-recovery network to harvested layouts and writes it. */
export async function recoverLocations(
  params: EngineParams<'recoverLocations'>,
  context: CommandContext,
): Promise<EngineAnswer<'recoverLocations'>> {
  const objects = commonObjectCount(params.priors);
  return withModel(params, context, async ({ model }) => {
    const words = params.concepts.map((path) => readConcept(path).description);
    const examples: LocationExample[] = [];
    for (const prior of params.priors) {
      examples.push(...examplesOfPrior(prior, await readPrompt(model, prior, words)));
    }
    const recovery = createLocationRecovery(
      { ...sequenceOf(model), objects, features },
      examples.map(({ boxes }) => boxes),
      RandomStream.create(params.seed, 'location start'),
    );
    const loss = await fitNetwork(model, recovery, examples, params, context);
    const { tensors, metadata } = locationRecoveryTensors(recovery);
    writeSafetensors(params.out, tensors, metadata);
    return { objects, examples: examples.length, loss };
  });
}

function commonObjectCount(priors: readonly LayoutPrior[]): number {
  const [{ objects, prompt }] = priors;
  const other = priors.find((prior) => prior.objects.length !== objects.length);
  if (!other) return objects.length;
  throw new InputError(
    `"${prompt}" places ${objects.length} things, "${other.prompt}" ${other.objects.length}: one network places the same number everywhere; recover them apart`,
  );
}

async function fitNetwork(
  model: DiffusionModel,
  recovery: LocationRecovery,
  examples: readonly LocationExample[],
  { steps, learningRate, seed }: EngineParams<'recoverLocations'>,
  context: CommandContext,
): Promise<number> {
  const { parameters } = recovery;
  const optimizer = createAdamW([{ parameters, learningRate, weightDecay: 0 }]);
  const phase = createPhase(context, 'learning places', steps);
  let last = Number.NaN;
  await trainLocationRecovery({
    recovery,
    examples,
    compile: model.compile,
    optimise: (gradients) => optimizer.step(gradients),
    random: RandomStream.create(seed, 'location batches'),
    steps,
    onStep: (step, loss) => {
      last = loss;
      phase.finish(step + 1, { loss });
    },
    signal: context.signal,
  });
  return last;
}

/**
 * The layout that a network proposes for a prompt: its likeliest boxes, or some drawn by a seed.
 *
 * @throws InputError where the file is no such network, or was made for another model or number of objects
 */
export async function recoveredLayout(
  model: DiffusionModel,
  path: string,
  request: {
    readonly prompt: string;
    readonly objects: readonly string[];
    readonly concepts: readonly ConceptWord[];
    /** Draws the boxes; the likeliest ones where absent. */
    readonly random?: RandomStream;
  },
): Promise<Layout> {
  const recovery = requireFittingRecovery(model, path, request.objects);
  const { hiddenStates, positions } = await readPrompt(model, request, request.concepts);
  const predictor = await createLocationPredictor(model.compile, recovery);
  const proposal = await predictor.predict(hiddenStates, positions);
  await predictor.release();
  const boxes = request.random ? drawBoxes(proposal, request.random) : likeliestBoxes(proposal);
  return {
    objects: request.objects.map((phrase, index) => ({ phrase, boxes: [boxes[index]] })),
  };
}

/** @throws InputError where the file is no such network, or was made for another model or number of objects */
export function requireFittingRecovery(
  model: Pick<DiffusionModel, 'configs'>,
  path: string,
  objects: readonly string[],
): LocationRecovery {
  const recovery = openRecovery(path);
  requireFit(model, path, recovery, objects);
  return recovery;
}

function openRecovery(path: string): LocationRecovery {
  const file = openSafetensors(path);
  const tensors = [...file.tensors.keys()].map((key) => [key, readTensor(file, key)] as const);
  return readLocationRecovery(path, new Map(tensors), file.metadata);
}

function requireFit(
  model: Pick<DiffusionModel, 'configs'>,
  path: string,
  { config }: LocationRecovery,
  objects: readonly string[],
): void {
  const { tokens, hiddenSize } = sequenceOf(model);
  if (config.hiddenSize !== hiddenSize || config.tokens !== tokens) {
    throw new InputError(
      `${path} was made for a text encoder of width ${config.hiddenSize}, this one has ${hiddenSize}: use the model it was made with`,
    );
  }
  if (config.objects === objects.length) return;
  throw new InputError(
    `${path} places ${config.objects} things, the prompt has ${objects.length} (${objects.join(', ')}): name them with --objects`,
  );
}

function sequenceOf({ configs }: Pick<DiffusionModel, 'configs'>) {
  const { maxPositionEmbeddings: tokens, hiddenSize } = configs.textEncoder;
  return { tokens, hiddenSize };
}

/** Hidden states of a prompt, in words that the model knows, and the tokens of each of its objects. */
async function readPrompt(
  model: DiffusionModel,
  named: { readonly prompt: string; readonly objects: readonly string[] },
  concepts: readonly ConceptWord[],
): Promise<Omit<LocationExample, 'boxes'>> {
  const { tokenizer } = model;
  const prompt = pretrainedText(named.prompt, concepts);
  const positions = named.objects.map((phrase) =>
    phraseOccurrences(tokenizer, prompt, pretrainedText(phrase, concepts)).flat(),
  );
  return { hiddenStates: await encodePrompts(model, [prompt]), positions };
}
