import { quickGelu } from '../nn/activations.ts';
import { attention } from '../nn/attention.ts';
import { linear } from '../nn/linear.ts';
import { layerNorm } from '../nn/norm.ts';
import { type Weights, within } from '../nn/weights.ts';
import { add } from '../tensor/ops/add.ts';
import { gelu } from '../tensor/ops/gelu.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ClipEncoderConfig } from './clipConfig.ts';

/**
 * CLIP's stack of pre-norm transformer layers (CLIPEncoder of transformers 4.31) on [batch, tokens, hiddenSize].
 *
 * @param weights of the encoder: keys begin with `layers.`
 * @param mask added to the attention scores; broadcasts to [batch, heads, tokens, tokens]
 * @returns hidden states: 0 is the input, k the output of layer k
 */
export function clipEncoder(
  weights: Weights,
  config: ClipEncoderConfig,
  hidden: Tensor,
  mask?: Tensor,
): Tensor[] {
  const hiddenStates = [hidden];
  for (let layer = 0; layer < config.hiddenLayers; layer++) {
    const own = within(weights, `layers.${layer}`);
    hiddenStates.push(encoderLayer(own, config, hiddenStates[layer], mask));
  }
  return hiddenStates;
}

function encoderLayer(
  weights: Weights,
  config: ClipEncoderConfig,
  x: Tensor,
  mask: Tensor | undefined,
): Tensor {
  const normalized = layerNorm(weights, 'layer_norm1', x, config.layerNormEps);
  const attended = add(x, selfAttention(within(weights, 'self_attn'), config, normalized, mask));
  const activation = config.hiddenAct === 'gelu' ? gelu : quickGelu;
  let hidden = layerNorm(weights, 'layer_norm2', attended, config.layerNormEps);
  hidden = activation(linear(weights, 'mlp.fc1', hidden, config.intermediateSize));
  return add(attended, linear(weights, 'mlp.fc2', hidden, config.hiddenSize));
}

function selfAttention(
  weights: Weights,
  config: ClipEncoderConfig,
  x: Tensor,
  mask: Tensor | undefined,
): Tensor {
  const project = (key: string, from: Tensor) => linear(weights, key, from, config.hiddenSize);
  const [query, key, value] = ['q_proj', 'k_proj', 'v_proj'].map((name) => project(name, x));
  return project('out_proj', attention(query, key, value, config.attentionHeads, mask).output);
}
