import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goldenRoot, temporaryFolder, verify, withStatus } from './verification.ts';

/** A reference of concepts alone, to be spoiled, as it stands beside a golden folder. */
function copyConcepts(): { readonly folder: string; readonly path: (name: string) => string } {
  const root = temporaryFolder('reference');
  const folder = join(root, 'tiny-sd1-golden');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.json'), '{"files": {}}');
  cpSync(join(goldenRoot, 'concepts'), join(root, 'concepts'), { recursive: true });
  return { folder, path: (name) => join(root, 'concepts', name) };
}

const verifyCopy = (folder: string, model = 'tiny-sd1') => verify(model, folder, ['concepts']);

describe('concepts of other programs', () => {
  test('are told where the index leaves them out, or they are not there', async () => {
    const { folder, path } = copyConcepts();
    cpSync(path('a1111.pt'), path('new.pt'));
    rmSync(path('learned_embeds.bin'));
    const { byName } = await verifyCopy(folder);
    expect(byName.get('concepts/new.pt')?.detail).toBe('no index describes it');
    expect(byName.get('concepts/learned_embeds.bin')?.detail).toBe(
      'learned_embeds.bin is not there',
    );
    expect(byName.get('concepts/a1111.pt')?.status).toBe('passed');
  });

  test('fail where they hold other values, or are read although they must not be', async () => {
    const { folder, path } = copyConcepts();
    cpSync(path('a1111.pt'), path('a1111-fp16.pt'));
    cpSync(path('modifier-token.bin'), path('wrong-dim.bin'));
    const { results } = await verifyCopy(folder);
    expect(withStatus(results, 'failed').map(({ name }) => name)).toEqual([
      'concepts/a1111-fp16.pt',
      'concepts/wrong-dim.bin',
    ]);
  });

  test('of another model are not compared', async () => {
    const { results } = await verifyCopy(copyConcepts().folder, 'tiny-sd2-ldm-fp16.safetensors');
    expect(results).toMatchObject([
      { name: 'concepts', status: 'unsupported', detail: 'its numbers are those of tiny-sd1' },
    ]);
  });
});
