import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { decodeUnscaled } from './autoencoderCases.ts';
import type { CaseReporter } from './caseReporter.ts';
import { encodePrompts, type VerificationContext } from './context.ts';
import { GoldenFile } from './goldenFile.ts';
import { predictAt } from './unetCases.ts';

/** "<checkpoint>-expected.safetensors": beside a single-file checkpoint, or in one of the given folders. */
export function expectedPath(
  { path, kind }: Checkpoint,
  folders: readonly string[],
): string | undefined {
  if (kind !== 'single-file') return undefined;
  const name = basename(path).replace(/\.safetensors$/, '-expected.safetensors');
  return [dirname(path), ...folders].map((folder) => join(folder, name)).find(existsSync);
}

/** expected: what the networks of this very single-file checkpoint give. */
export async function verifyExpected(
  { model, checkpoint, goldenFolder, sharedFolder }: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const path = expectedPath(checkpoint, [goldenFolder, sharedFolder]);
  if (path === undefined) return;
  const label = basename(path).replace(/\.safetensors$/, '');
  const file = cases.account(new GoldenFile(path, label));
  if (file.has('hidden')) {
    await cases.attempt({ name: `${label}/hidden`, file, keys: ['hidden'] }, async () => {
      cases.compare(file, 'hidden', await encodePrompts(model, file.idRows('ids')));
    });
  }
  for (const key of file.keys) {
    const timestep = /^unet\.t(\d+(?:\.\d+)?)$/.exec(key)?.[1];
    if (timestep === undefined) continue;
    await cases.attempt({ name: `${label}/${key}`, file, keys: [key] }, async () => {
      cases.compare(
        file,
        key,
        await predictAt(model, { file, key: 'x' }, Number(timestep), file.floats('hidden')),
      );
    });
  }
  if (file.has('vae.decoded')) {
    await cases.attempt({ name: `${label}/vae.decoded`, file, keys: ['vae.decoded'] }, async () => {
      cases.compare(file, 'vae.decoded', await decodeUnscaled(model, file, 'x'));
    });
  }
}
