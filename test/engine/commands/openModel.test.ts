import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cachedCheckpoint, cachedTokenizer } from '../../../src-main/engine/commands/openModel.ts';
import { committedGolden } from '../../support/runCli.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const { path } = temporaryFolder();

test.each([
  'unet/diffusion_pytorch_model.safetensors',
  'unet/config.json',
  'scheduler/scheduler_config.json',
  'tokenizer/merges.txt',
])('a checkpoint is opened once, and anew when %s was written again', (file) => {
  const model = path(file.replaceAll('/', '-'));
  cpSync(committedGolden('tiny-sd1'), model, { recursive: true });
  const opened = cachedCheckpoint({ model });
  expect(cachedCheckpoint({ model })).toBe(opened);
  expect(cachedTokenizer(opened)).toBe(cachedTokenizer(opened));
  writeFileSync(`${model}/${file}`, readFileSync(`${model}/${file}`));
  const again = cachedCheckpoint({ model });
  expect(again).not.toBe(opened);
  expect(again.configs).toEqual(opened.configs);
});
