import { Command } from 'commander';
import { addCommonOptions, type CommonOptions } from './options.ts';
import { exitCodes, runCommand, type Session } from './run.ts';

interface ExportOptions extends CommonOptions {
  readonly out: string;
}

const help = `
Written are, as far as the concept has them:
  learned_embeds.safetensors                     its word: pipe.load_textual_inversion
  pytorch_lora_weights.safetensors               a LoRA: pipe.load_lora_weights
  pytorch_custom_diffusion_weights.safetensors   keys and values: pipe.unet.load_attn_procs, with its name as
                                                 weight_name, and _pipeline=pipe, or diffusers ignores them
  diffusion_pytorch_model.safetensors            the weights of a UNet that DreamBooth trained

Example:
  tessera export my-cat.safetensors --out my-cat-for-diffusers

Exit codes: 0 done, 1 failed, 2 something given cannot be used.`;

export function exportCommand(): Command {
  const command = new Command('export')
    .description('write a concept as diffusers and what reads its files have it')
    .argument('<concept>', 'a file that "tessera train" or "tessera import" wrote')
    .requiredOption('--out <folder>', 'for the files');
  return addCommonOptions(command)
    .addHelpText('after', help)
    .action((concept: string, options: ExportOptions, command: Command) =>
      runCommand(command, (session) => exportConcept(concept, options, session)),
    );
}

async function exportConcept(
  concept: string,
  { out }: ExportOptions,
  { studio, reporter, options }: Session,
): Promise<number> {
  const output = await studio.call('exportConcept', { concept, out }, options);
  reporter.result(output, output.files);
  return exitCodes.ok;
}
