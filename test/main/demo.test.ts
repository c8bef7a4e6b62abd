import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { jsonLines, runCli } from '../support/runCli.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const { path, files } = temporaryFolder();

test('the demo trains a sample both ways and leaves sheet, figures, concepts and layout', async () => {
  const options = ['--sample', 'bolt', '--object', 'umbrella', '--steps', '3', '--threads', '1'];
  const { code, stdout } = await runCli(['demo', ...options, '--json', '--out', path('demo')]);
  expect(code, stdout).toBe(0);
  expect(files('demo')).toEqual([
    'bolt.plain.safetensors',
    'bolt.safetensors',
    'demo.png',
    'layout.json',
    'metrics.json',
  ]);
  const { width = 0, height = 0 } = await sharp(path('demo/demo.png')).metadata();
  expect(Math.min(width, height)).toBeGreaterThan(1000);
  const { prompt, pictures } = JSON.parse(readFileSync(path('demo/metrics.json'), 'utf8'));
  expect(prompt).toBe('a <bolt> robot and an umbrella');
  expect(pictures.map(({ name }: { name: string }) => name)).toEqual([
    ...['plain', 'semantic', 'spatial', 'both'],
  ]);
  for (const { evaluation, attention } of pictures) {
    expect(evaluation.textAlignment).toBeGreaterThan(-1);
    expect(evaluation.imageAlignment).toBeLessThan(1);
    expect(evaluation.finds).toBeInstanceOf(Array);
    expect(attention).toHaveLength(2);
    expect(attention[0].heatMap.values).toHaveLength(64);
  }
  expect(jsonLines(stdout).some(({ event }) => event === 'progress')).toBe(true);
}, 180_000);

test('a sample that there is not is refused with those that there are', async () => {
  const { code, stderr } = await runCli(['demo', '--sample', 'nobody', '--out', path('none')]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/there is no sample "nobody", expected one of minka, bruno, /);
  expect(existsSync(path('none'))).toBe(false);
}, 60_000);
