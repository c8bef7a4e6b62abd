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
    Omit<CallInput<'importEmbedding'>, 'classWord' | 'embedding'> {
  readonly class: string;
}

const help = `
Taken are embeddings as diffusers (learned_embeds), kohya, AUTOMATIC1111, ComfyUI and the original programs write them,
for Stable Diffusion 1.x and 2.x: .safetensors, .pt, .bin, and the pictures in which AUTOMATIC1111 shares them. Of pickles
(.pt, .bin) only numbers are read, and nothing in them is run.

Examples:
  tessera import cute-cat.safetensors --model stable-diffusion-v1-5 --class cat --out my-cat.safetensors
  tessera compose --model stable-diffusion-v1-5 --concept my-cat.safetensors \\
    --prompt "a <cute-cat> cat on the beach" --out picture.png

Exit codes: 0 done, 1 failed, 2 something given cannot be used.`;

export function importCommand(): Command {
  const command = new Command('import')
    .description("make a concept of another program's textual inversion")
    .argument('<file>', 'an embedding: .safetensors, .pt, .bin or .png');
  addModelOptions(command)
    .requiredOption('--class <word>', 'what it is, such as "cat"')
    .requiredOption('--out <file>', 'the concept, a .safetensors file')
    .option('--token <word>', 'how prompts call it (default: what the file calls it)');
  addDeviceOptions(command);
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((embedding: string, options: ImportOptions) =>
      runCommand(options, (session) => importFile(embedding, options, session)),
    );
}

async function importFile(
  embedding: string,
  { json: _, class: classWord, ...rest }: ImportOptions,
  { studio, reporter, options }: Session,
): Promise<number> {
  const output = await studio.call('importEmbedding', { ...rest, classWord, embedding }, options);
  const { concept, token, vectors, drift } = output;
  reporter.result(output, [
    `${concept}: ${token}, ${vectors} ${vectors === 1 ? 'vector' : 'vectors'}`,
    ...(drift ? [`  ${driftFigures(drift).join(', ')}`] : []),
  ]);
  return exitCodes.ok;
}
