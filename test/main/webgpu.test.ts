import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { committedGolden, jsonLines, runCli } from '../support/runCli.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { toyboxFolder } from '../support/toybox.ts';

/** The software renderer that comes with Debian's Chromium, SwiftShader: slow, and right. */
const renderer = '/usr/lib/chromium/vk_swiftshader_icd.json';
const environment = { VK_ICD_FILENAMES: renderer, LD_LIBRARY_PATH: dirname(renderer) };
/** A minute or two, most of it the compilation of shaders. */
const timeout = 400_000;
const { path } = temporaryFolder();

describe.skipIf(!existsSync(renderer))('WebGPU, on a software renderer', () => {
  test('gradients of keys and values are those of the reference', { timeout }, async () => {
    const golden = ['tiny-sd1', 'tiny-sd1-golden'].map(committedGolden);
    const options = ['--device', 'webgpu', '--only', 'grad_cd', '--json'];
    const { code, stdout, stderr } = await runCli(['verify', ...golden, ...options], environment);
    const result = jsonLines(stdout).find(({ event }) => event === 'result');
    expect(result, stderr).toMatchObject({ failed: 0, unsupported: 0 });
    expect(result?.passed).toBeGreaterThan(30);
    expect(code).toBe(0);
  });

  test('the built-in model paints the same picture as on the processor', { timeout }, async () => {
    const paint = async (device: string) => {
      const out = path(`${device}.png`);
      const prompt = ['--model', toyboxFolder, '--prompt', 'a red cat on the beach', '--out', out];
      const sampling = ['--steps', '2', '--sampler', 'ddim', '--seed', '3', '--device', device];
      const { code, stderr } = await runCli(['compose', ...prompt, ...sampling], environment);
      expect(code, stderr).toBe(0);
      return sharp(out).raw().toBuffer();
    };
    const [processor, card] = [await paint('cpu'), await paint('webgpu')];
    const worst = processor.reduce(
      (most, level, i) => Math.max(most, Math.abs(level - card[i])),
      0,
    );
    expect(worst).toBeLessThanOrEqual(1);
  });
});
