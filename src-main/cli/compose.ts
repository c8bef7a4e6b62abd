import { Command } from 'commander';
import type { CallInput, CallOutput, PictureReport } from '../../src-shared/api.ts';
import {
  addCommonOptions,
  addDeviceOptions,
  addModelOptions,
  addSamplingOptions,
  type CommonOptions,
  collect,
  filled,
  layout,
  list,
  number,
} from './options.ts';
import { formatDuration } from './reporter.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

interface ComposeOptions extends CommonOptions, Omit<CallInput<'composePreview'>, 'concepts'> {
  readonly concept?: string[];
  readonly layoutSamples?: number;
}

const help = `
A layout says where the things of a prompt belong; the attention of their words is led there (spatial inversion).
Boxes are left, top, right, bottom, from 0 to 1:
  {"objects": [{"phrase": "<my-cat> cat", "boxes": [[0.05, 0.3, 0.5, 0.95]]},
               {"phrase": "backpack", "boxes": [[0.55, 0.35, 0.95, 0.9]]}]}
"--layout auto" asks the model where it would put them; "tessera help recover" tells how to learn it once.

Examples:
  One picture:
    tessera compose --model stable-diffusion-v1-5 --concept my-cat.safetensors \\
      --prompt "a <my-cat> cat and a backpack" --layout layout.json --out picture.png
  What the method changes, from the same seed: plain, semantic, spatial, both. Needs a concept that was trained
  with --compare:
    tessera compose ... --compare --out sheet.png
  Two concepts in one picture:
    tessera compose ... --concept my-cat.safetensors --concept my-bag.safetensors \\
      --prompt "a <my-cat> cat beside a <my-bag> bag" --out picture.png

The PNG holds its settings as text, as other programs write them.
Exit codes: 0 done, 1 failed, 2 something given cannot be used, 130 stopped.`;

export function composeCommand(): Command {
  const command = new Command('compose').description(
    'make a picture of a prompt with trained concepts',
  );
  addModelOptions(command)
    .option('--concept <file>', 'a trained concept; may be given several times', collect)
    .requiredOption(
      '--prompt <text>',
      'what the picture shows; names each concept by its token',
      filled,
    )
    .requiredOption('--out <file>', 'the picture, a .png file')
    .option('--negative <text>', 'what the picture should not show')
    .option(
      '--layout <file>',
      'where things belong: a layout, harvested or recover file, or auto',
      layout,
    )
    .option('--layout-samples <n>', 'pictures sampled for --layout auto (default: 4)', number)
    .option('--shuffle-layout', 'of sampled layouts take one by the seed, not their middle')
    .option('--objects <words>', 'things that --layout auto places, divided by commas', list)
    .option('--layout-loss <name>', 'layout, or box, which shapes edges too (default: layout)')
    .option('--layout-updates <n>', 'at most per step (default: 5)', number)
    .option(
      '--layout-threshold <loss>',
      'no update below it (default: 0.2; the box loss, 0 to 4, is hardly ever below that)',
      number,
    )
    .option(
      '--guided-steps <n>',
      'first steps that follow the layout (default: a fifth of them)',
      number,
    )
    .option('--official', 'spatial inversion as the released code does it, to the letter')
    .option('--compare', 'plain, semantic, spatial and both, side by side')
    .option('--evaluators <folder>', 'networks that judge the pictures: clip, detector, or both')
    .option('--photos <folder>', 'of the concept, for the evaluators to compare with')
    .option('--karras', 'noise levels as Karras et al. space them, for lms, euler and dpmpp2m');
  addSamplingOptions(command);
  addDeviceOptions(command);
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((options: ComposeOptions, command: Command) =>
      runCommand(command, (session) => compose(options, session)),
    );
}

async function compose(
  { json: _, concept, layoutSamples, layout, ...rest }: ComposeOptions,
  { studio, reporter, options }: Session,
): Promise<number> {
  const sampled = layoutSamples === undefined ? {} : { samples: layoutSamples };
  const source = layout?.kind === 'auto' ? { ...layout, ...sampled } : layout;
  const input = { ...rest, concepts: concept ?? [], layout: source };
  const output = await studio.call('composePreview', input, options);
  reporter.result(output, comparisonLines(output));
  return exitCodes.ok;
}

/** What was made, a line per picture. */
export function comparisonLines({
  picture,
  pictures,
  seconds,
}: Pick<CallOutput<'composePreview'>, 'picture' | 'pictures' | 'seconds'>): string[] {
  const figures = pictures.map(describe).filter((line) => line !== '');
  return [`${picture}: made in ${formatDuration(seconds)}`, ...figures];
}

function describe(picture: PictureReport): string {
  const parts = [attentionOf(picture), evaluationOf(picture)].filter((part) => part !== '');
  return parts.length === 0 ? '' : `  ${picture.name}: ${parts.join('; ')}`;
}

function attentionOf({ attention, updates }: PictureReport): string {
  if (!attention) return '';
  const shares = attention.map(({ phrase, inside }) => `${phrase} ${Math.round(100 * inside)} %`);
  const moved = updates?.reduce((sum, count) => sum + count, 0);
  const guided = moved === undefined ? '' : `, after ${moved} updates of the latent`;
  return `attention in its box: ${shares.join(', ')}${guided}`;
}

function evaluationOf({ evaluation }: PictureReport): string {
  const { finds, textAlignment, imageAlignment } = evaluation ?? {};
  const seen = finds?.map(({ className }) => className).join(', ') || 'nothing';
  return [
    ...(finds ? [`detector sees ${seen}`] : []),
    ...(textAlignment === undefined ? [] : [`likeness to the prompt ${textAlignment.toFixed(2)}`]),
    ...(imageAlignment === undefined ? [] : [`to the photos ${imageAlignment.toFixed(2)}`]),
  ].join(', ');
}
