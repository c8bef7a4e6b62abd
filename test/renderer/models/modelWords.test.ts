import { describe, expect, test } from 'vitest';
import { adviceFor, dtypesText, parametersText } from '../../../src-renderer/models/modelWords.ts';

test.each([
  [1_066_235_307, '1.1 billion'],
  [859_520_964, '860 million'],
  [2_345_678, '2.3 million'],
  [12_345, '12,345'],
])('%i parameters are %s', (parameters, text) => {
  expect(parametersText(parameters)).toBe(text);
});

describe('kinds of numbers', () => {
  test('one is named alone', () => {
    expect(dtypesText({ F16: 686 })).toBe('float16');
  });

  test('several are told with their tensors, the most frequent first', () => {
    expect(dtypesText({ I64: 1, F16: 1130, U8: 3 })).toBe(
      'float16 (1,130 tensors), U8 (3 tensors), int64 (1 tensor)',
    );
  });
});

describe('advice', () => {
  test.each([
    ['model.safetensors is no longer where it was: put it back', 'are kept'],
    ['missing: model.diffusion_model.out.2.weight', 'incomplete'],
    ['it is a LoRA', 'Stable Diffusion 1 and 2'],
  ])('for %j', (problem, part) => {
    expect(adviceFor(problem)).toContain(part);
  });
});
