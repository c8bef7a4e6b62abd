import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

test.each([
  ['a yaml', 'studio-v2.yaml', 'parameterization: "eps"\n', 'epsilon'],
  ['a JSON file', 'studio-v2.json', '{"scheduler": {"prediction_type": "epsilon"}}', 'epsilon'],
  ['a folder', 'studio', undefined, 'v_prediction'],
])('a single file is opened anew when %s appears beside it', (_, name, text, prediction) => {
  const folder = path(`beside-${name}`);
  const model = join(folder, 'studio-v2.safetensors');
  cpSync(committedGolden('tiny-sd2-ldm-fp16.safetensors'), model);
  const opened = cachedCheckpoint({ model });
  expect(cachedCheckpoint({ model })).toBe(opened);
  expect(opened.configs.scheduler.predictionType).toBe('v_prediction');
  if (text) writeFileSync(join(folder, name), text);
  else cpSync(committedGolden('tiny-sd2'), join(folder, name), { recursive: true });
  const again = cachedCheckpoint({ model });
  expect(again).not.toBe(opened);
  expect(again.configs.scheduler.predictionType).toBe(prediction);
  if (!text) expect(again.assumptions[0]).toContain(join(folder, name));
});
