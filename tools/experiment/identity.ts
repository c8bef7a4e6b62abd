import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError } from '../../src-shared/inputError.ts';

/**
 * Scores of two experiments must not meet in one table: a folder is of one model and one plan.
 *
 * @throws InputError where the folder holds the results of another
 */
export async function requireSameExperiment(
  folder: string,
  model: string,
  plan: object,
): Promise<void> {
  const file = join(folder, 'experiment.json');
  const weights = join(model, 'unet', 'diffusion_pytorch_model.safetensors');
  const described = `${JSON.stringify({ weights: await digest(weights), ...plan }, null, 2)}\n`;
  if (!existsSync(file)) writeFileSync(file, described);
  else if (readFileSync(file, 'utf8') !== described) {
    throw new InputError(
      `${folder} holds results of other weights or settings (${file}): give another --out`,
    );
  }
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
