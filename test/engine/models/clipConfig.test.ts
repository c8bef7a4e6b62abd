import { describe, expect, test } from 'vitest';
import { expectedClipWeights } from '../../../src-main/engine/checkpoint/expectedWeights.ts';
import {
  parseClipConfig,
  parsePreprocessorConfig,
} from '../../../src-main/engine/models/clipConfig.ts';
import { ConfigError } from '../../../src-main/engine/models/configKeys.ts';
import { parseDetectorConfig } from '../../../src-main/engine/models/detectorConfig.ts';

/** What openai/clip-vit-large-patch14 says of itself, as far as it matters. */
const large = {
  model_type: 'clip',
  projection_dim: 768,
  text_config: {
    ...{ hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12 },
    ...{ num_hidden_layers: 12, max_position_embeddings: 77, vocab_size: 49408 },
    ...{ hidden_act: 'quick_gelu', layer_norm_eps: 1e-5, model_type: 'clip_text_model' },
  },
  text_config_dict: { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12 },
  vision_config: {
    ...{ hidden_size: 1024, intermediate_size: 4096, num_attention_heads: 16 },
    ...{ num_hidden_layers: 24, image_size: 224, patch_size: 14, num_channels: 3 },
    ...{ hidden_act: 'quick_gelu', layer_norm_eps: 1e-5, model_type: 'clip_vision_model' },
  },
  vision_config_dict: null,
};

describe('CLIP', () => {
  test('as published has the weights that its file has', () => {
    const weights = expectedClipWeights(parseClipConfig(large, 'config.json'));
    // The file's 590 tensors without logit_scale and both position_ids, which some versions of it have.
    expect(weights.size).toBe(589);
    expect(weights.get('vision_model.embeddings.patch_embedding.weight')).toEqual([
      1024, 3, 14, 14,
    ]);
    expect(weights.get('vision_model.embeddings.position_embedding.weight')).toEqual([257, 1024]);
    expect(weights.get('vision_model.embeddings.class_embedding')).toEqual([1024]);
    expect(weights.get('vision_model.pre_layrnorm.weight')).toEqual([1024]);
    expect(weights.get('vision_model.encoder.layers.23.mlp.fc1.weight')).toEqual([4096, 1024]);
    expect(weights.get('text_model.embeddings.token_embedding.weight')).toEqual([49408, 768]);
    expect(weights.get('visual_projection.weight')).toEqual([768, 1024]);
    expect(weights.get('text_projection.weight')).toEqual([768, 768]);
  });

  test('has the defaults of ViT-B/32 where a configuration is silent', () => {
    const { text, vision, projectionSize } = parseClipConfig({}, 'config.json');
    expect(text).toMatchObject({ hiddenSize: 512, hiddenLayers: 12, attentionHeads: 8 });
    expect(vision).toMatchObject({ hiddenSize: 768, imageSize: 224, patchSize: 32 });
    expect(projectionSize).toBe(512);
  });

  test('takes the older name of a part where both are there', () => {
    const json = { text_config: { hidden_size: 8 }, text_config_dict: { hidden_size: 16 } };
    expect(parseClipConfig(json, 'f').text.hiddenSize).toBe(16);
  });

  test.each([
    [{ model_type: 'siglip' }, 'f: model_type is "siglip": not supported by Tessera'],
    [{ projection_dim: 0 }, 'f: projection_dim is 0: expected a number above 0'],
    [{ vision_config: [] }, 'f: vision_config is []: expected an object'],
    [{ vision_config: { num_channels: 1 } }, 'f: vision_config: num_channels is 1: not supported'],
    [{ vision_config: { num_attention_heads: 7 } }, 'num_attention_heads is 7: expected a divisor'],
    [{ vision_config: { patch_size: 500 } }, 'patch_size is 500: expected at most image_size, 224'],
    [{ vision_config: { num_hidden_layers: 1e7 } }, 'expected at most 1000'],
    [
      { text_config: { hidden_act: 'relu' } },
      'f: text_config: hidden_act is "relu": not supported',
    ],
  ])('refuses %j', (json, message) => {
    expect(() => parseClipConfig(json, 'f')).toThrow(ConfigError);
    expect(() => parseClipConfig(json, 'f')).toThrow(message);
  });
});

describe('preprocessing', () => {
  test.each([
    [{}],
    [{ size: 224, crop_size: 224, resample: 3, do_resize: true }],
    [{ size: { shortest_edge: 224 }, crop_size: { height: 224, width: 224 } }],
    [{ do_rescale: true, rescale_factor: 0.00392156862745098 }],
  ])('%j is that of openai/CLIP', (json) => {
    const { imageSize, mean, deviation } = parsePreprocessorConfig(json, 'f');
    expect(imageSize).toBe(224);
    expect(mean[0]).toBe(0.48145466);
    expect(deviation[2]).toBe(0.27577711);
  });

  test.each([
    [{ resample: 2 }, 'f: resample is 2: not supported by Tessera, expected 3'],
    [
      { size: 256 },
      'f: size is 256: not supported by Tessera, expected the same side as crop_size',
    ],
    [{ size: { height: 224, width: 200 } }, 'f: size is '],
    [{ image_std: [0, 1, 1] }, 'f: image_std.0 is 0: expected a number above 0'],
    [{ image_mean: [0.5] }, 'f: image_mean is [0.5]: expected three numbers'],
    [{ do_center_crop: false }, 'f: do_center_crop is false'],
    [{ rescale_factor: 1 }, 'f: rescale_factor is 1: not supported by Tessera, expected 1 / 255'],
  ])('refuses %j', (json, message) => {
    expect(() => parsePreprocessorConfig(json, 'f')).toThrow(ConfigError);
    expect(() => parsePreprocessorConfig(json, 'f')).toThrow(message);
  });
});

describe('detector', () => {
  const right = {
    ...{ model_type: 'center_detector', class_names: ['cat', 'dog'], image_size: 64 },
    ...{ channels: [32, 64, 96], layers_per_block: 1, norm_num_groups: 8, norm_eps: 1e-5 },
    ...{ score_threshold: 0.4, overlap_threshold: 0.4 },
  };

  test('is read', () => {
    expect(parseDetectorConfig(right, 'f')).toMatchObject({
      classNames: ['cat', 'dog'],
      scoreThreshold: 0.4,
    });
  });

  test.each([
    [{ model_type: 'yolo' }, 'f: model_type is "yolo": expected "center_detector"'],
    [{ class_names: ['cat', 'cat'] }, 'class_names is ["cat","cat"]: expected every class once'],
    [{ class_names: undefined }, 'f: class_names is absent: expected a list of texts'],
    [{ image_size: 60 }, 'image_size is 60: expected a multiple of 8'],
    [{ norm_num_groups: 5 }, 'norm_num_groups is 5: expected a divisor of each of 32,64,96'],
    [{ channels: [32, 64] }, 'channels is [32,64]: expected three numbers'],
    [{ score_threshold: 1.5 }, 'score_threshold is 1.5: expected below 1'],
  ])('refuses %j', (change, message) => {
    expect(() => parseDetectorConfig({ ...right, ...change }, 'f')).toThrow(ConfigError);
    expect(() => parseDetectorConfig({ ...right, ...change }, 'f')).toThrow(message);
  });
});
