import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseTextEncoderConfig } from '../../../src-main/engine/models/clipConfig.ts';
import { parseAutoencoderConfig, parseUNetConfig } from '../../../src-main/engine/models/config.ts';
import { ConfigError } from '../../../src-main/engine/models/configKeys.ts';
import { parseSchedulerConfig } from '../../../src-main/engine/models/schedulerConfig.ts';
import { goldenPath } from '../../support/golden.ts';

function readJson(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(goldenPath(name)!, 'utf8'));
}

describe('head counts', () => {
  test('attention_head_dim is the number of heads, once or per level', () => {
    const sd1 = parseUNetConfig(readJson('tiny-sd1/unet/config.json'), 'sd1');
    expect(sd1.attentionHeads).toEqual([8, 8, 8, 8]);
    const sd2 = parseUNetConfig(readJson('tiny-sd2/unet/config.json'), 'sd2');
    expect(sd2.attentionHeads).toEqual([2, 4, 4, 4]);
    expect(sd2.useLinearProjection).toBe(true);
  });

  test('num_attention_heads goes before it, null does not', () => {
    const heads = { attention_head_dim: 4, num_attention_heads: [5, 10, 20, 20] };
    expect(parseUNetConfig(heads, 'f').attentionHeads).toEqual([5, 10, 20, 20]);
    const none = { attention_head_dim: 4, num_attention_heads: null };
    expect(parseUNetConfig(none, 'f').attentionHeads).toEqual([4, 4, 4, 4]);
  });

  test('levels without attention need not divide', () => {
    const config = {
      block_out_channels: [12, 16],
      down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D'],
      up_block_types: ['CrossAttnUpBlock2D', 'UpBlock2D'],
      norm_num_groups: 4,
      attention_head_dim: 8,
    };
    expect(parseUNetConfig(config, 'f').attentionHeads).toEqual([8, 8]);
    const up = { ...config, up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'] };
    expect(() => parseUNetConfig(up, 'f')).toThrow(
      "f: attention_head_dim (heads of level 0) is 8: expected a divisor of the level's 12 channels",
    );
  });
});

test('defaults are those of diffusers and transformers', () => {
  expect(parseAutoencoderConfig(readJson('tiny-sd1/vae/config.json'), 'f').scalingFactor).toBe(
    0.18215,
  );
  expect(
    parseAutoencoderConfig({ scaling_factor: 0.5, block_out_channels: [32] }, 'f').scalingFactor,
  ).toBe(0.5);
  expect(parseUNetConfig({}, 'f')).toMatchObject({ normNumGroups: 32, crossAttentionDim: 1280 });
  expect(parseTextEncoderConfig({}, 'f')).toMatchObject({
    hiddenAct: 'quick_gelu',
    hiddenLayers: 12,
  });
  expect(parseSchedulerConfig({}, 'f')).toMatchObject({
    betaSchedule: 'linear',
    predictionType: 'epsilon',
    sampling: { stepsOffset: 0, clipSampleRange: 1, skipPrkSteps: false, setAlphaToOne: undefined },
  });
});

test('values that say nothing else are accepted', () => {
  expect(parseUNetConfig({ sample_size: [64, 96] }, 'f').sampleSize).toBe(64);
  expect(() => parseUNetConfig({ sample_size: [64] }, 'f')).toThrow(
    'sample_size is [64]: expected',
  );
  expect(parseAutoencoderConfig({ shift_factor: 0 }, 'f').scalingFactor).toBe(0.18215);
});

describe('what would need other code is refused by name', () => {
  const cases: readonly (readonly [object, string])[] = [
    [
      { addition_embed_type: 'text_time' },
      'addition_embed_type is "text_time": not supported by Tessera',
    ],
    [{ class_embed_type: 'timestep' }, 'class_embed_type is "timestep": not supported'],
    [{ num_class_embeds: 10 }, 'num_class_embeds is 10: not supported'],
    [
      { only_cross_attention: [true, false] },
      'only_cross_attention is [true,false]: not supported',
    ],
    [
      { dual_cross_attention: true },
      'dual_cross_attention is true: not supported by Tessera, expected false',
    ],
    [
      { transformer_layers_per_block: [1, 2, 10] },
      'transformer_layers_per_block is [1,2,10]: not supported',
    ],
    [{ act_fn: 'gelu' }, 'act_fn is "gelu": not supported by Tessera, expected "silu" or "swish"'],
    [{ time_cond_proj_dim: 256 }, 'time_cond_proj_dim is 256: not supported'],
    [{ cross_attention_dim: [768, 1024] }, 'cross_attention_dim is [768,1024]: not supported'],
    [
      { down_block_types: ['DownBlock2D', 'AttnDownBlock2D'] },
      'down_block_types.1 is "AttnDownBlock2D": not supported by Tessera, expected "CrossAttnDownBlock2D" or "DownBlock2D"',
    ],
    [{ down_block_types: ['DownBlock2D'] }, 'expected 4 entries, one per level, found 1'],
    [{ attention_head_dim: [8, 8] }, 'attention_head_dim is [8,8]: expected 4 entries'],
    [{ attention_head_dim: 7 }, 'attention_head_dim (heads of level 0) is 7: expected a divisor'],
    [
      { norm_num_groups: 48 },
      "norm_num_groups is 48: expected a divisor of every level's channels, 320",
    ],
    [{ norm_eps: '1e-5' }, 'norm_eps is "1e-5": expected a number'],
    [{ in_channels: 0 }, 'in_channels is 0: expected a number above 0'],
    [{ in_channels: 4.5 }, 'in_channels is 4.5: expected a whole number'],
    [{ block_out_channels: [] }, 'block_out_channels is []: expected at least one level'],
    [{ layers_per_block: 1e9 }, 'layers_per_block is 1000000000: expected at most 1000'],
  ];

  test.each(cases)('%j', (json, message) => {
    expect(() => parseUNetConfig(json, 'unet/config.json')).toThrow(ConfigError);
    expect(() => parseUNetConfig(json, 'unet/config.json')).toThrow('unet/config.json: ');
    expect(() => parseUNetConfig(json, 'unet/config.json')).toThrow(message);
  });

  test('in the other parts too', () => {
    expect(() => parseTextEncoderConfig({ model_type: 't5' }, 'f')).toThrow(
      'f: model_type is "t5"',
    );
    expect(() => parseTextEncoderConfig({ hidden_act: 'relu' }, 'f')).toThrow(
      'f: hidden_act is "relu": not supported by Tessera, expected "quick_gelu" or "gelu"',
    );
    expect(() => parseTextEncoderConfig({ num_attention_heads: 7 }, 'f')).toThrow(
      'f: num_attention_heads is 7: expected a divisor of hidden_size, 512',
    );
    expect(() => parseAutoencoderConfig({ shift_factor: 0.1 }, 'f')).toThrow(
      'f: shift_factor is 0.1',
    );
    expect(() => parseSchedulerConfig({ prediction_type: 'sample' }, 'f')).toThrow(
      'f: prediction_type is "sample": not supported by Tessera, expected "epsilon" or "v_prediction"',
    );
    expect(() => parseSchedulerConfig({ trained_betas: [0.1] }, 'f')).toThrow(
      'expected 1000 entries, one per timestep, found 1',
    );
    expect(() => parseUNetConfig([], 'f')).toThrow('f: expected a JSON object');
  });
});
