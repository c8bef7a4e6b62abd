import { Command } from 'commander';
import {
  type CallInput,
  type CallOutput,
  learningRateSchedules,
  type TrainedConcept,
} from '../../src-shared/api.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { comparisonLines } from './compose.ts';
import { driftFigures } from './driftFigures.ts';
import {
  addCommonOptions,
  addDeviceOptions,
  addModelOptions,
  anchors,
  type CommonOptions,
  filled,
  initializer,
  layout,
  number,
  picture,
  size,
} from './options.ts';
import { formatBytes, formatDuration, formatNumber } from './reporter.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

type Input = CallInput<'trainConcept'>;

interface Comparison {
  /** A path, or true for a name after --out. */
  readonly compare: string | true;
  readonly prompt?: string;
  readonly layout?: CallInput<'composePreview'>['layout'];
}

interface TrainOptions
  extends CommonOptions,
    Omit<Input, 'classWord' | 'bothWays'>,
    Partial<Comparison> {
  readonly class: string;
}

const help = `
The photos show one thing, the class word says what it is, and the token is the new word for it. Prompts name them
together: "a <my-cat> cat on the beach".

Anchors keep the new word among the words that the model knows (semantic inversion), so that it goes together with
others in a prompt:
  auto         a sparse mixture of the class word and its nearest neighbours, learned with the concept (the default)
  class-word   the class word alone, as in the released code of the paper
  fox,plush    the mixture may use these words too
  none         as the method was published

Methods:
  textual-inversion   only the new word is learned: a small file, the slowest to learn
  custom-diffusion    also the keys and values of cross-attention
  lora-dreambooth     a LoRA of the UNet's attention
  dreambooth          the whole UNet: a large file, and much memory

Examples:
  Train a word and see at once what it can do, plain, semantic, spatial and both:
    tessera train --model stable-diffusion-v1-5 --photos cat-photos --class cat --token "<my-cat>" \\
      --out my-cat.safetensors --compare my-cat.png --prompt "a <my-cat> cat and a backpack"
  Go on with a training that was stopped:
    tessera train ... --out my-cat.safetensors --resume
  Train on photos with cut-out masks of the same names, 3 vectors, larger steps:
    tessera train ... --masks cat-masks --vectors 3 --learning-rate 0.01

Ctrl-C stops after the current step and keeps a checkpoint.
Exit codes: 0 done, 1 failed, 2 something given cannot be used, 130 stopped.`;

export function trainCommand(): Command {
  const command = new Command('train').description('learn a new word from a folder of photos');
  addModelOptions(command)
    .requiredOption('--photos <folder>', '1 to 50 photos of the concept')
    .requiredOption('--class <word>', 'what it is, such as "cat"')
    .requiredOption('--token <word>', 'the new word, such as "<my-cat>"')
    .requiredOption('--out <file>', 'the concept, a .safetensors file')
    .option('--method <name>', 'see below (default: textual-inversion)')
    .option('--vectors <n>', 'rows that the word takes in a prompt (default: 1)', number)
    .option('--anchors <choice>', 'see below (default: auto; class-word with --official)', anchors)
    .option(
      '--anchor-weight <share>',
      'of the anchor in the loss, 0 to 1 (default: by method, 0.95 or 0.4)',
      number,
    )
    .option('--initializer <choice>', 'where rows start: class-word, cross, or words', initializer)
    .option('--official', 'the settings of the released scripts: more and larger steps')
    .option('--steps <n>', 'optimiser steps (default: by method, 300 to 500)', number)
    .option('--learning-rate <rate>', 'before --schedule (default: by method)', number)
    .option('--schedule <name>', learningRateSchedules.join(', '))
    .option('--warmup-steps <n>', 'steps in which the learning rate rises', number)
    .option('--schedule-cycles <n>', 'falls of cosine_with_restarts (default: 1)', number)
    .option('--schedule-power <n>', 'of polynomial (default: 1)', number)
    .option('--batch <n>', 'photos per pass (default: 1)', number)
    .option('--accumulate <n>', 'passes per optimiser step (default: 1)', number)
    .option('--rank <n>', 'of a LoRA (default: 4)', number)
    .option('--alpha <n>', 'a LoRA is scaled by alpha / rank (default: the rank)', number)
    .option(
      '--prior-images <n>',
      'pictures of the class that the model makes itself and must not forget (default: 0)',
      number,
    )
    .option(
      '--prior-weight <weight>',
      'of the loss on them, relative to that on the photos; with --official by itself (default: 1)',
      number,
    )
    .option('--masks <folder>', 'masks named like the photos: white counts, black does not')
    .option(
      '--masked-attention <weight>',
      "keeps the word's attention in the masks, such as 0.01",
      number,
    )
    .option(
      '--class-preserving <weight>',
      'keeps the concept in its class (ClassDiffusion)',
      number,
    )
    .option(
      '--directional',
      'learns the direction of the rows alone (at rate 0.01, or textual inversion at its own)',
    )
    .option('--size <WxH>', "of the training pictures (default: the model's own)", size)
    .option('--no-flip', 'for text and things that are not symmetric')
    .option('--skip-unreadable', 'leave photos out that cannot be read')
    .option('--seed <n>', 'the same seed gives the same concept (default: 0)', number)
    .option('--checkpoint-every <n>', 'steps between checkpoints (default: 100)', number)
    .option('--resume', 'go on from the last checkpoint')
    .option(
      '--compare [picture]',
      'train with and without anchors, and compose both side by side',
      picture,
    )
    .option(
      '--prompt <text>',
      'of the comparison (default: "a photo of a TOKEN CLASS and a backpack")',
      filled,
    )
    .option('--layout <file>', 'of the comparison: a layout file or auto (default: auto)', layout);
  addDeviceOptions(command);
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((options: TrainOptions, command: Command) =>
      runCommand(command, (session) => train(options, session)),
    );
}

async function train(
  { json: _, class: classWord, compare, prompt, layout, ...rest }: TrainOptions,
  session: Session,
): Promise<number> {
  const { studio, reporter, options } = session;
  const input = { ...rest, classWord, bothWays: compare !== undefined };
  const { token, out } = input;
  const comparison = compare && comparisonOf(input, { compare, prompt, layout });
  if (comparison) {
    const named = [{ token, classWord }];
    await studio.call('checkComposition', { ...comparison, named }, options);
  } else if (prompt !== undefined || layout) {
    throw new InputError(
      '--prompt and --layout are of the comparison: add --compare, or leave them out',
    );
  }
  const output = await studio.call('trainConcept', input, options);
  const preview =
    comparison &&
    (await studio.call('composePreview', { ...comparison, concepts: [out] }, options));
  const lines = [...summary(output), ...(preview ? comparisonLines(preview) : [])];
  reporter.result({ ...output, ...(preview && { comparison: preview }) }, lines);
  return exitCodes.ok;
}

/** The picture of both trainings, but for their files. */
function comparisonOf(
  { model, modelConfig, predictionType, device, precision, threads, seed, size, ...input }: Input,
  { compare, prompt, layout }: Comparison,
): Omit<CallInput<'composePreview'>, 'concepts'> {
  const { token, classWord, out } = input;
  return {
    ...{ model, modelConfig, predictionType, device, precision, threads, seed, size, layout },
    prompt: prompt ?? `a photo of a ${token} ${classWord} and a backpack`,
    compare: true,
    out: compare === true ? out.replace(/\.safetensors$/i, '.png') : compare,
  };
}

/** What came of a training, or of two. */
export function summary({
  trained,
  plain,
}: Pick<CallOutput<'trainConcept'>, 'trained' | 'plain'>): string[] {
  return [plain, trained].filter((one) => one !== undefined).flatMap(describe);
}

function describe({
  concept,
  steps,
  loss,
  drift,
  anchors,
  seconds,
  peakMemory,
  variant,
}: TrainedConcept) {
  const lines = [
    `${concept} (${variant}): ${steps} steps in ${formatDuration(seconds)}, loss ${formatNumber(loss)}, ${formatBytes(peakMemory)} of memory`,
  ];
  if (drift) lines.push(`  ${driftFigures(drift).join(', ')}`);
  const mixture = anchors.map(({ word, share }) => `${share.toFixed(2)} ${word}`).join(', ');
  if (mixture !== '') lines.push(`  anchors: ${mixture}`);
  return lines;
}
