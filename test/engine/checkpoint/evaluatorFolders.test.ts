import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  openClipFolder,
  openDetectorFolder,
} from '../../../src-main/engine/checkpoint/evaluatorFolders.ts';
import { openAlignmentMeter } from '../../../src-main/engine/commands/openEvaluators.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { compile } from '../../support/tinyModel.ts';
import { clipFolder, detectorFolder } from '../../support/toybox.ts';

const { path } = temporaryFolder();
const clip = path('clip');
const detector = path('detector');

beforeEach(() => {
  for (const [from, to] of [
    [clipFolder, clip],
    [detectorFolder, detector],
  ]) {
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true });
  }
});

const messageOf = (open: () => unknown): string => {
  try {
    open();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error instanceof Error ? error.message : '';
  }
  return 'opened';
};
const openBoth = () => [openClipFolder(clip), openDetectorFolder(detector)];
const change = (file: string, changes: Record<string, unknown>) => {
  const json: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...json, ...changes }));
};

test('the shipped folders open', () => {
  expect(messageOf(openBoth)).toBe('opened');
});

describe('one clear error names the file', () => {
  const files = [
    join(clip, 'config.json'),
    join(clip, 'preprocessor_config.json'),
    join(clip, 'model.safetensors'),
    join(detector, 'config.json'),
    join(detector, 'model.safetensors'),
  ];

  test.each(files)('that is missing: %s', (file) => {
    rmSync(file);
    const named = file.endsWith('.json') ? file : join(file, '..');
    expect(messageOf(openBoth)).toContain(named);
    expect(messageOf(openBoth)).toMatch(/no such file|no model.safetensors/);
  });

  test.each(files)('that is cut off: %s', (file) => {
    truncateSync(file, 100);
    expect(messageOf(openBoth)).toContain(file);
  });

  test.each(files)('that is no such file at all: %s', (file) => {
    writeFileSync(file, '<html>404</html>');
    expect(messageOf(openBoth)).toContain(file);
  });

  test('whose weights do not fit the configuration', () => {
    change(join(detector, 'config.json'), { channels: [16, 64, 128] });
    const message = messageOf(openBoth);
    expect(message).toContain(join(detector, 'model.safetensors'));
    expect(message).toContain('"conv_in.weight" is [32, 3, 3, 3], expected [16, 3, 3, 3]');
    expect(message).toContain('Use the configuration that belongs to this file');
  });

  test('whose pictures are of another size', () => {
    const sides = { size: 32, crop_size: 32 };
    change(join(clip, 'preprocessor_config.json'), sides);
    expect(messageOf(openBoth)).toContain('makes pictures of 32 pixels');
  });
});

describe('a tokenizer', () => {
  const opening = async () => {
    const meter = await openAlignmentMeter(clip, compile);
    await meter.release();
    return 'opened';
  };

  test('of the same model is needed', async () => {
    await expect(opening()).resolves.toBe('opened');
    change(join(clip, 'tokenizer_config.json'), { model_max_length: 77 });
    await expect(opening()).rejects.toThrow('77 tokens in a prompt, the text encoder takes 32');
    await expect(opening()).rejects.toThrow(InputError);
  });

  test('may have no more words than the encoder', async () => {
    writeFileSync(join(clip, 'added_tokens.json'), JSON.stringify({ '<new>': 5000 }));
    await expect(opening()).rejects.toThrow('the tokenizer has 5001 words, the text encoder takes');
  });

  test('that is missing is named', async () => {
    rmSync(join(clip, 'vocab.json'));
    await expect(opening()).rejects.toThrow(join(clip, 'vocab.json'));
  });
});
