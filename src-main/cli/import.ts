import { Command } from 'commander';
import type { CallInput } from '../../src-shared/api.ts';
import { driftFigures } from './driftFigures.ts';
import {
  addCommonOptions,
  addDeviceOptions,
  addModelOptions,
  type CommonOptions,
} from './options.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

interface ImportOptions
  extends CommonOptions,
    Omit<CallInput<'importForeign'>, 'classWord' | 'file'> {
  readonly class: string;
}

const help = `
Taken are, for Stable Diffusion 1.x and 2.x:
  textual inversions of diffusers (learned_embeds), AUTOMATIC1111, kohya, ComfyUI, OneTrainer and the original program,
    .safetensors, .pt, .bin, and the .png pictures in which AUTOMATIC1111 shares them
  LoRAs of kohya (LoCon too), diffusers and PEFT, of the UNet and of the text encoder
  Custom Diffusion of diffusers (pytorch_custom_diffusion_weights), with --embedding for its word
Of pickles (.pt, .bin) the numbers are read and nothing is run.

A LoRA has no word of its own: the token stands for the class word in prompts. Words that the LoRA's author names belong
into the prompt as they are.

Examples:
  tessera import cute-cat.safetensors --model stable-diffusion-v1-5 --class cat --out my-cat.safetensors
  tessera compose --model stable-diffusion-v1-5 --concept my-cat.safetensors \\
    --prompt "a <cute-cat> cat on the beach" --out picture.png
  tessera import pytorch_custom_diffusion_weights.bin --embedding "<new1>.bin" --model stable-diffusion-v1-5 \\
    --class dog --out my-dog.safetensors

Exit codes: 0 done, 1 failed, 2 something given cannot be used.`;

export function importCommand(): Command {
  const command = new Command('import')
    .description('make a concept of what another program trained')
    .argument('<file>', 'a textual inversion, a LoRA or Custom Diffusion weights');
  addModelOptions(command)
    .requiredOption('--class <word>', 'what it is, such as "cat"')
    .requiredOption('--out <file>', 'the concept, a .safetensors file')
    .option('--token <word>', 'how prompts call it (default: what the file calls it)')
    .option(
      '--embedding <file>',
      'the word that weights were trained with, where it is a file of its own',
    );
  addDeviceOptions(command);
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((file: string, options: ImportOptions, command: Command) =>
      runCommand(command, (session) => importFile(file, options, session)),
    );
}

async function importFile(
  file: string,
  { json: _, class: classWord, ...rest }: ImportOptions,
  { studio, reporter, options }: Session,
): Promise<number> {
  const output = await studio.call('importForeign', { ...rest, classWord, file }, options);
  const { concept, token, vectors, drift } = output;
  reporter.result(output, [
    `${concept}: ${token}, ${vectors} ${vectors === 1 ? 'vector' : 'vectors'}`,
    ...(drift ? [`  ${driftFigures(drift).join(', ')}`] : []),
  ]);
  return exitCodes.ok;
}
